import type { WgslPlan, WgslTarget } from '../../backend/webgpu/plan.js';
import type { KernelCall } from '../../op.js';
import { type Shape, sizeOf } from '../../shape.js';
import { partialTemps, productSteps } from '../matmul/product.wgsl.js';
import { storedInput } from '../matmul/storedInput.wgsl.js';
import { zeroPlan } from '../matmul/zero.wgsl.js';
import type { ConvAttrs } from './convolution.js';
import { type Tap, tapProduct, tapTable } from './tapProduct.wgsl.js';
import { type WinogradProblem, winogradFits, winogradPlan } from './winograd.wgsl.js';

/** conv2d: Winograd's algorithm, or a product of weights and pixels that are loaded as its tiles need them. */
export function conv2dWgsl(call: KernelCall<ConvAttrs>, target: WgslTarget): WgslPlan {
  const [x, w] = call.inputs.map((input) => input.shape) as [Shape, Shape];
  const y = call.outputs[0]!.shape;
  const { algorithm, padding } = call.attrs;
  if (sizeOf(x) * sizeOf(w) === 0) return zeroPlan(call);
  if (algorithm === 'direct' || !winogradFits(w)) return directPlan(call, x, w, y);
  const problem: WinogradProblem = {
    ...{ batch: x[0]!, summed: w[1]!, results: w[0]!, rotated: false },
    ...{ source: { height: x[2]!, width: x[3]! }, top: padding[0][0], left: padding[1][0] },
    result: { height: y[2]!, width: y[3]! },
  };
  return winogradPlan(call, problem, target);
}

function directPlan(call: KernelCall<ConvAttrs>, x: Shape, w: Shape, y: Shape): WgslPlan {
  const { groups, stride, padding, dilation } = call.attrs;
  const taps = forwardTaps(w, dilation);
  const image = storedInput(call, 0, 0);
  const product = tapProduct({
    name: 'conv2d/direct',
    ...{ groups, rows: w[0]! / groups, firstTap: 0, taps: taps.length },
    weights: { source: { input: 1 }, dtype: 'f32', access: 'read' },
    ...{ weightRow: taps.length, weightGroup: (w[0]! / groups) * taps.length },
    image: image.operand,
    ...{ imageShape: x, step: stride, start: [-padding[0][0], -padding[1][0]], counts: [y[2]!, y[3]!] },
    result: { source: { output: 0 }, dtype: 'f32', access: 'write' },
    ...{ resultShape: y, resultStart: 0, resultStep: [1, 1] },
  });
  return {
    steps: [...image.steps, ...productSteps(call, product, image.temps.length)],
    temps: [...image.temps, ...partialTemps(product)],
    tables: [tapTable(taps, x)],
  };
}

/** Taps of weights [co, channels, kh, kw], in their order. */
export function forwardTaps(w: Shape, dilation: readonly [number, number]): Tap[] {
  const [, channels, kh, kw] = w as [number, number, number, number];
  return Array.from({ length: channels * kh * kw }, (_, weight) => ({
    ...{ weight, channel: Math.floor(weight / (kh * kw)) },
    ...{ y: (Math.floor(weight / kw) % kh) * dilation[0], x: (weight % kw) * dilation[1] },
  }));
}
