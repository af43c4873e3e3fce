import { type Primitive, type Pullback, primitive, savesOfProduct } from '../row.js';
import {
  applyConv2d,
  applyInputGrad,
  applyWeightGrad,
  type ConvAttrs,
  conv2dInputGradOp,
  conv2dOp,
  conv2dWeightGradOp,
  type InputGradAttrs,
  type WeightGradAttrs,
} from './convolution.js';
import type { Pair } from './geometry.js';

const lastTwo = (shape: readonly number[]): Pair => [shape.at(-2)!, shape.at(-1)!];

// The three ops are the partial adjoints of one trilinear form Σ x w y, so each is the others' pullback.

const conv2dPullback: Pullback<ConvAttrs> = ([yBar], { attrs, input, inputTypes: [x, w], needs }) => [
  needs[0] ? applyInputGrad(yBar!, input(1), attrs, lastTwo(x!.shape)) : undefined,
  needs[1] ? applyWeightGrad(input(0), yBar!, attrs, lastTwo(w!.shape)) : undefined,
];

const inputGradPullback: Pullback<InputGradAttrs> = ([xBar], { attrs, input, inputTypes: [, w], needs }) => [
  needs[0] ? applyConv2d(xBar!, input(1), attrs) : undefined,
  needs[1] ? applyWeightGrad(xBar!, input(0), attrs, lastTwo(w!.shape)) : undefined,
];

const weightGradPullback: Pullback<WeightGradAttrs> = ([wBar], { attrs, input, inputTypes: [x], needs }) => [
  needs[0] ? applyInputGrad(input(1), wBar!, attrs, lastTwo(x!.shape)) : undefined,
  needs[1] ? applyConv2d(input(0), wBar!, attrs) : undefined,
];

export const convolutionPrimitives: Primitive[] = [
  primitive({ op: conv2dOp, pullback: conv2dPullback, saves: savesOfProduct }),
  primitive({ op: conv2dInputGradOp, pullback: inputGradPullback, saves: savesOfProduct }),
  primitive({ op: conv2dWeightGradOp, pullback: weightGradPullback, saves: savesOfProduct }),
];
