import {
  checkFloating,
  complexOf,
  formatType,
  isComplex,
  matmul,
  reshape,
  ShapeError,
  scope,
  type Tensor,
} from '@adjoint/tensor';

/** Coil images or k-space: floating or complex [..., coils, H, W]. @internal */
export function checkCoilStack(fn: string, argument: string, value: Tensor): Tensor {
  const x = checkFloating(fn, argument, value);
  if (x.rank >= 3) return x;
  throw new ShapeError({ fn, argument, expected: '[..., coils, H, W]', got: formatType(x) });
}

/** Linear combinations of coils: z_i = Σ_c M[i, c] x_c for M [n, coils] and x [..., coils, H, W]. @internal */
export function mixCoils(matrix: Tensor, x: Tensor): Tensor {
  const [coils, height, width] = x.shape.slice(-3) as [number, number, number];
  const lead = x.shape.slice(0, -3);
  return scope(() => {
    const mixed = matmul(matrix, reshape(x, [...lead, coils, height * width]));
    return reshape(mixed, [...lead, matrix.shape[0]!, height, width]);
  });
}

/** The complex dtype of the precision of x. @internal */
export const complexTypeOf = ({ dtype }: Tensor) => (isComplex(dtype) ? dtype : complexOf(dtype));
