import { checkInteger } from '../../check.js';
import { checkTensor } from '../../dispatch.js';
import { ArgumentError } from '../../errors.js';
import { scope } from '../../scope.js';
import { normaliseAxis } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { identity, type Range, slice } from '../view/index.js';
import { concat } from './concat.js';

/**
 * Shifts elements along axes; what leaves at one end enters at the other: y[(i + shift) mod n] = x[i].
 * Any dtype. C-linear; the adjoint rolls back.
 *
 * @param shift positive towards higher indices; one number for all axes, or one per axis.
 * @param axes default all.
 * @throws AxisError, ArgumentError
 * @example roll(x, [2, -1], [-2, -1])
 */
export function roll(
  x: Tensor,
  shift: number | readonly number[],
  axes?: number | readonly number[],
): Tensor {
  checkTensor('roll', 'argument 1', x);
  const listed = axes === undefined ? x.shape.map((_, i) => i) : typeof axes === 'number' ? [axes] : axes;
  if (!Array.isArray(listed))
    throw new ArgumentError({
      fn: 'roll',
      argument: 'axes',
      expected: 'an axis or a list',
      got: String(axes),
    });
  const along = listed.map((axis) => normaliseAxis('roll', axis, x.rank, 'axes'));
  const shifts = Array.isArray(shift) ? shift : along.map(() => shift);
  if (shifts.length !== along.length)
    throw new ArgumentError({
      fn: 'roll',
      argument: 'shift',
      expected: `one number, or one for each of ${along.length} axes`,
      got: `${shifts.length} numbers`,
    });
  for (const value of Array.isArray(shift) ? shift : [shift]) checkInteger('roll', 'shift', value);
  return scope(() => along.reduce((y, axis, i) => rollAxis(y, shifts[i]!, axis), identity(x)));
}

function rollAxis(x: Tensor, shift: number, axis: number): Tensor {
  const n = x.shape[axis]!;
  const cut = n === 0 ? 0 : ((-shift % n) + n) % n;
  if (cut === 0) return x;
  const part = (start: number, stop: number): Tensor => {
    const ranges: Range[] = x.shape.map(() => null);
    ranges[axis] = [start, stop];
    return slice(x, ranges);
  };
  return concat([part(cut, n), part(0, cut)], axis);
}
