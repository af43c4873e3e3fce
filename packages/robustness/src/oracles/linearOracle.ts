import { type LinearOperator, linearOperator, vjp } from '@adjoint/autograd';
import { type GolubKahanOptions, golubKahan } from '@adjoint/mri';
import { checkOptions, mul, scope, type Tensor, type TensorType, zeros } from '@adjoint/tensor';

/** The worst case of a linear reconstruction R. */
export interface LinearOracle extends Disposable {
  /** max ‖R e‖/‖e‖, the largest singular value. */
  readonly gain: number;
  /** Where it is reached: e of norm 1. Times the budget it is the worst perturbation there is. */
  readonly perturbation: Tensor;
  /** R e/‖R e‖ */
  readonly image: Tensor;
  /** ‖R^H u − s v‖: 0 where the search has converged. */
  readonly residual: number;
}

/**
 * The exact worst case of a method that is linear in the samples: the top singular triplet of R by Golub-Kahan-Lanczos
 * bidiagonalisation. Every attack on such a method can be held against it: ‖R e‖ ≤ gain ‖e‖ for all e. R contains the mask, so
 * that the perturbation has its support.
 *
 * @param reconstruction R from k-space to the complex image
 * @param options.steps of Lanczos; default 60
 * @example const { gain, perturbation } = await linearOracle(tikhonovOperator(maps, mask, 0.01));
 */
export async function linearOracle(
  reconstruction: LinearOperator,
  options: GolubKahanOptions = {},
): Promise<LinearOracle> {
  checkOptions('linearOracle', options, ['steps', 'key', 'signal', 'onProgress']);
  const { u, s, v, residuals } = await golubKahan(reconstruction, 1, {
    ...options,
    steps: options.steps ?? 60,
  });
  const [perturbation, image] = scope(() => [
    mul(v, 1).reshape(reconstruction.domain.shape),
    mul(u, 1).reshape(reconstruction.range.shape),
  ]) as [Tensor, Tensor];
  u.dispose();
  v.dispose();
  return {
    ...{ gain: s[0]!, perturbation, image, residual: residuals[0]! },
    [Symbol.dispose]: () => {
      perturbation.dispose();
      image.dispose();
    },
  };
}

/**
 * A function that is linear in its argument as an operator, its adjoint by reverse mode.
 *
 * @param f complex-linear and traceable; not checked: `dotTest` does
 * @param domain what it takes
 */
export function linearMap(name: string, f: (x: Tensor) => Tensor, domain: TensorType): LinearOperator {
  const origin = (): Tensor => zeros(domain.shape, { dtype: domain.dtype });
  const range = scope(() => {
    const { shape, dtype } = f(origin());
    return { shape, dtype };
  });
  return linearOperator({
    ...{ name, domain, range, apply: f },
    adjoint: (y) => scope(() => vjp(f, origin()).pullback(y)[0]),
  });
}
