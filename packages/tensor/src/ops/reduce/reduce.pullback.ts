import type { Shape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { add, cast, div, equal, full, mul, sub, where } from '../elementwise/index.js';
import { type Primitive, type Pullback, type PullbackContext, primitive } from '../row.js';
import { expand, reshape } from '../view/index.js';
import { argmaxOp, argminOp } from './argExtremum.js';
import { type CumsumAttrs, cumsum, cumsumOp } from './cumsum.js';
import { maxOp, minOp } from './extremum.js';
import { momentsOp } from './moments.js';
import { normOp } from './norm.js';
import { extentsOf, type Span } from './span.js';
import { sum, sumOp } from './sum.js';

/** A reduced tensor with its axes back at size 1, so that it broadcasts against the input. */
function kept(y: Tensor, shape: Shape, { axis, count }: Span): Tensor {
  return reshape(
    y,
    shape.map((n, i) => (i >= axis && i < axis + count ? 1 : n)),
  );
}

const inputShape = (context: PullbackContext<Span>): Shape => context.inputTypes[0]!.shape;

/** x̄ = ȳ for every element of the sum. */
const sumPullback: Pullback<Span> = ([yBar], context) => [
  expand(kept(yBar!, inputShape(context), context.attrs), inputShape(context)),
];

/** x̄ = ȳ / number of ties where x equals the extremum, 0 elsewhere. */
const extremumPullback: Pullback<Span> = ([yBar], context) => {
  const { attrs } = context;
  const [x, y] = [context.input(0), context.output(0)];
  const isExtreme = equal(x, kept(y, x.shape, attrs));
  const axes = Array.from({ length: attrs.count }, (_, i) => attrs.axis + i);
  const ties = cast(sum(isExtreme, { axes }), y.dtype);
  return [
    where(
      isExtreme,
      kept(div(yBar!, ties), x.shape, attrs),
      full([], 0, { dtype: x.dtype, device: x.device }),
    ),
  ];
};

/** x̄ = ȳ x / y, and 0 where y = 0. */
const normPullback: Pullback<Span> = ([yBar], context) => {
  const [x, y] = [context.input(0), context.output(0)];
  const isZero = equal(y, 0);
  const [zero, one] = [0, 1].map((value) => full([], value, { dtype: y.dtype, device: y.device })) as [
    Tensor,
    Tensor,
  ];
  const scale = where(isZero, zero, div(yBar!, where(isZero, one, y)));
  return [mul(x, kept(scale, x.shape, context.attrs))];
};

/** x̄ = (m̄ + 2 v̄ (x − m)) / n. */
const momentsPullback: Pullback<Span> = ([meanBar, varianceBar], context) => {
  const { attrs } = context;
  const shape = inputShape(context);
  const { n } = extentsOf(shape, attrs);
  const fromMean = meanBar && expand(kept(div(meanBar, n), shape, attrs), shape);
  if (!varianceBar) return [fromMean];
  const deviation = sub(context.input(0), kept(context.output(0), shape, attrs));
  const fromVariance = mul(deviation, kept(mul(varianceBar, 2 / n), shape, attrs));
  return [fromMean ? add(fromMean, fromVariance) : fromVariance];
};

/** The adjoint of a running sum runs from the other end. */
const cumsumPullback: Pullback<CumsumAttrs> = ([yBar], { attrs: { axis, reverse } }) => [
  cumsum(yBar!, { axis, reverse: !reverse }),
];

export const reducePrimitives: Primitive[] = [
  primitive({ op: sumOp, pullback: sumPullback }),
  primitive({ op: maxOp, pullback: extremumPullback, saves: { inputs: [0], outputs: [0] } }),
  primitive({ op: minOp, pullback: extremumPullback, saves: { inputs: [0], outputs: [0] } }),
  primitive({ op: argmaxOp, why: 'integer result' }),
  primitive({ op: argminOp, why: 'integer result' }),
  primitive({ op: normOp, pullback: normPullback, saves: { inputs: [0], outputs: [0] } }),
  primitive({ op: momentsOp, pullback: momentsPullback, saves: { inputs: [0], outputs: [0] } }),
  primitive({ op: cumsumOp, pullback: cumsumPullback }),
];
