import {
  checkInteger,
  conj,
  flip,
  isComplex,
  linalg,
  matmul,
  moveAxis,
  reshape,
  scope,
  slice,
  swapAxes,
  type Tensor,
} from '@adjoint/tensor';
import { inNameOf } from '../onBehalf.js';
import { checkCoilStack, mixCoils } from './coilStack.js';

/**
 * Combines coils to fewer virtual ones that hold as much of the signal as possible: z = V_n^H y with the first n
 * left singular vectors V of all samples as a matrix [coils, samples], one for all slices, in order of energy.
 * Orthonormal: n = coils keeps everything.
 *
 * @param kspace floating or complex [..., coils, H, W] (k-space or coil images: the transform does not mix coils)
 * @param n number of virtual coils, 1 … coils
 * @returns [..., n, H, W]
 * @throws ArgumentError for another n; NumericalError where there is NaN or infinity; ShapeError, DTypeError.
 * Reference: Buehrer et al., MRM 57 (2007); Huang et al., MRI 26 (2008).
 */
export async function compressCoils(kspace: Tensor, n: number): Promise<Tensor> {
  const fn = 'compressCoils';
  checkCoilStack(fn, 'kspace', kspace);
  checkInteger(fn, 'n', n, { min: 1, max: kspace.shape.at(-3)! });
  using gram = coilGram(kspace);
  const { values, vectors } = await linalg.eigh(gram).catch((error) => {
    throw inNameOf(fn, error, 'the Gram matrix of kspace');
  });
  values.dispose();
  using basis = vectors;
  // eigh is ascending, virtual coils descend
  return scope(() => {
    const first = slice(flip(adjointOf(basis), 0), [[0, n]]);
    return mixCoils(first, kspace);
  });
}

/** Σ y_c conj(y_c') over all samples of all slices, [coils, coils]. @internal */
export function coilGram(x: Tensor): Tensor {
  return scope(() => {
    const leading = moveAxis(x, -3, 0);
    const samples = reshape(leading, [leading.shape[0]!, leading.size / leading.shape[0]!]);
    return matmul(samples, adjointOf(samples));
  });
}

const adjointOf = (a: Tensor): Tensor => swapAxes(isComplex(a.dtype) ? conj(a) : a, 0, 1);
