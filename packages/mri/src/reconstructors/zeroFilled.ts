import { centredIfft, checkChoice, checkOptions, mul, scope, type Tensor, where } from '@adjoint/tensor';
import { rss, senseCombine } from '../coils/index.js';
import type { Reconstructor } from '../reconstructor.js';
import { checkTypes, checkValues } from './checkMeasurement.js';
import { finishedImage } from './image.js';
import { knownMaps, mapsOf } from './slices.js';

export interface ZeroFilledOptions {
  /** c64 [..., coils, H, W], for `sense`; default those of the measurement, or ESPIRiT's. */
  readonly maps?: Tensor | undefined;
  /** How coil images become one; default `sense` if the option maps is given, else `rss`. */
  readonly combine?: 'rss' | 'sense' | undefined;
}

/**
 * The inverse Fourier transform of what was measured, zeros elsewhere: √Σ_c |F^H M y_c|² (`rss`), or
 * |Σ_c conj(S_c) F^H M y_c|/Σ_c |S_c|² (`sense`; Roemer et al., MRM 16 (1990)).
 *
 * @throws ArgumentError; ShapeError, DTypeError, NumericalError from `reconstruct` for unusable samples.
 */
export function zeroFilled(options: ZeroFilledOptions = {}): Reconstructor {
  const fn = 'zeroFilled';
  const given = checkOptions(fn, options, ['maps', 'combine']).maps;
  const combine = checkChoice(fn, 'option combine', options.combine ?? (given ? 'sense' : 'rss'), [
    'rss',
    'sense',
  ]);
  const image = (kspace: Tensor, mask: Tensor, maps: Tensor | undefined): Tensor => {
    const coilImages = centredIfft(mul(kspace, mask));
    return maps === undefined ? rss(coilImages) : senseCombine(coilImages, maps);
  };
  return {
    name: 'zero-filled',
    async reconstruct(measurement, reconstructOptions = {}) {
      checkTypes(fn, measurement);
      await checkValues(fn, measurement);
      const { kspace, mask } = measurement;
      const found =
        combine === 'sense' ? await mapsOf(fn, given, measurement, reconstructOptions) : undefined;
      try {
        return scope(() => finishedImage(image(where(mask, kspace, 0), mask, found?.maps), measurement));
      } finally {
        if (found?.isOwn) found.maps.dispose();
      }
    },
    differentiable(kspace, measurement) {
      const maps = combine === 'sense' ? knownMaps(fn, given, measurement) : undefined;
      return scope(() => finishedImage(image(kspace, measurement.mask, maps), measurement));
    },
  };
}
