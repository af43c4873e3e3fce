import { apply1 } from '../../dispatch.js';
import { defineOp } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { type ConvAlgorithm, chooseAlgorithm } from './conv.algorithm.js';
import { conv2dReference, inputGradReference, weightGradReference } from './convolution.reference.js';
import { conv2dFuses, conv2dWasm } from './forward.wasm.js';
import { conv2dWgsl } from './forward.wgsl.js';
import { type Pair, type Window, windowCounts } from './geometry.js';
import { inputGradFuses, inputGradWasm } from './inputGrad.wasm.js';
import { inputGradWgsl } from './inputGrad.wgsl.js';
import { weightGradWasm } from './weightGrad.wasm.js';
import { weightGradWgsl } from './weightGrad.wgsl.js';

export interface ConvAttrs extends Window {
  readonly groups: number;
  readonly algorithm: ConvAlgorithm;
}

/**
 * Cross-correlation y[n, co, oy, ox] = Σ_{ci, i, j} x[n, ci, oy·s + i·d − p, ox·s + j·d − p] w[co, ci, i, j]
 * of real x [n, ci, h, w] and w [co, ci / groups, kh, kw]. Pixels outside the image are 0.
 */
export const conv2dOp = defineOp<ConvAttrs>({
  name: 'conv2d',
  infer: ([x, w], attrs) => {
    const counts = windowCounts('conv2d', x!.shape.slice(2), w!.shape.slice(2), attrs);
    return [{ shape: [x!.shape[0]!, w!.shape[0]!, ...counts], dtype: x!.dtype }];
  },
  reference: conv2dReference,
  fuses: conv2dFuses,
  wasm: conv2dWasm,
  wgsl: conv2dWgsl,
});

export interface InputGradAttrs extends ConvAttrs {
  /** Height and width of x, which the result's size does not tell. */
  readonly image: Pair;
}

/** The adjoint of conv2d in x: g [n, co, oy, ox], w → [n, ci, h, w]. Also the transposed convolution. */
export const conv2dInputGradOp = defineOp<InputGradAttrs>({
  name: 'conv2dInputGrad',
  infer: ([g, w], { groups, image }) => [
    { shape: [g!.shape[0]!, w!.shape[1]! * groups, ...image], dtype: g!.dtype },
  ],
  reference: inputGradReference,
  fuses: inputGradFuses,
  wasm: inputGradWasm,
  wgsl: inputGradWgsl,
});

export interface WeightGradAttrs extends ConvAttrs {
  readonly kernel: Pair;
}

/** The adjoint of conv2d in w: x, g → [co, ci / groups, kh, kw]. */
export const conv2dWeightGradOp = defineOp<WeightGradAttrs>({
  name: 'conv2dWeightGrad',
  infer: ([x, g], { groups, kernel }) => [
    { shape: [g!.shape[1]!, x!.shape[1]! / groups, ...kernel], dtype: x!.dtype },
  ],
  reference: weightGradReference,
  wasm: weightGradWasm,
  wgsl: weightGradWgsl,
});

/** What the three ops share before an algorithm is chosen. */
export type Convolution = Omit<ConvAttrs, 'algorithm'>;

const convolutionOf = ({ stride, padding, dilation, groups }: Convolution): Convolution => ({
  ...{ stride, padding, dilation, groups },
});

export const applyConv2d = (x: Tensor, w: Tensor, convolution: Convolution): Tensor =>
  apply1(conv2dOp, [x, w], {
    ...convolutionOf(convolution),
    algorithm: chooseAlgorithm(w.shape, convolution),
  });

export const applyInputGrad = (g: Tensor, w: Tensor, convolution: Convolution, image: Pair): Tensor =>
  apply1(conv2dInputGradOp, [g, w], {
    ...convolutionOf(convolution),
    ...{ algorithm: chooseAlgorithm(w.shape, convolution), image },
  });

export const applyWeightGrad = (x: Tensor, g: Tensor, convolution: Convolution, kernel: Pair): Tensor => {
  const weights = [g.shape[1]!, x.shape[1]! / convolution.groups, ...kernel];
  return apply1(conv2dWeightGradOp, [x, g], {
    ...convolutionOf(convolution),
    ...{ algorithm: chooseAlgorithm(weights, convolution), kernel },
  });
};
