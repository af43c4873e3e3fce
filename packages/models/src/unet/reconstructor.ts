import { checkMeasurement, cropCentre, type Measurement, type Reconstructor, rss } from '@adjoint/mri';
import {
  ArgumentError,
  add,
  centredIfft,
  checkOptions,
  clamp,
  describe,
  div,
  jit,
  mean,
  mul,
  reshape,
  scope,
  std,
  sub,
  type Tensor,
  where,
} from '@adjoint/tensor';
import { checkParameters, type Network, type Parameters } from '../network.js';

export interface UnetReconstructorOptions {
  /** From images [N, 1, H, W] to images [N, 1, H, W]. */
  readonly network: Network;
  readonly parameters: Parameters;
  /** Default: the network's architecture. */
  readonly name?: string | undefined;
}

/** Added to the standard deviation, as fastMRI's `normalize_instance` does. */
const eps = 1e-11;
const clampAt = 6;

/** An image as the network gets it, and how to come back. */
export interface NormalisedImage {
  readonly input: Tensor;
  readonly mean: Tensor;
  readonly std: Tensor;
}

/**
 * Images [..., H, W] minus their means, divided by their (unbiased) standard deviations, and clamped to ±6: fastMRI's
 * `normalize_instance`, every image by itself. `mean` and `std` are [..., 1, 1].
 */
export function normaliseImages(images: Tensor): NormalisedImage {
  const plane = { axes: [-2, -1], keepDims: true };
  return scope(() => {
    const average = mean(images, plane);
    const deviation = add(std(images, plane), eps);
    return { input: normalisedBy(images, average, deviation), mean: average, std: deviation };
  });
}

/** Images in the units of others: the target of training in those of the input. */
export const normalisedBy = (images: Tensor, average: Tensor, deviation: Tensor): Tensor =>
  scope(() => clamp(div(sub(images, average), deviation), -clampAt, clampAt));

/** The root sum of squares of the coil images of what was measured, cropped. */
const zeroFilledImage = (kspace: Tensor, { crop }: Measurement): Tensor => {
  const coilImages = centredIfft(kspace);
  return rss(crop ? cropCentre(coilImages, crop) : coilImages);
};

/** The net on images [..., H, W]: normalised, through it, and back to their units. */
function throughNetwork(network: Network, parameters: Parameters, images: Tensor): Tensor {
  const [height, width] = images.shape.slice(-2) as [number, number];
  const { input, mean, std } = normaliseImages(reshape(images, [-1, 1, height, width]));
  return reshape(add(mul(network.apply(parameters, input), std), mean), images.shape);
}

/**
 * A network on the zero-filled magnitude image, as fastMRI's U-net is used: unitary inverse transform of the samples,
 * crop, root sum of squares over the coils, mean 0 and deviation 1, clamped to ±6, network, times deviation plus mean.
 *
 * `differentiable` goes through all of it, mean and deviation included.
 *
 * @throws ArgumentError, ShapeError, DTypeError for other parameters than the network's; ShapeError, DTypeError,
 * NumericalError from `reconstruct` for unusable samples
 * @example const method = unetReconstructor(await loadWeights('unet.safetensors'));
 */
export function unetReconstructor(options: UnetReconstructorOptions): Reconstructor {
  const fn = 'unetReconstructor';
  // what loadWeights gives may be handed over as it is
  const { network, parameters, name } = checkOptions(fn, options, [
    'network',
    'parameters',
    'name',
    'metadata',
  ]);
  checkNetwork(fn, network);
  checkParameters(fn, 'parameters', network, parameters);
  const compiled = jit((weights: Parameters, images: Tensor) => throughNetwork(network, weights, images));
  return {
    name: name ?? network.architecture,
    async reconstruct(measurement) {
      await checkMeasurement(fn, measurement);
      const { kspace, mask } = measurement;
      return scope(() => compiled({ ...parameters }, zeroFilledImage(where(mask, kspace, 0), measurement)));
    },
    differentiable: (kspace, measurement) =>
      scope(() =>
        throughNetwork(network, parameters, zeroFilledImage(mul(kspace, measurement.mask), measurement)),
      ),
  };
}

function checkNetwork(fn: string, network: Network): void {
  if (network === null || typeof network?.apply !== 'function' || typeof network.shapes !== 'object')
    throw new ArgumentError({ fn, argument: 'network', expected: 'a network', got: describe(network) });
  const { inChans = 1, outChans = 1 } = network.config;
  if (inChans === 1 && outChans === 1) return;
  throw new ArgumentError({
    fn,
    argument: 'network',
    expected: 'from one channel to one channel',
    got: `${inChans} to ${outChans}`,
  });
}
