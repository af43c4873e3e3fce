import {
  abs,
  complexNormal,
  type DType,
  div,
  type Key,
  maximum,
  minimum,
  mul,
  norm,
  reshape,
  type Tensor,
  unitPhase,
  where,
} from '@adjoint/tensor';

/** 'l2': ‖e‖₂ ≤ r. 'linf': |eᵢ| ≤ r for every complex entry. */
export type BallNorm = 'l2' | 'linf';
export const ballNorms: readonly BallNorm[] = ['l2', 'linf'];

/** Perturbations [..., coils, H, W], one ball for each slice, zero where nothing was sampled. */
export interface Ball {
  readonly norm: BallNorm;
  /** f32 [..., 1, 1, 1]: one for each slice. */
  readonly radius: Tensor;
  /** f32 [W] or [H, W]: entries where it is 0 stay 0. */
  readonly mask: Tensor;
  readonly shape: readonly number[];
  readonly dtype: DType;
}

const slice = { axes: [-3, -2, -1], keepDims: true };
const orTiny = (x: Tensor): Tensor => maximum(x, 1e-30);

/** ‖e‖₂ of every slice, [..., 1, 1, 1]. */
export const lengths = (e: Tensor): Tensor => norm(e, slice);

/** One number per slice, [...], beside perturbations: [..., 1, 1, 1]. */
export const perSlice = (x: Tensor): Tensor => reshape(x, [...x.shape, 1, 1, 1]);

/** The nearest point of the ball: e min(1, r/‖e‖₂), or every entry so. */
export function project({ norm: kind, radius }: Ball, e: Tensor): Tensor {
  const size = kind === 'l2' ? lengths(e) : abs(e);
  return mul(e, minimum(div(radius, orTiny(size)), 1));
}

/** The step of length 1 (every entry of modulus 1) that climbs fastest along a gradient; 0 where that is 0. */
export const steepest = ({ norm: kind }: Ball, gradient: Tensor): Tensor =>
  kind === 'l2' ? div(gradient, orTiny(lengths(gradient))) : unitPhase(gradient);

/** How far out a perturbation is, as part of the radius: ‖e‖/r, [..., 1, 1, 1]. */
export function reach({ norm: kind, radius }: Ball, e: Tensor): Tensor {
  const size = kind === 'l2' ? lengths(e) : norm(e, { ...slice, ord: Number.POSITIVE_INFINITY });
  return div(size, orTiny(radius));
}

/** e scaled onto the sphere; 0 stays 0. */
export const toSphere = (ball: Ball, e: Tensor): Tensor => div(e, orTiny(reach(ball, e)));

/** Circular Gaussian numbers where something was sampled, scaled to `fraction` of the radius. */
export function randomStart(ball: Ball, key: Key, fraction = 1): Tensor {
  const draws = complexNormal(key, ball.shape, { dtype: ball.dtype as 'c64' });
  const noise = where(ball.mask, draws, 0);
  const onSphere = ball.norm === 'l2' ? toSphere(ball, noise) : mul(unitPhase(noise), ball.radius);
  return mul(onSphere, fraction);
}
