import {
  checkFloating,
  div,
  eye,
  formatType,
  linalg,
  NumericalError,
  reshape,
  ShapeError,
  scope,
  type Tensor,
} from '@adjoint/tensor';
import { checkCoilStack, mixCoils } from './coilStack.js';
import { coilGram } from './compressCoils.js';

/**
 * Decorrelates the noise of the coils: z = L⁻¹ y with Ψ = L L^H, Ψ = Σ n n^H / samples the covariance of the
 * noise. The noise in z is white with E|n|² = 1 in every coil, which is what SENSE's least squares assume.
 *
 * @param kspace floating or complex [..., coils, H, W]
 * @param noise samples without signal, floating or complex [coils, ...], at least as many as there are coils
 * @returns [..., coils, H, W]
 * @throws ShapeError when the coils differ or samples are too few; NumericalError when a coil is silent, equals a
 * combination of others, or there is NaN; DTypeError.
 * Reference: Pruessmann et al., MRM 46 (2001).
 */
export async function whiten(kspace: Tensor, noise: Tensor): Promise<Tensor> {
  const fn = 'whiten';
  const [coils] = checkCoilStack(fn, 'kspace', kspace).shape.slice(-3) as [number, number, number];
  checkFloating(fn, 'noise', noise);
  const samples = noise.size / coils;
  if (noise.rank < 2 || noise.shape[0] !== coils || samples < coils)
    throw new ShapeError({
      fn,
      argument: 'noise',
      expected: `[${coils}, samples] with at least ${coils} samples to match the coils of kspace`,
      got: formatType(noise),
    });
  using covariance = scope(() => div(coilGram(reshape(noise, [coils, samples, 1])), samples));
  using factor = await factorOf(fn, covariance);
  using identity = eye(coils, coils, { dtype: factor.dtype, device: factor.device });
  using inverse = await linalg.solve(factor, identity);
  return mixCoils(inverse, kspace);
}

async function factorOf(fn: string, covariance: Tensor): Promise<Tensor> {
  try {
    return await linalg.cholesky(covariance);
  } catch (error) {
    if (!(error instanceof NumericalError)) throw error;
    throw new NumericalError({
      fn,
      argument: 'noise',
      expected: 'finite and not silent or dependent in any coil',
      got: `a covariance without a Cholesky factor (${error.message})`,
      remedy: 'Leave broken coils out of noise and k-space.',
    });
  }
}
