import { type LinearOperator, linearOperator } from '@adjoint/autograd';
import {
  complexNormal,
  conj,
  key,
  matmul,
  mul,
  reshape,
  scope,
  type Tensor,
  transpose,
} from '@adjoint/tensor';

export interface DenseProblem {
  readonly matrix: Tensor;
  readonly operator: LinearOperator;
  readonly data: Tensor;
}

/** A random complex matrix [rows, columns] as an operator, and data. On the current device. */
export function denseProblem(
  rows: number,
  columns: number,
  seed: number,
  dtype: 'c64' | 'c128',
): DenseProblem {
  const draw = (i: number, shape: number[]): Tensor =>
    scope(() => complexNormal(key(seed + i), shape, { dtype }));
  const matrix = scope(() => mul(draw(0, [rows, columns]), 1 / Math.sqrt(rows)));
  const times = (m: Tensor, x: Tensor): Tensor => reshape(matmul(m, reshape(x, [x.size, 1])), [m.shape[0]!]);
  const operator = linearOperator({
    name: 'dense',
    domain: { shape: [columns], dtype },
    range: { shape: [rows], dtype },
    apply: (x) => times(matrix, x),
    adjoint: (y) => times(conj(transpose(matrix)), y),
  });
  return { matrix, operator, data: draw(1, [rows]) };
}

/** Largest difference between two arrays. */
export const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);
