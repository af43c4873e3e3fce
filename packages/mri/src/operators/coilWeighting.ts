import { type LinearOperator, linearOperator } from '@adjoint/autograd';
import {
  checkBoolean,
  checkOptions,
  checkShape,
  complexOf,
  conj,
  formatShape,
  isComplex,
  mul,
  ShapeError,
  sum,
  type Tensor,
  type TensorType,
  unsqueeze,
} from '@adjoint/tensor';
import { checkMaps } from './spaces.js';

export interface CoilOptions {
  /** Maps are [..., sets, coils, H, W] and images [..., sets, H, W]: soft-SENSE. Default false. */
  readonly sets?: boolean;
  /** Leading axes of the images, with which those of the maps broadcast; default those of the maps. */
  readonly batch?: readonly number[];
}

/** Images and coil images that belong to maps. @internal */
export interface CoilSpaces {
  readonly domain: TensorType;
  readonly range: TensorType;
}

/** Types on both sides of coil weighting, from checked arguments. @internal */
export function coilSpaces(fn: string, maps: Tensor, options: CoilOptions): CoilSpaces {
  checkOptions(fn, options, ['sets', 'batch']);
  const hasSets = checkBoolean(fn, 'option sets', options.sets ?? false);
  checkMaps(fn, maps, hasSets);
  const dtype = isComplex(maps.dtype) ? maps.dtype : complexOf(maps.dtype);
  const lead = maps.shape.slice(0, hasSets ? -4 : -3);
  const batch = options.batch === undefined ? lead : checkShape(fn, 'option batch', options.batch);
  const fits =
    lead.length <= batch.length && lead.every((n, i) => n === 1 || n === batch.at(i - lead.length));
  if (!fits)
    throw new ShapeError({
      fn,
      argument: 'option batch',
      expected: `axes that the leading axes ${formatShape(lead)} of the maps broadcast to`,
      got: formatShape(batch),
    });
  const plane = maps.shape.slice(-2);
  const sets = hasSets ? [maps.shape.at(-4)!] : [];
  return {
    domain: { shape: [...batch, ...sets, ...plane], dtype },
    range: { shape: [...batch, maps.shape.at(-3)!, ...plane], dtype },
  };
}

/** z_c = Σ_m S_{m,c} x_m; without sets z_c = S_c x. @internal */
export function weightCoils(maps: Tensor, x: Tensor, hasSets: boolean): Tensor {
  const weighted = mul(maps, unsqueeze(x, -3));
  return hasSets ? sum(weighted, { axes: -4 }) : weighted;
}

/** x_m = Σ_c conj(S_{m,c}) z_c. @internal */
export function combineCoils(maps: Tensor, z: Tensor, hasSets: boolean): Tensor {
  const coils = hasSets ? unsqueeze(z, -4) : z;
  return sum(mul(isComplex(maps.dtype) ? conj(maps) : maps, coils), { axes: -3 });
}

/**
 * Coil weighting: z_c = S_c ∘ x, and its adjoint x = Σ_c conj(S_c) ∘ z_c. With several sets of maps, one image
 * each: z_c = Σ_m S_{m,c} ∘ x_m (Uecker et al., MRM 71 (2014), soft-SENSE).
 *
 * @param maps floating or complex [..., coils, H, W]; [..., sets, coils, H, W] with `sets`. Gradients reach them.
 * @returns from images [..., H, W] ([..., sets, H, W]) to coil images [..., coils, H, W], complex
 * @throws ShapeError, DTypeError, ArgumentError
 */
export function coilWeighting(maps: Tensor, options: CoilOptions = {}): LinearOperator {
  const spaces = coilSpaces('coilWeighting', maps, options);
  const { sets: hasSets = false } = options;
  return linearOperator({
    name: 'coilWeighting',
    ...spaces,
    apply: (x) => weightCoils(maps, x, hasSets),
    adjoint: (z) => combineCoils(maps, z, hasSets),
  });
}
