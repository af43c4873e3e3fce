import { apply1, checkTensor } from '../../dispatch.js';
import { type DType, isComplex, isDifferentiable, promote } from '../../dtype.js';
import { ArgumentError, DTypeError, describe, ShapeError } from '../../errors.js';
import { defineOp } from '../../op.js';
import { scope } from '../../scope.js';
import { broadcastShapes, formatShape, sizeOf, type TensorType } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { cast } from '../elementwise/index.js';
import { reshape } from '../view/index.js';
import { matmulReference } from './matmul.reference.js';
import { matmulWasm } from './matmul.wasm.js';
import { matmulWgsl } from './matmul.wgsl.js';

/** Flags of op(A) and op(B): conjugation of real operands is never set. */
export interface MatmulAttrs {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly conjA: boolean;
  readonly conjB: boolean;
}

/**
 * C = op(A) op(B) on the last two axes, op being identity, transpose, conjugate or both; the axes before
 * them broadcast. Both operands have the same floating dtype and rank ≥ 2.
 */
export const matmulOp = defineOp<MatmulAttrs>({
  name: 'matmul',
  strided: true,
  infer: ([a, b], attrs) => [inferMatmul(a!, b!, attrs)],
  key: ({ transposeA, transposeB, conjA, conjB }) => `${+transposeA}${+transposeB}${+conjA}${+conjB}`,
  // the operands are read many times: from where they are stored
  fuses: () => ({ loads: [], store: true }),
  reference: matmulReference,
  wasm: matmulWasm,
  wgsl: matmulWgsl,
});

/** Sizes of the product: C is [m, n] and k is summed over. */
export interface MatmulSizes {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

export function matmulSizes(
  a: TensorType,
  b: TensorType,
  { transposeA, transposeB }: MatmulAttrs,
): MatmulSizes {
  const rows = a.shape.at(transposeA ? -1 : -2)!;
  const inner = a.shape.at(transposeA ? -2 : -1)!;
  return { m: rows, n: b.shape.at(transposeB ? -2 : -1)!, k: inner };
}

function inferMatmul(a: TensorType, b: TensorType, attrs: MatmulAttrs): TensorType {
  const { m, n, k } = matmulSizes(a, b, attrs);
  if (b.shape.at(attrs.transposeB ? -1 : -2) !== k)
    throw new ShapeError({
      fn: 'matmul',
      argument: 'the summed axes',
      expected: 'of one size (last of the first operand, last but one of the second)',
      got: `${formatShape(a.shape)} and ${formatShape(b.shape)}`,
      remedy: 'Transpose one operand, or name the axes with einsum.',
    });
  return {
    shape: [...broadcastShapes('matmul', a.shape.slice(0, -2), b.shape.slice(0, -2)), m, n],
    dtype: a.dtype,
  };
}

/** A product by flags, for pullbacks: it copies and conjugates nothing. */
export const matmulBy = (a: Tensor, b: Tensor, flags: Partial<MatmulAttrs>): Tensor => {
  const complex = isComplex(a.dtype);
  const { transposeA = false, transposeB = false, conjA = false, conjB = false } = flags;
  return apply1(matmulOp, [a, b], {
    transposeA,
    transposeB,
    conjA: conjA && complex,
    conjB: conjB && complex,
  });
};

/**
 * Matrix product as NumPy's: C[…, i, j] = Σ_k A[…, i, k] B[…, k, j].
 *
 * @param a [..., m, k], or [k]: then the axis m is absent from the result.
 * @param b [..., k, n], or [k]: then the axis n is absent from the result. Leading axes broadcast.
 * @returns [..., m, n]; f32 with c64 gives c64.
 * @throws ShapeError when the summed sizes differ or an operand is 0-d; DTypeError on integers.
 * @example matmul(weights, features)          // [64, 32] x [10, 32, 100] -> [10, 64, 100]
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  return scope(() => {
    const [left, right] = promoteOperands('matmul', [a, b]) as [Tensor, Tensor];
    for (const [i, operand] of [left, right].entries())
      if (operand.rank === 0)
        throw new ShapeError({
          fn: 'matmul',
          argument: `argument ${i + 1}`,
          expected: 'of rank 1 or more',
          got: 'a scalar',
          remedy: 'Use mul to scale.',
        });
    const rows = left.rank === 1 ? reshape(left, [1, left.size]) : left;
    const columns = right.rank === 1 ? reshape(right, [right.size, 1]) : right;
    const product = multiplyMatrices(rows, columns);
    if (left.rank > 1 && right.rank > 1) return product;
    const shape = [...product.shape];
    if (right.rank === 1) shape.pop();
    if (left.rank === 1) shape.splice(right.rank === 1 ? -1 : -2, 1);
    return reshape(product, shape);
  });
}

/** A batch of left matrices meeting one right matrix is a single tall product. */
function multiplyMatrices(a: Tensor, b: Tensor): Tensor {
  const [inner] = b.shape;
  if (b.rank > 2 || a.rank === 2 || a.shape.at(-1) !== inner) return matmulBy(a, b, {});
  const tall = matmulBy(reshape(a, [sizeOf(a.shape.slice(0, -1)), inner!]), b, {});
  return reshape(tall, [...a.shape.slice(0, -1), b.shape[1]!]);
}

/** The operands as live tensors of one floating dtype. */
export function promoteOperands(fn: string, operands: readonly Tensor[]): Tensor[] {
  if (operands.length === 0)
    throw new ArgumentError({ fn, argument: 'the operands', expected: 'at least one tensor', got: 'none' });
  operands.forEach((operand, i) => {
    checkTensor(fn, `argument ${i + 1}`, operand);
    if (!isDifferentiable(operand.dtype))
      throw new DTypeError({
        fn,
        argument: `argument ${i + 1}`,
        expected: 'floating or complex',
        got: describe(operand),
        remedy: "Convert it with cast(x, 'f32').",
      });
  });
  const dtype = operands.map((operand) => operand.dtype).reduce<DType>(promote, operands[0]!.dtype);
  return operands.map((operand) => (operand.dtype === dtype ? operand : cast(operand, dtype)));
}
