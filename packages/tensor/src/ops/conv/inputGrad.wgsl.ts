import type { WgslPlan, WgslTarget } from '../../backend/webgpu/plan.js';
import type { KernelCall } from '../../op.js';
import { type Shape, sizeOf } from '../../shape.js';
import { partialTemps, productSteps } from '../matmul/product.wgsl.js';
import { storedInput } from '../matmul/storedInput.wgsl.js';
import { zeroPlan } from '../matmul/zero.wgsl.js';
import type { InputGradAttrs } from './convolution.js';
import { type Phase, phasesOf } from './phases.js';
import { type Tap, tapProduct, tapTable } from './tapProduct.wgsl.js';
import { type WinogradProblem, winogradFits, winogradPlan } from './winograd.wgsl.js';

/** conv2dInputGrad: by Winograd's algorithm with the weights turned by 180°, or directly. */
export function inputGradWgsl(call: KernelCall<InputGradAttrs>, target: WgslTarget): WgslPlan {
  const [g, w] = call.inputs.map((input) => input.shape) as [Shape, Shape];
  const x = call.outputs[0]!.shape;
  const { algorithm, padding } = call.attrs;
  if (sizeOf(g) * sizeOf(w) === 0) return zeroPlan(call);
  if (algorithm === 'direct' || !winogradFits(w)) return directPlan(call, g, w, x);
  const problem: WinogradProblem = {
    ...{ batch: x[0]!, summed: w[0]!, results: w[1]!, rotated: true },
    source: { height: g[2]!, width: g[3]! },
    ...{ top: 2 - padding[0][0], left: 2 - padding[1][0] },
    result: { height: x[2]!, width: x[3]! },
  };
  return winogradPlan(call, problem, target);
}

/**
 * Every remainder of the pixel coordinates modulo the stride is a convolution of g with its own few taps,
 * in place of a stride-1 convolution of a g full of zeros. A remainder without taps is a product of depth 0:
 * zeros.
 */
function directPlan(call: KernelCall<InputGradAttrs>, g: Shape, w: Shape, x: Shape): WgslPlan {
  const { groups, stride, dilation, padding } = call.attrs;
  const vertical = phasesOf(x[2]!, w[2]!, stride[0], dilation[0], padding[0][0]);
  const horizontal = phasesOf(x[3]!, w[3]!, stride[1], dilation[1], padding[1][0]);
  const kernel = w[2]! * w[3]!;
  const taps: Tap[] = [];
  const image = storedInput(call, 0, 0);
  const products = vertical.flatMap((v) =>
    horizontal.map((h) => {
      const firstTap = taps.length;
      taps.push(...phaseTaps(v, h, w, groups));
      return tapProduct({
        name: 'conv2dInputGrad/direct',
        ...{ groups, rows: w[1]!, firstTap, taps: taps.length - firstTap },
        weights: { source: { input: 1 }, dtype: 'f32', access: 'read' },
        ...{ weightRow: kernel, weightGroup: sizeOf(w) / groups },
        image: image.operand,
        ...{ imageShape: g, step: [1, 1], start: [0, 0], counts: [v.count, h.count] },
        result: { source: { output: 0 }, dtype: 'f32', access: 'write' },
        ...{ resultShape: x, resultStart: v.start * x[3]! + h.start, resultStep: stride },
      });
    }),
  );
  return {
    steps: [
      ...image.steps,
      ...products.flatMap((product) => productSteps(call, product, image.temps.length)),
    ],
    // the phases run one after another and can share the room for their partial sums
    temps: [...image.temps, Math.max(0, ...products.flatMap(partialTemps))].filter((bytes) => bytes > 0),
    tables: [tapTable(taps, g)],
  };
}

/** The taps of a phase, for every channel of g in a group of weights [co, channels, kh, kw]. */
function phaseTaps(v: Phase, h: Phase, w: Shape, groups: number): Tap[] {
  const [outChannels, channels, kh, kw] = w as [number, number, number, number];
  return Array.from({ length: outChannels / groups }, (_, channel) =>
    v.taps.flatMap((i) =>
      h.taps.map((j) => ({
        ...{ weight: (channel * channels * kh + i.index) * kw + j.index, channel },
        ...{ y: i.shift, x: j.shift },
      })),
    ),
  ).flat();
}
