import { wgslStep } from '../../backend/webgpu/kernelText.js';
import type { WgslOperand, WgslStep } from '../../backend/webgpu/plan.js';
import { dtypeInfo } from '../../dtype.js';
import type { KernelCall } from '../../op.js';
import { sizeOf } from '../../shape.js';

const workgroupSize = 256;

/** An input that kernels may load again and again, the steps that make it so and the temporary they fill. */
export interface StoredInput {
  readonly operand: WgslOperand;
  readonly steps: readonly WgslStep[];
  readonly temps: readonly number[];
}

/**
 * Input `k`: itself, or, where it is computed while it is loaded, a copy in temporary `temp`: tiles overlap, and
 * their work groups would compute its elements over and over.
 */
export function storedInput<A>(call: KernelCall<A>, k: number, temp: number): StoredInput {
  const { shape, dtype } = call.inputs[k]!;
  const input: WgslOperand = { source: { input: k }, dtype, access: 'read' };
  if (!call.loads?.[k]) return { operand: input, steps: [], temps: [] };
  const size = sizeOf(shape);
  const step = wgslStep(call, {
    name: 'storedInput',
    about: 'y[i] = x[i], with x computed while it is loaded. One pass.',
    operands: { x: input, y: { source: { temp }, dtype, access: 'write' } },
    words: { size: { type: 'u32', value: size } },
    workgroupSize,
    groups: Math.ceil(size / workgroupSize),
    body: `let i = group * ${workgroupSize}u + local;
if (i < p.size) { store_y(i, load_x(i)); }`,
  });
  return {
    operand: { source: { temp }, dtype, access: 'read' },
    ...{ steps: [step], temps: [size * dtypeInfo[dtype].bytes] },
  };
}
