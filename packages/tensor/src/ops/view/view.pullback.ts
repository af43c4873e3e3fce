import type { Shape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { embed } from '../index/index.js';
import { sum } from '../reduce/index.js';
import { type Primitive, type Pullback, primitive } from '../row.js';
import { type SliceAttrs, sliceOp } from './slice.js';
import { expandOp, identityOp, reshape, reshapeOp, transpose, transposeOp, unitAxesOp } from './view.js';

const identityPullback: Pullback<undefined> = ([yBar]) => [yBar];

const reshapePullback: Pullback<{ shape: Shape }> = ([yBar], { inputTypes }) => [
  reshape(yBar!, inputTypes[0]!.shape),
];

const transposePullback: Pullback<{ axes: readonly number[] }> = ([yBar], { attrs: { axes } }) => [
  transpose(
    yBar!,
    axes.map((_, i) => axes.indexOf(i)),
  ),
];

/** x̄ = sum of ȳ over the axes along which x was repeated. */
export function sumTo(yBar: Tensor, shape: Shape): Tensor {
  const shift = yBar.rank - shape.length;
  const axes = yBar.shape.flatMap((n, i) => (i < shift || shape[i - shift] !== n ? [i] : []));
  return axes.length === 0 ? yBar : reshape(sum(yBar, { axes }), shape);
}

const expandPullback: Pullback<{ shape: Shape }> = ([yBar], { inputTypes }) => [
  sumTo(yBar!, inputTypes[0]!.shape),
];

/** x̄ = ȳ at the places taken, 0 elsewhere. */
const slicePullback: Pullback<SliceAttrs> = ([yBar], { attrs: { start, step }, inputTypes }) => [
  embed(yBar!, inputTypes[0]!.shape, { start, step }),
];

export const viewPrimitives: Primitive[] = [
  primitive({ op: identityOp, pullback: identityPullback }),
  primitive({ op: reshapeOp, pullback: reshapePullback }),
  primitive({ op: unitAxesOp, pullback: reshapePullback }),
  primitive({ op: transposeOp, pullback: transposePullback }),
  primitive({ op: expandOp, pullback: expandPullback }),
  primitive({ op: sliceOp, pullback: slicePullback }),
];
