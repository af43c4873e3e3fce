import { apply1 } from '../../dispatch.js';
import { sizeOf } from '../../shape.js';
import { scatterOp } from '../index/lookup.js';
import { type Primitive, type Pullback, primitive } from '../row.js';
import { reshape } from '../view/index.js';
import { type MaxPoolAttrs, maxPool2dOp } from './maxPool.js';

/** x̄ = ȳ at the largest pixel of every window, added up where windows overlap. */
const maxPoolPullback: Pullback<MaxPoolAttrs> = ([yBar], { output, inputTypes: [x] }) => {
  if (!yBar) return [undefined];
  const [height, width] = x!.shape.slice(-2) as [number, number];
  const planes = sizeOf(x!.shape.slice(0, -2));
  const size = sizeOf(yBar.shape.slice(-2));
  const flat = [reshape(output(1), [planes, size]), reshape(yBar, [planes, size])];
  return [reshape(apply1(scatterOp, flat, { axis: 1, size: height * width }), x!.shape)];
};

export const maxPoolPrimitives: Primitive[] = [
  primitive({ op: maxPool2dOp, pullback: maxPoolPullback, saves: { outputs: [1] } }),
];
