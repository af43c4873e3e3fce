import { type LinearOperator, linearOperator } from '@adjoint/autograd';
import {
  add,
  axisMap,
  checkFloating,
  formatType,
  type MatrixEntry,
  ShapeError,
  type SparseMatrix,
  scope,
  slice,
  sparseMatrix,
  stack,
  type Tensor,
  type TensorType,
} from '@adjoint/tensor';
import { checkPlane } from './spaces.js';

/** Matrices of the lengths in use: kernels are cached per matrix. */
const known = new Map<number, SparseMatrix>();
const knownLimit = 64;

/** x[i + 1] − x[i], circular. */
function differenceMatrix(n: number): SparseMatrix {
  const found = known.get(n);
  if (found) return found;
  const entries = Array.from({ length: n }, (_, i): MatrixEntry[] => [
    [i, i, -1],
    [i, (i + 1) % n, 1],
  ]);
  const matrix = sparseMatrix(n, n, entries.flat());
  if (known.size >= knownLimit) known.delete(known.keys().next().value!);
  known.set(n, matrix);
  return matrix;
}

/**
 * Forward differences along H and along W, circular: d₀[i, j] = x[i + 1, j] − x[i, j], d₁[i, j] = x[i, j + 1] − x[i, j],
 * indices modulo H and W. What total variation measures, with BART's boundary.
 *
 * @param x floating or complex [..., H, W]
 * @returns [2, ..., H, W], the dtype of x
 * @throws ShapeError, DTypeError
 */
export function finiteDifference(x: Tensor): Tensor {
  const fn = 'finiteDifference';
  checkFloating(fn, 'argument 1', x);
  if (x.rank < 2)
    throw new ShapeError({ fn, argument: 'argument 1', expected: '[..., H, W]', got: formatType(x) });
  return scope(() =>
    stack([-2, -1].map((axis) => axisMap(x, differenceMatrix(x.shape.at(axis)!), { axis }))),
  );
}

/** Σ_a D_aᵀ d_a: minus the divergence. */
function gather(d: Tensor): Tensor {
  const [rows, columns] = [-2, -1].map((axis, i) =>
    axisMap(slice(d, [i]), differenceMatrix(d.shape.at(axis)!).transposed, { axis }),
  );
  return add(rows!, columns!);
}

/**
 * `finiteDifference` as an operator D from [..., H, W] to [2, ..., H, W]; D^H is minus the divergence.
 *
 * @param space floating or complex [..., H, W]
 * @throws ShapeError, DTypeError
 */
export function finiteDifferenceOperator(space: TensorType): LinearOperator {
  const domain = checkPlane('finiteDifferenceOperator', 'the space', space);
  return linearOperator({
    name: 'finiteDifference',
    domain,
    range: { shape: [2, ...domain.shape], dtype: domain.dtype },
    apply: finiteDifference,
    adjoint: gather,
  });
}
