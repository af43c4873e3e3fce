import { formatType } from '../shape.js';
import { type FusedAttrs, fusedOp } from './fusedOp.js';
import { bytesOf } from './graph.js';
import type { Launch, Plan } from './plan.js';

const formatBytes = (bytes: number): string => {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let unit = 0;
  for (; bytes >= 1024 && unit < units.length - 1; unit++) bytes /= 1024;
  return `${Number.isInteger(bytes) ? bytes : bytes.toFixed(1)} ${units[unit]}`;
};

/** Bytes of the operands as they are seen: an element that is broadcast counts once. */
function readBytes({ node: { inputs } }: Launch): number {
  return inputs.reduce((sum, { layout }) => {
    const shape = layout.shape.map((n, axis) => (layout.strides[axis] === 0 ? Math.min(n, 1) : n));
    return sum + bytesOf({ shape, dtype: layout.dtype });
  }, 0);
}

const writtenBytes = ({ node: { outputs } }: Launch): number =>
  outputs.reduce((sum, { bytes }) => sum + bytes, 0);

/** A plan as text: a line per launch, then sums. */
export function explanation(plan: Plan): string {
  const lines = plan.launches.map((launch, i) => {
    const { op, attrs, types } = launch.node;
    const name = op === fusedOp ? `fused(${(attrs as FusedAttrs).ops.join(', ')})` : op.name;
    const made = types.map(formatType).join(', ');
    const traffic = `reads ${formatBytes(readBytes(launch))}, writes ${formatBytes(writtenBytes(launch))}`;
    return `${String(i + 1).padStart(3)}  ${name} -> ${made}; ${traffic}`;
  });
  const total = (bytes: (launch: Launch) => number): string =>
    formatBytes(plan.launches.reduce((sum, launch) => sum + bytes(launch), 0));
  return [
    ...lines,
    `${plan.launches.length} launches; read ${total(readBytes)}, write ${total(writtenBytes)}`,
    `planned peak ${formatBytes(plan.workspaceBytes + plan.resultBytes)}: ` +
      `workspace ${formatBytes(plan.workspaceBytes)}, results ${formatBytes(plan.resultBytes)}; ` +
      `constants ${formatBytes(plan.constantBytes)}`,
  ].join('\n');
}
