import { wgslStep } from '../../backend/webgpu/kernelText.js';
import type { WgslPlan } from '../../backend/webgpu/plan.js';
import { isComplex } from '../../dtype.js';
import type { KernelCall } from '../../op.js';
import { sizeOf } from '../../shape.js';

const workgroupSize = 256;

/** Fills output 0 with zeros: a sum over nothing. */
export function zeroPlan<A>(call: KernelCall<A>): WgslPlan {
  const { shape, dtype } = call.outputs[0]!;
  const size = sizeOf(shape);
  const step = wgslStep(call, {
    name: 'zero',
    about: 'y[i] = 0. One pass.',
    operands: { y: { source: { output: 0 }, dtype, access: 'write' } },
    words: { size: { type: 'u32', value: size } },
    workgroupSize,
    groups: Math.ceil(size / workgroupSize),
    body: `let i = group * ${workgroupSize}u + local;
if (i < p.size) { store_y(i, ${isComplex(dtype) ? 'vec2f()' : '0.0'}); }`,
  });
  return { steps: [step] };
}
