import type { LinearOperator } from '@adjoint/autograd';
import {
  checkInteger,
  checkOptions,
  conj,
  div,
  equal,
  greater,
  iota,
  isComplex,
  isDouble,
  jit,
  type Key,
  linalg,
  matmul,
  max,
  maximum,
  mul,
  norm,
  realOf,
  reshape,
  scope,
  sizeOf,
  slice,
  stack,
  sub,
  type Tensor,
  tensor,
  unsqueeze,
  where,
  zeros,
} from '@adjoint/tensor';
import { breathing, type LoopOptions } from '../loop.js';
import { onBehalf } from '../onBehalf.js';
import { randomLike } from './powerIteration.js';
import { checkOperator } from './problem.js';

export interface GolubKahanOptions extends LoopOptions {
  /** Lanczos steps, each with one A and one A^H; default 2 count + 10, at most the size of the domain. */
  readonly steps?: number | undefined;
  /** Of the random start; its device is where the work is done. Default key(0) on the current device. */
  readonly key?: Key | undefined;
}

/** Singular triplets, largest first: A vᵢ = sᵢ uᵢ. */
export interface SingularTriplets {
  /** [count, ...range] */
  readonly u: Tensor;
  readonly s: readonly number[];
  /** [count, ...domain], orthonormal. */
  readonly v: Tensor;
  /** Bounds of ‖A^H uᵢ − sᵢ vᵢ‖: how far each has converged. */
  readonly residuals: readonly number[];
  readonly steps: number;
}

interface State {
  /** Orthonormal right Lanczos vectors so far, [steps, size of the domain]; the others are 0. */
  readonly basis: Tensor;
  readonly v: Tensor;
  readonly u: Tensor;
  /** Diagonal and superdiagonal of the bidiagonal matrix B, [steps]. */
  readonly alphas: Tensor;
  readonly betas: Tensor;
}

/**
 * The largest singular values of an operator with their vectors, by Golub-Kahan-Lanczos bidiagonalisation A V = U B with full
 * re-orthogonalisation (twice) of the right vectors; the left ones then need none (Simon & Zha 2000):
 *
 *     αⱼ uⱼ = A vⱼ − βⱼ₋₁ uⱼ₋₁,    βⱼ vⱼ₊₁ = A^H uⱼ − αⱼ vⱼ
 *
 * The largest singular values of B converge first. Memory: `steps` images beside one vector of the range.
 *
 * @param count how many triplets
 * @throws ArgumentError when more are asked for than the domain has dimensions; NumericalError where A gives NaN.
 * Reference: Golub & Kahan, SIAM J. Numer. Anal. 2 (1965); Simon & Zha, SIAM J. Sci. Comput. 21 (2000).
 */
export async function golubKahan(
  operator: LinearOperator,
  count: number,
  options: GolubKahanOptions = {},
): Promise<SingularTriplets> {
  const fn = 'golubKahan';
  checkOptions(fn, options, ['steps', 'key', 'signal', 'onProgress']);
  checkOperator(fn, 'operator', operator);
  const size = sizeOf(operator.domain.shape);
  checkInteger(fn, 'count', count, { min: 1, max: size });
  const steps = checkInteger(fn, 'option steps', options.steps ?? Math.min(size, 2 * count + 10), {
    min: count,
    max: size,
  });
  const breathe = breathing(options);
  const step = jit((state: State, j: Tensor) => lanczosStep(operator, state, j), { donate: [0] });
  let state = scope(() => onBehalf(fn, () => lanczosStart(operator, steps, options.key)));
  try {
    for (let j = 0; j < steps; j++) {
      await breathe();
      state = step(state, j);
      options.onProgress?.({ step: j + 1, steps });
    }
    const { q, s, residuals } = await bidiagonalSvd(state, count);
    using weights = q;
    const v = scope(() => reshape(matmul(weights, state.basis), [count, ...operator.domain.shape]));
    return { u: leftVectors(operator, v, s), s, v, residuals, steps };
  } finally {
    for (const spent of Object.values(state) as Tensor[]) spent.dispose();
    step.dispose();
  }
}

function lanczosStart(operator: LinearOperator, steps: number, key: Key | undefined): State {
  const start = randomLike(operator.domain, key);
  const { device } = start;
  const { shape, dtype } = operator.range;
  const numbers = (): Tensor => zeros([steps], { dtype: realOf(dtype), device });
  return {
    basis: zeros([steps, start.size], { dtype: start.dtype, device }),
    v: div(start, norm(start)),
    u: zeros(shape, { dtype, device }),
    alphas: numbers(),
    betas: numbers(),
  };
}

/** From vⱼ and uⱼ₋₁ to uⱼ and vⱼ₊₁. A length at the level of rounding ends the expansion: what follows is 0. */
function lanczosStep(operator: LinearOperator, { basis, v, u, alphas, betas }: State, j: Tensor): State {
  const rows = iota(alphas.size, { device: alphas.device });
  const floor = mul(max(alphas), isDouble(alphas.dtype) ? 1e-13 : 1e-6);
  const previous = max(where(equal(rows, sub(j, 1)), betas, 0));
  const image = sub(operator.apply(v), mul(u, previous));
  const alpha = norm(image);
  const uNext = div(image, where(greater(alpha, floor), alpha, Number.POSITIVE_INFINITY));
  const flat = reshape(v, [1, v.size]);
  const known = where(equal(unsqueeze(rows, 1), j), flat, basis);
  let w = reshape(sub(operator.adjoint(uNext), mul(v, alpha)), [v.size, 1]);
  for (let pass = 0; pass < 2; pass++) {
    const overlap = matmul(isComplex(known.dtype) ? conj(known) : known, w);
    w = sub(w, reshape(matmul(reshape(overlap, [1, overlap.size]), known), [v.size, 1]));
  }
  const beta = norm(w);
  const scale = where(greater(beta, maximum(floor, mul(alpha, 1e-6))), beta, Number.POSITIVE_INFINITY);
  return {
    basis: known,
    v: reshape(div(w, scale), v.shape),
    u: uNext,
    alphas: where(equal(rows, j), where(greater(alpha, floor), alpha, 0), alphas),
    betas: where(equal(rows, j), where(greater(scale, 1e30), 0, beta), betas),
  };
}

/** The largest singular values of B, what combines right Lanczos vectors to singular ones [count, steps], and residuals. */
async function bidiagonalSvd(
  { alphas, betas, basis }: State,
  count: number,
): Promise<{ q: Tensor; s: number[]; residuals: number[] }> {
  const [diagonal, above] = await Promise.all([alphas.data(), betas.data()]);
  const n = diagonal.length;
  const dense = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    dense[j * n + j] = diagonal[j]!;
    if (j + 1 < n) dense[j * n + j + 1] = above[j]!;
  }
  using matrix = tensor(dense, { shape: [n, n], dtype: alphas.dtype, device: basis.device });
  const found = await linalg.svd(matrix);
  using left = found.u;
  using right = found.vh;
  using values = found.s;
  const [p, s] = await Promise.all([left.data(), values.data()]);
  const last = (i: number): number => Math.abs(above[n - 1]! * p[(n - 1) * n + i]!);
  return {
    q: scope(() => slice(right, [[0, count]])),
    s: Array.from(s.slice(0, count)),
    residuals: Array.from({ length: count }, (_, i) => last(i)),
  };
}

/** uᵢ = A vᵢ/sᵢ, and 0 where sᵢ is 0. */
const leftVectors = (operator: LinearOperator, v: Tensor, s: readonly number[]): Tensor =>
  scope(() => stack(s.map((value, i) => mul(operator.apply(slice(v, [i])), value > 0 ? 1 / value : 0))));
