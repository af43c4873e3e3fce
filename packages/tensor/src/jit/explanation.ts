import { formatType } from '../shape.js';
import { type FusedKernelAttrs, fusedKernelName, fusedKernelOp } from './fusedKernel.js';
import { type FusedAttrs, fusedOp } from './fusedOp.js';
import { bytesOf } from './graph.js';
import type { Launch } from './launches.js';
import { LoopRoutine } from './loopRoutine.js';
import type { Plan } from './plan.js';

const formatBytes = (bytes: number): string => {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let unit = 0;
  for (; bytes >= 1024 && unit < units.length - 1; unit++) bytes /= 1024;
  return `${Number.isInteger(bytes) ? bytes : bytes.toFixed(1)} ${units[unit]}`;
};

function nameOf({ op, attrs }: Launch['node']): string {
  if (op === fusedOp) return `fused(${(attrs as FusedAttrs).ops.join(', ')})`;
  return op === fusedKernelOp ? fusedKernelName(attrs as FusedKernelAttrs) : op.name;
}

const describeNode = ({ node }: Launch): string =>
  `${nameOf(node)} -> ${node.types.map(formatType).join(', ')}`;

/** Bytes of the operands as they are seen: an element that is broadcast counts once. */
function readBytes({ node: { inputs }, executable }: Launch): number {
  if (executable instanceof LoopRoutine) return loopBytes(executable, readBytes);
  return inputs.reduce((sum, { layout }) => {
    const shape = layout.shape.map((n, axis) => (layout.strides[axis] === 0 ? Math.min(n, 1) : n));
    return sum + bytesOf({ shape, dtype: layout.dtype });
  }, 0);
}

function writtenBytes({ node: { outputs }, executable }: Launch): number {
  if (executable instanceof LoopRoutine) return loopBytes(executable, writtenBytes);
  return outputs.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Of all steps together. */
const loopBytes = ({ launches, attrs: { n } }: LoopRoutine, bytes: (launch: Launch) => number): number =>
  n * launches.list.reduce((sum, launch) => sum + bytes(launch), 0);

/** How many kernels a launch runs. */
const countOf = ({ executable }: Launch): number =>
  executable instanceof LoopRoutine
    ? executable.attrs.n * executable.launches.list.reduce((sum, launch) => sum + countOf(launch), 0)
    : 1;

/** A line per launch; the launches of a loop stand below it. */
const linesOf = (launches: readonly Launch[], indent: string): string[] =>
  launches.flatMap((launch, i) => {
    const { executable } = launch;
    const traffic = `reads ${formatBytes(readBytes(launch))}, writes ${formatBytes(writtenBytes(launch))}`;
    const number = `${indent}${String(i + 1).padStart(3)}`;
    if (!(executable instanceof LoopRoutine)) return [`${number}  ${describeNode(launch)}; ${traffic}`];
    const { list } = executable.launches;
    return [
      `${number}  scan x ${executable.attrs.n}: ${list.length} a step; ${traffic}`,
      ...linesOf(list, `${indent}     `),
    ];
  });

/** A plan as text: a line per launch, then sums. */
export function explanation(plan: Plan): string {
  const total = (bytes: (launch: Launch) => number): number =>
    plan.launches.reduce((sum, launch) => sum + bytes(launch), 0);
  const read = formatBytes(total(readBytes));
  return [
    ...linesOf(plan.launches, ''),
    `${total(countOf)} launches; read ${read}, write ${formatBytes(total(writtenBytes))}`,
    `planned peak ${formatBytes(plan.workspaceBytes + plan.resultBytes)}: ` +
      `workspace ${formatBytes(plan.workspaceBytes)}, results ${formatBytes(plan.resultBytes)}; ` +
      `constants ${formatBytes(plan.constantBytes)}`,
  ].join('\n');
}
