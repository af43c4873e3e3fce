import { isComplex } from '../../dtype.js';
import { ShapeError } from '../../errors.js';
import { scope } from '../../scope.js';
import { formatShape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { conj, mul } from '../elementwise/index.js';
import { sum } from '../reduce/index.js';
import { reshape } from '../view/index.js';
import { promoteOperands } from './matmul.js';

/**
 * Bilinear product of two vectors: Σᵢ aᵢ bᵢ, nothing conjugated.
 *
 * @param a [n], floating or complex.
 * @param b of the same shape.
 * @returns a scalar.
 * @throws ShapeError unless both are vectors of one length.
 */
export function dot(a: Tensor, b: Tensor): Tensor {
  return scope(() => {
    const [left, right] = promoteOperands('dot', [a, b]) as [Tensor, Tensor];
    if (left.rank !== 1 || right.rank !== 1 || left.size !== right.size)
      throw new ShapeError({
        fn: 'dot',
        argument: 'the arguments',
        expected: 'vectors of one length',
        got: `${formatShape(left.shape)} and ${formatShape(right.shape)}`,
        remedy: 'Use matmul or einsum for more axes.',
      });
    return sum(mul(left, right));
  });
}

/**
 * Inner product of two tensors seen as vectors: ⟨a, b⟩ = Σᵢ conj(aᵢ) bᵢ, as NumPy's vdot.
 *
 * @param a floating or complex.
 * @param b of the same shape.
 * @returns a scalar.
 * @throws ShapeError when the shapes differ.
 */
export function vdot(a: Tensor, b: Tensor): Tensor {
  return scope(() => {
    const [left, right] = promoteOperands('vdot', [a, b]) as [Tensor, Tensor];
    if (formatShape(left.shape) !== formatShape(right.shape))
      throw new ShapeError({
        fn: 'vdot',
        argument: 'the arguments',
        expected: 'of one shape',
        got: `${formatShape(left.shape)} and ${formatShape(right.shape)}`,
      });
    return sum(mul(isComplex(left.dtype) ? conj(left) : left, right));
  });
}

/**
 * Outer product C[i, j] = aᵢ bⱼ of two tensors seen as vectors; nothing conjugated.
 *
 * @returns [a.size, b.size].
 */
export function outer(a: Tensor, b: Tensor): Tensor {
  return scope(() => {
    const [left, right] = promoteOperands('outer', [a, b]) as [Tensor, Tensor];
    return mul(reshape(left, [left.size, 1]), reshape(right, [1, right.size]));
  });
}
