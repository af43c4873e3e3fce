import { isComplex, isDifferentiable } from '../../dtype.js';
import type { TensorType } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { sum } from '../reduce/index.js';
import { type Primitive, type Pullback, primitive } from '../row.js';
import { reshape } from '../view/index.js';
import { activationOps } from './activation.js';
import { arithmeticOps } from './arithmetic.js';
import { cast, castOp } from './cast.js';
import { comparisonOps } from './comparison.js';
import { copyOp } from './copy.js';
import type { ElementwiseOp } from './define.js';
import { exponentialOps } from './exponential.js';
import { extremumOps } from './extremum.js';
import { fullOp, iotaOp } from './full.js';
import { modulusOps } from './modulus.js';
import { partOps, real } from './parts.js';
import { powOps } from './pow.js';
import { roundingOps } from './rounding.js';
import { selectOps } from './select.js';
import { trigonometricOps } from './trigonometric.js';

/** Every op of the family that is one row of formulas. */
export const elementwiseOps: readonly ElementwiseOp[] = [
  ...arithmeticOps,
  ...partOps,
  ...modulusOps,
  ...exponentialOps,
  ...powOps,
  ...trigonometricOps,
  ...activationOps,
  ...extremumOps,
  ...roundingOps,
  ...comparisonOps,
  ...selectOps,
];

/**
 * Adjoint of broadcasting and promotion: sums over the axes that were repeated, takes the real part for a
 * real operand.
 */
export function fitCotangent(xBar: Tensor, { shape, dtype }: TensorType): Tensor {
  const shift = xBar.rank - shape.length;
  const axes = xBar.shape.flatMap((n, axis) =>
    axis < shift || (shape[axis - shift] === 1 && n !== 1) ? [axis] : [],
  );
  const part = isComplex(xBar.dtype) && !isComplex(dtype) ? real(xBar) : xBar;
  const summed = axes.length > 0 ? reshape(sum(part, { axes, keepDims: true }), shape) : part;
  return summed.dtype === dtype ? summed : cast(summed, dtype);
}

function elementwisePullback<A>({ name, pullbacks = [] }: ElementwiseOp<A>): Pullback<A> {
  const pullback: Pullback<A> = ([yBar], context) => {
    // Methods that rows may take apart.
    const bound = {
      ...context,
      attrs: context.attrs,
      input: context.input.bind(context),
      output: context.output.bind(context),
    };
    return context.inputTypes.map((type, k) => {
      if (!yBar || !context.needs[k] || !isDifferentiable(type.dtype)) return undefined;
      const xBar = pullbacks[k]?.(yBar, bound);
      return xBar && fitCotangent(xBar, type);
    });
  };
  Object.defineProperty(pullback, 'name', { value: `${name}Pullback` });
  return pullback;
}

const toPrimitive = (row: ElementwiseOp): Primitive =>
  row.pullbacks
    ? primitive({ op: row.op, pullback: elementwisePullback(row), ...(row.saves && { saves: row.saves }) })
    : primitive({ op: row.op, why: row.why ?? 'integer result' });

const castPullback: Pullback<unknown> = ([yBar], { inputTypes: [x] }) => [
  yBar && isDifferentiable(x!.dtype) ? fitCotangent(yBar, x!) : undefined,
];

export const elementwisePrimitives: readonly Primitive[] = [
  ...elementwiseOps.map(toPrimitive),
  primitive({ op: castOp, pullback: castPullback }),
  primitive({ op: copyOp, pullback: (cotangents) => cotangents }),
  primitive({ op: fullOp, why: 'no inputs' }),
  primitive({ op: iotaOp, why: 'no inputs' }),
];
