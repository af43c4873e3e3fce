import { apply1 } from '../../dispatch.js';
import type { Tensor } from '../../tensor.js';
import { type Primitive, type Pullback, type PullbackContext, primitive } from '../row.js';
import { type Range, slice } from '../view/index.js';
import { sliceOp } from '../view/slice.js';
import { concatOp } from './concat.js';
import { type EmbedAttrs, embedOp } from './embed.js';
import { gatherOp, type LookupAxis, type SpreadAxis, scatterOp, takeAdjointOp, takeOp } from './lookup.js';

/** x̄ = ȳ at the places that hold x. */
const embedPullback: Pullback<EmbedAttrs> = ([yBar], { attrs: { start, step }, inputTypes }) => [
  apply1(sliceOp, [yBar!], { start, step, shape: inputTypes[0]!.shape }),
];

/** Every input gets its own part of ȳ. */
const concatPullback: Pullback<{ axis: number }> = ([yBar], { attrs: { axis }, inputTypes, needs }) => {
  let start = 0;
  return inputTypes.map(({ shape }, i): Tensor | undefined => {
    const ranges: Range[] = shape.map(() => null);
    ranges[axis] = [start, start + shape[axis]!];
    start += shape[axis]!;
    return needs[i] ? slice(yBar!, ranges) : undefined;
  });
};

/** What an adjoint must know beside the axis: how long it was. */
const spread = ({ attrs: { axis }, inputTypes }: PullbackContext<LookupAxis>): SpreadAxis => ({
  axis,
  size: inputTypes[0]!.shape[axis]!,
});

const gatherPullback: Pullback<LookupAxis> = ([yBar], context) => [
  apply1(scatterOp, [context.input(1), yBar!], spread(context)),
  undefined,
];

const scatterPullback: Pullback<SpreadAxis> = ([yBar], context) => [
  undefined,
  apply1(gatherOp, [yBar!, context.input(0)], { axis: context.attrs.axis, outside: 'zero' }),
];

const takePullback: Pullback<LookupAxis> = ([yBar], context) => [
  apply1(takeAdjointOp, [context.input(1), yBar!], spread(context)),
  undefined,
];

const takeAdjointPullback: Pullback<SpreadAxis> = ([yBar], context) => [
  undefined,
  apply1(takeOp, [yBar!, context.input(0)], { axis: context.attrs.axis, outside: 'zero' }),
];

export const indexPrimitives: Primitive[] = [
  primitive({ op: embedOp, pullback: embedPullback }),
  primitive({ op: concatOp, pullback: concatPullback }),
  primitive({ op: gatherOp, pullback: gatherPullback, saves: { inputs: [1] } }),
  primitive({ op: scatterOp, pullback: scatterPullback, saves: { inputs: [0] } }),
  primitive({ op: takeOp, pullback: takePullback, saves: { inputs: [1] } }),
  primitive({ op: takeAdjointOp, pullback: takeAdjointPullback, saves: { inputs: [0] } }),
];
