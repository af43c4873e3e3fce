import { checkOptions } from '../../check.js';
import { apply1, checkTensor } from '../../dispatch.js';
import { isDifferentiable } from '../../dtype.js';
import { ArgumentError, DTypeError, describe, ShapeError } from '../../errors.js';
import { defineOp } from '../../op.js';
import { formatShape, normaliseAxis, type Shape, type TensorType } from '../../shape.js';
import type { Tensor } from '../../tensor.js';

import { axisMapReference } from './axisMap.reference.js';
import { axisMapWasm } from './axisMap.wasm.js';
import { axisMapWgsl } from './axisMap.wgsl.js';
import { SparseMatrix } from './sparseMatrix.js';

export interface AxisMapAttrs {
  /** Not negative. */
  readonly axis: number;
  readonly matrix: SparseMatrix;
}

export const axisMapOp = defineOp<AxisMapAttrs>({
  name: 'axisMap',
  infer: ([x], { axis, matrix }) => [{ shape: mappedShape(x!, axis, matrix), dtype: x!.dtype }],
  key: ({ axis, matrix }) => `${axis}/${matrix.key}`,
  reference: axisMapReference,
  wasm: axisMapWasm,
  wgsl: axisMapWgsl,
});

function mappedShape({ shape, dtype }: TensorType, axis: number, matrix: SparseMatrix): Shape {
  const fn = 'axisMap';
  if (!isDifferentiable(dtype))
    throw new DTypeError({
      fn,
      argument: 'the tensor',
      expected: 'floating or complex',
      got: dtype,
      remedy: "Convert it with cast(x, 'f32').",
    });
  if (shape[axis] !== matrix.columns)
    throw new ShapeError({
      fn,
      argument: `axis ${axis}`,
      expected: `of length ${matrix.columns}, the columns of the matrix`,
      got: formatShape(shape),
    });
  return shape.map((n, i) => (i === axis ? matrix.rows : n));
}

/**
 * A real matrix applied along one axis: y[…, i, …] = Σ_j M[i, j] x[…, j, …].
 *
 * C-linear; the adjoint applies Mᵀ.
 *
 * @param x floating or complex, shape […, columns, …]
 * @param matrix [rows, columns], from `sparseMatrix`
 * @param options.axis default −1
 * @returns the dtype of x, shape […, rows, …]
 * @throws DTypeError for integers, AxisError, ShapeError when the axis does not have the matrix's columns.
 */
export function axisMap(x: Tensor, matrix: SparseMatrix, options: { axis?: number } = {}): Tensor {
  const fn = 'axisMap';
  checkTensor(fn, 'argument 1', x);
  if (!(matrix instanceof SparseMatrix))
    throw new ArgumentError({
      fn,
      argument: 'argument 2',
      expected: 'a SparseMatrix',
      got: describe(matrix),
      remedy: 'Make one with sparseMatrix(rows, columns, entries).',
    });
  checkOptions(fn, options, ['axis']);
  const { axis = -1 } = options;
  return apply1(axisMapOp, [x], { axis: normaliseAxis(fn, axis, x.rank), matrix });
}
