import { compose, type LinearOperator, linearOperator } from '@adjoint/autograd';
import { centredFft, centredIfft, mul, square, type Tensor } from '@adjoint/tensor';
import { centredFftOperator } from './centredFftOperator.js';
import { type CoilOptions, coilSpaces, coilWeighting } from './coilWeighting.js';
import { sampling } from './sampling.js';
import { checkMask, matchMaps } from './spaces.js';

/**
 * The Cartesian multi-coil measurement A = M F S (Pruessmann et al., MRM 42 (1999)):
 *
 *     y_c = M ∘ F(S_c ∘ x),     A^H y = Σ_c conj(S_c) ∘ F^H(M ∘ y_c)
 *
 * with F the centred unitary transform over H and W. In a compiled function `apply` is one kernel, `normal` at
 * most three. With a mask of whole columns the transforms along H cancel in A^H A, so that `normal` transforms
 * along W alone; `senseSystem` gives solvers the same saving in `apply` and `adjoint`.
 *
 * @param maps floating or complex [..., coils, H, W]; [..., sets, coils, H, W] with `sets`
 * @param mask real [W] (columns) or [H, W]
 * @returns from images [..., H, W] ([..., sets, H, W] with `sets`) to k-space [..., coils, H, W], complex.
 * Gradients reach maps and mask.
 * @throws ShapeError when maps and mask do not fit together; DTypeError, ArgumentError.
 * @example const A = sense(maps, mask);   // A.apply(image), A.adjoint(kspace), A.normal(image)
 */
export function sense(maps: Tensor, mask: Tensor, options: CoilOptions = {}): LinearOperator {
  return senseAlong('sense', maps, mask, options);
}

/** `sense` with the transforms over some axes only, under another name. @internal */
export function senseAlong(
  fn: string,
  maps: Tensor,
  mask: Tensor,
  options: CoilOptions,
  axes?: readonly number[],
): LinearOperator {
  const { domain, range } = coilSpaces(fn, maps, options);
  checkMask(fn, mask);
  matchMaps(fn, maps, mask, options.sets ?? false);
  const coils = coilWeighting(maps, options);
  const measure = compose(
    sampling(mask, range),
    centredFftOperator(range, axes === undefined ? {} : { axes }),
    coils,
  );
  const along = mask.rank === 1 ? { axes: [-1] } : axes === undefined ? {} : { axes };
  return linearOperator({
    name: fn,
    domain,
    range,
    apply: measure.apply,
    adjoint: measure.adjoint,
    normal: (x) => coils.adjoint(centredIfft(mul(centredFft(coils.apply(x), along), square(mask)), along)),
  });
}
