import { type LinearOperator, linearOperator, scan } from '@adjoint/autograd';
import { sense, senseCombine } from '@adjoint/mri';
import {
  abs2,
  add,
  centredFft,
  centredIfft,
  checkInteger,
  checkNumber,
  conj,
  div,
  maximum,
  mul,
  real,
  sub,
  sum,
  type Tensor,
  unsqueeze,
  zerosLike,
} from '@adjoint/tensor';

/**
 * The combination of zero-filled coil images as an operator: R y = Σ_c conj(S_c) F^H M y_c / Σ_c |S_c|² (`zeroFilled` with maps, complex).
 *
 * @param maps c64 [..., coils, H, W]
 * @param mask [W] or [H, W]
 */
export function zeroFilledOperator(maps: Tensor, mask: Tensor): LinearOperator {
  const { domain, range } = sense(maps, mask);
  const energy = (): Tensor => maximum(sum(abs2(maps), { axes: -3 }), 1.2e-38);
  return linearOperator({
    ...{ name: 'zeroFilled', domain: range, range: domain },
    apply: (y) => senseCombine(centredIfft(mul(y, mask)), maps),
    adjoint: (x) => mul(centredFft(mul(maps, unsqueeze(div(x, energy()), -3))), mask),
  });
}

/**
 * CG-SENSE as an operator: R = (A^H A + λI)^{-1} A^H with A = M F S, by conjugate gradients run to convergence (`cgSense` with many
 * iterations, complex).
 *
 * @param lambda above 0: without it R is unbounded where sampling sees nothing
 * @param options.iterations of both directions; default 100
 */
export function tikhonovOperator(
  maps: Tensor,
  mask: Tensor,
  lambda: number,
  { iterations = 100 }: { readonly iterations?: number | undefined } = {},
): LinearOperator {
  const fn = 'tikhonovOperator';
  checkNumber(fn, 'lambda', lambda, { positive: true });
  checkInteger(fn, 'option iterations', iterations, { min: 1 });
  const A = sense(maps, mask);
  const solve = (b: Tensor): Tensor =>
    conjugateGradients((x) => add(A.normal(x), mul(x, lambda)), b, iterations);
  return linearOperator({
    ...{ name: 'tikhonov', domain: A.range, range: A.domain },
    apply: (y) => solve(A.adjoint(y)),
    adjoint: (x) => A.apply(solve(x)),
  });
}

/**
 * Early-stopped gradient descent on ½‖A x − y‖² from 0, as an operator: R = τ Σ_{j<K} (I − τ A^H A)^j A^H (Landweber). A singular value σ
 * of A becomes (1 − (1 − τσ²)^K)/σ.
 *
 * @param options.stepSize τ; default 0.283, that of the published l1 of Darestani et al., ICML 2021
 * @param options.iterations K; default 1000
 */
export function gradientDescentOperator(
  maps: Tensor,
  mask: Tensor,
  options: { readonly stepSize?: number | undefined; readonly iterations?: number | undefined } = {},
): LinearOperator {
  const fn = 'gradientDescentOperator';
  const stepSize = checkNumber(fn, 'option stepSize', options.stepSize ?? 0.283, { positive: true });
  const iterations = checkInteger(fn, 'option iterations', options.iterations ?? 1000, { min: 1 });
  const A = sense(maps, mask);
  const series = (b: Tensor): Tensor =>
    scan((x: Tensor) => sub(x, mul(sub(A.normal(x), b), stepSize)), iterations, zerosLike(b));
  return linearOperator({
    ...{ name: 'gradientDescent', domain: A.range, range: A.domain },
    apply: (y) => series(A.adjoint(y)),
    adjoint: (x) => A.apply(series(x)),
  });
}

const inner = (a: Tensor, b: Tensor): Tensor =>
  sum(real(mul(conj(a), b)), { axes: [-2, -1], keepDims: true });

/** M^{-1} b for a Hermitian positive definite M, slice by slice. */
function conjugateGradients(M: (x: Tensor) => Tensor, b: Tensor, iterations: number): Tensor {
  const start = { x: zerosLike(b), r: b, p: b, rr: inner(b, b) };
  const { x } = scan(
    ({ x, r, p, rr }: typeof start) => {
      const image = M(p);
      const alpha = div(rr, maximum(inner(p, image), 1e-30));
      const rNext = sub(r, mul(image, alpha));
      const rrNext = inner(rNext, rNext);
      const pNext = add(rNext, mul(p, div(rrNext, maximum(rr, 1e-30))));
      return { x: add(x, mul(p, alpha)), r: rNext, p: pNext, rr: rrNext };
    },
    iterations,
    start,
  );
  return x;
}
