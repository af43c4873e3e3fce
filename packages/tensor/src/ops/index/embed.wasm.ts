import type { WasmPlan, WasmStep, WasmTarget } from '../../backend/wasm/plan.js';
import type { KernelCall } from '../../op.js';
import { type Layout, type Shape, sizeOf } from '../../shape.js';
import { copyStep, fillStep } from '../elementwise/copy.js';
import type { EmbedAttrs } from './embed.js';

/** A constant fill, where the input does not cover everything, then a copy into the region. */
export function embedWasm({ inputs, outputs, attrs }: KernelCall<EmbedAttrs>, target: WasmTarget): WasmPlan {
  const [x] = inputs as [Layout];
  const [y] = outputs as [Layout];
  const { start, step, value } = attrs;
  const steps: WasmStep[] = [];
  if (sizeOf(x.shape) < sizeOf(y.shape)) steps.push(fillStep(target, y.dtype, y, value, { output: 0 }));
  if (sizeOf(x.shape) > 0)
    steps.push(copyStep(target, x.dtype, x, region(y, x.shape, start, step), [{ input: 0 }, { output: 0 }]));
  return { steps };
}

/** One copy per input into its part of the output. */
export function concatWasm(
  { inputs, outputs, attrs: { axis } }: KernelCall<{ axis: number }>,
  target: WasmTarget,
): WasmPlan {
  const [y] = outputs as [Layout];
  const steps: WasmStep[] = [];
  const ones = y.shape.map(() => 1);
  let offset = 0;
  inputs.forEach((x, input) => {
    const start = y.shape.map((_, i) => (i === axis ? offset : 0));
    if (sizeOf(x.shape) > 0)
      steps.push(copyStep(target, x.dtype, x, region(y, x.shape, start, ones), [{ input }, { output: 0 }]));
    offset += x.shape[axis]!;
  });
  return { steps };
}

/** The layout of elements start + i·step of an output. */
const region = (y: Layout, shape: Shape, start: readonly number[], step: readonly number[]): Layout => ({
  shape,
  dtype: y.dtype,
  strides: y.strides.map((stride, axis) => stride * step[axis]!),
  offset: y.strides.reduce((sum, stride, axis) => sum + stride * start[axis]!, y.offset),
});
