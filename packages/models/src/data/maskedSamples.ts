import { cropCentre, type Mask, maskTensor, NumpyRandom, rss, studyMask } from '@adjoint/mri';
import {
  ArgumentError,
  centredFft,
  centredIfft,
  checkFunction,
  checkNumber,
  type Jitted,
  jit,
  type Key,
  mul,
  scope,
  type Tensor,
  unsqueeze,
} from '@adjoint/tensor';
import { normalisedBy, normaliseImages } from '../unet/reconstructor.js';
import { type Augmentation, augmented, type CheckedAugmentation, checkAugmentation } from './augment.js';
import type { Sample } from './trainingData.js';

export interface SamplingOptions {
  /** One column in so many is measured; default 4. */
  readonly acceleration?: number | undefined;
  /** Part of the columns that form the measured centre; default 0.07. */
  readonly centerFraction?: number | undefined;
  /** Draws the masks instead: equal seeds must give equal masks. Default: `studyMask`, random columns. */
  readonly mask?: ((width: number, seed: number) => Mask) | undefined;
  /** Moves whole acquisitions before they are masked; default true. */
  readonly augment?: boolean | Augmentation | undefined;
}

export const samplingOptionNames = ['acceleration', 'centerFraction', 'mask', 'augment'] as const;

/** Makes examples of fully sampled coil images. */
export class MaskedSamples {
  private readonly augmentation: CheckedAugmentation | undefined;
  private readonly drawMask: (width: number, seed: number) => Mask;
  private readonly make: Jitted<[Tensor, Tensor], Sample>;

  constructor(fn: string, options: SamplingOptions, crop: readonly [number, number] | undefined) {
    const { acceleration = 4, centerFraction = 0.07, mask, augment = true } = options;
    checkNumber(fn, 'option acceleration', acceleration, { min: 1 });
    checkNumber(fn, 'option centerFraction', centerFraction, { min: 0, max: 1 });
    if (mask !== undefined) {
      checkFunction(fn, 'option mask', mask);
      if (options.acceleration !== undefined || options.centerFraction !== undefined)
        throw new ArgumentError({
          fn,
          argument: 'option mask',
          expected: 'without acceleration and centerFraction, which the function decides',
          got: 'both',
        });
    }
    this.drawMask = mask ?? ((width, seed) => studyMask({ width, seed, acceleration, centerFraction }));
    this.augmentation = checkAugmentation(fn, augment);
    this.make = jit((coilImages: Tensor, columns: Tensor) => maskedSample(coilImages, columns, crop));
  }

  /** One example: the coil images moved, sampled with a fresh mask, combined, and both images normalised. */
  async of(coilImages: Tensor, key: Key): Promise<Sample> {
    const random = new NumpyRandom(Array.from(await key.data(), (word) => word >>> 0));
    return scope(() => {
      const moved = this.augmentation ? augmented(coilImages, this.augmentation, random) : coilImages;
      const mask = this.drawMask(moved.shape.at(-1)!, random.randint(2 ** 32));
      return this.make(moved, maskTensor(mask));
    });
  }

  /** Frees what was compiled. */
  dispose(): void {
    this.make.dispose();
  }
}

/**
 * The example of coil images c64 [coils, H, W]: `input`, the normalised root sum of squares of what the mask leaves, and
 * `target`, that of everything in the same units, both f32 [1, h, w]; `mean` and `std` [1, 1, 1], the way back.
 */
function maskedSample(
  coilImages: Tensor,
  mask: Tensor,
  crop: readonly [number, number] | undefined,
): Sample & { readonly mean: Tensor; readonly std: Tensor } {
  const image = (x: Tensor): Tensor => unsqueeze(rss(crop ? cropCentre(x, crop) : x), 0);
  const undersampled = image(centredIfft(mul(centredFft(coilImages), mask)));
  const { input, mean, std } = normaliseImages(undersampled);
  return { input, target: normalisedBy(image(coilImages), mean, std), mean, std };
}
