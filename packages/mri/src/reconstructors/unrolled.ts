import { compose, scan } from '@adjoint/autograd';
import {
  abs,
  abs2,
  add,
  conj,
  div,
  full,
  max,
  maximum,
  mul,
  real,
  realOf,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  zeros,
  zerosLike,
} from '@adjoint/tensor';
import { finiteDifferenceOperator, senseSystem } from '../operators/index.js';
import { groupPenalty, l1Penalty } from '../solvers/index.js';
import { cropOperator } from './extension.js';
import type { Scaling } from './scaledSystem.js';
import type { Sparsity } from './sparsity.js';

/**
 * Fixed numbers of steps as functions of the samples, to be differentiated: every slice of a batch goes its own
 * way, and nothing is read back. Loops are `scan`, so that a gradient keeps only some iterates.
 */

const plane = { axes: [-2, -1], keepDims: true };
const inner = (a: Tensor, b: Tensor): Tensor => sum(real(mul(conj(a), b)), plane);
const orTiny = (x: Tensor): Tensor => maximum(x, 1e-30);

/** c64 [..., coils, H, W], mask and maps. */
export interface Samples {
  readonly kspace: Tensor;
  readonly mask: Tensor;
  readonly maps: Tensor;
}

const systemOf = ({ kspace, mask, maps }: Samples) =>
  senseSystem(maps, mask, kspace, { batch: kspace.shape.slice(0, -3) });

/** Conjugate gradients from 0 on (A^H A + λI) x = A^H y. @internal */
export function unrolledConjugateGradient(samples: Samples, lambda: number, iterations: number): Tensor {
  const { operator, data } = systemOf(samples);
  const b = operator.adjoint(data);
  const start = { x: zerosLike(b), r: b, p: b, rr: inner(b, b) };
  const { x } = scan(
    ({ x, r, p, rr }: typeof start) => {
      const image = add(operator.normal(p), mul(p, lambda));
      const alpha = div(rr, orTiny(inner(p, image)));
      const rNext = sub(r, mul(image, alpha));
      const rrNext = inner(rNext, rNext);
      const pNext = add(rNext, mul(p, div(rrNext, orTiny(rr))));
      return { x: add(x, mul(p, alpha)), r: rNext, p: pNext, rr: rrNext };
    },
    iterations,
    start,
  );
  return x;
}

/** What l1 and total variation have in common. */
export interface UnrolledOptions {
  readonly lambda: number;
  readonly scaling: Scaling;
  readonly iterations: number;
}

/** Weight of the penalty per slice, and a Lipschitz constant for all. */
function weights(b: Tensor, { mask, maps }: Samples, { lambda, scaling }: UnrolledOptions) {
  const bound = mul(max(sum(abs2(maps), { axes: -3 })), square(max(mask)));
  return { bound, weight: scaling === 'absolute' ? lambda : mul(max(abs(b), plane), lambda) };
}

/** FISTA without restart from 0 on ½‖A x − y‖² + λ R(x). @internal */
export function unrolledFista(
  samples: Samples,
  { multiple, on }: Sparsity,
  options: UnrolledOptions,
): Tensor {
  const system = systemOf(samples);
  const crop = cropOperator(system.operator.domain, multiple);
  const operator = crop ? compose(system.operator, crop) : system.operator;
  const penalty = l1Penalty(on(operator.domain));
  const b = operator.adjoint(system.data);
  const { bound, weight } = weights(b, samples, options);
  const threshold = div(weight, bound);
  const t = full([], 1, { dtype: realOf(b.dtype), device: b.device });
  const { x } = scan(
    ({ x, z, t }: { x: Tensor; z: Tensor; t: Tensor }) => {
      const gradient = sub(operator.normal(z), b);
      const next = penalty.proximal(sub(z, div(gradient, bound)), threshold, []);
      const tNext = mul(add(sqrt(add(mul(square(t), 4), 1)), 1), 0.5);
      return { x: next, z: add(next, mul(sub(next, x), div(sub(t, 1), tNext))), t: tNext };
    },
    options.iterations,
    { x: zerosLike(b), z: zerosLike(b), t },
  );
  return crop ? crop.apply(x) : x;
}

/** ‖D‖² of circular differences along two axes. */
const differenceNorm = 8;

/** Primal-dual steps (`pdhg`) from 0 on ½‖A x − y‖² + λ TV(x). @internal */
export function unrolledTotalVariation(samples: Samples, options: UnrolledOptions): Tensor {
  const { operator, data } = systemOf(samples);
  const b = operator.adjoint(data);
  const { bound, weight } = weights(b, samples, options);
  const D = finiteDifferenceOperator(operator.domain);
  const half = mul(bound, 0.5);
  const tau = div(2, add(half, sqrt(add(square(half), 4 * differenceNorm))));
  const { x } = scan(
    ({ x, p }: { x: Tensor; p: Tensor }) => {
      const gradient = add(sub(operator.normal(x), b), D.adjoint(p));
      const next = sub(x, mul(gradient, tau));
      const ascended = add(div(p, tau), D.apply(sub(mul(next, 2), x)));
      const shrunk = groupPenalty.proximal(ascended, div(weight, tau), []);
      return { x: next, p: mul(sub(ascended, shrunk), tau) };
    },
    options.iterations,
    { x: zerosLike(b), p: zeros(D.range.shape, { dtype: D.range.dtype, device: b.device }) },
  );
  return x;
}
