import type { LinearOperator } from '@adjoint/autograd';
import {
  centredFft,
  centredIfft,
  checkFloating,
  formatShape,
  formatType,
  mul,
  ShapeError,
  sameShape,
  scope,
  type Tensor,
} from '@adjoint/tensor';
import { onBehalf } from '../onBehalf.js';
import type { CoilOptions } from './coilWeighting.js';
import { sense, senseAlong } from './sense.js';

/**
 * K-space moved to hybrid space, back along the readout: F_H^H y, image rows times k-space columns. Unitary, so
 * that distances and noise are the same on both sides.
 *
 * @param kspace [..., H, W]
 */
export const toHybrid = (kspace: Tensor): Tensor =>
  centredIfft(checkRows('toHybrid', 'kspace', kspace), { axes: [-2] });

/** Inverse and adjoint of `toHybrid`: F_H z. */
export const fromHybrid = (hybrid: Tensor): Tensor =>
  centredFft(checkRows('fromHybrid', 'hybrid', hybrid), { axes: [-2] });

function checkRows(fn: string, argument: string, x: Tensor): Tensor {
  if (checkFloating(fn, argument, x).rank >= 2) return x;
  throw new ShapeError({ fn, argument, expected: '[..., H, W]', got: formatType(x) });
}

/**
 * `sense` for masks of whole columns, between images and hybrid space: z_c = M ∘ F_W(S_c ∘ x), equal to
 * `toHybrid` of what `sense` gives. A column mask does not see the readout, so that its transform moves through.
 *
 * @param maps floating or complex [..., coils, H, W]; [..., sets, coils, H, W] with `sets`
 * @param mask real [W]
 * @throws ShapeError for a 2-D mask, or when maps and mask do not fit; DTypeError, ArgumentError.
 */
export function senseHybrid(maps: Tensor, mask: Tensor, options: CoilOptions = {}): LinearOperator {
  const fn = 'senseHybrid';
  if (mask?.rank !== undefined && mask.rank !== 1)
    throw new ShapeError({
      fn,
      argument: 'mask',
      expected: '[W]: whole columns',
      got: formatType(mask),
      remedy: 'Use sense() or senseSystem() for 2-D patterns.',
    });
  return senseAlong(fn, maps, mask, options, [-1]);
}

/** A least-squares problem ‖A x − data‖². */
export interface SenseSystem {
  readonly operator: LinearOperator;
  readonly data: Tensor;
}

/**
 * What a solver works on: an operator and data with ‖A x − data‖ = ‖M F S x − M y‖ for every image x. With a mask
 * of whole columns both are in hybrid space, where every application has half the transforms; with a 2-D
 * mask they are `sense` and M y.
 *
 * @param kspace y, [..., coils, H, W]; what it holds where nothing was sampled does not count.
 * @throws ShapeError when the three do not fit together; DTypeError, ArgumentError.
 */
export function senseSystem(
  maps: Tensor,
  mask: Tensor,
  kspace: Tensor,
  options: CoilOptions = {},
): SenseSystem {
  const fn = 'senseSystem';
  checkFloating(fn, 'kspace', kspace);
  const operator = onBehalf(fn, () => (mask?.rank === 1 ? senseHybrid : sense)(maps, mask, options));
  const { shape } = operator.range;
  if (!sameShape(kspace.shape, shape))
    throw new ShapeError({
      fn,
      argument: 'kspace',
      expected: `${formatShape(shape)} to match the maps`,
      got: formatShape(kspace.shape),
    });
  const sampled = (): Tensor => mul(kspace, mask);
  return { operator, data: mask.rank === 1 ? scope(() => toHybrid(sampled())) : sampled() };
}
