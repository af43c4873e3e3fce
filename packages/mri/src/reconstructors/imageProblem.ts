import {
  abs,
  abs2,
  add,
  div,
  type Key,
  max,
  mul,
  square,
  sub,
  sum,
  type Tensor,
  unsqueeze,
  zeros,
} from '@adjoint/tensor';
import type { Measurement } from '../measurement.js';
import { senseSystem } from '../operators/index.js';
import type { FixedPointIteration, Params, ReconstructionProblem } from '../reconstructor.js';
import { finishedImage, type ImageOutput } from './image.js';
import type { Scaling } from './scaledSystem.js';
import { knownMaps } from './slices.js';

export interface ImageProblemOptions {
  readonly fn: string;
  /** Default: those of the measurement. They also say how large the images are, and where they live. */
  readonly maps: Tensor | undefined;
  readonly output: ImageOutput;
  readonly lambda: number;
  readonly scaling: Scaling;
  /** R(x), summed over all slices; a real scalar. */
  readonly value: (x: Tensor) => Tensor;
  /** argmin_u ½‖u − v‖² + t R(u), t of one number per slice, where it has a closed form. */
  readonly proximal?: ((v: Tensor, t: Tensor) => Tensor) | undefined;
}

const plane = { axes: [-2, -1], keepDims: true };
const imageOf = (params: Params): Tensor => (params as { readonly image: Tensor }).image;

/**
 * ½‖A x − y‖² + λ R(x) as an optimisation problem whose parameters are the complex images themselves.
 * @internal
 */
export function imageProblem(options: ImageProblemOptions): ReconstructionProblem {
  const { fn, lambda, scaling, value } = options;
  const mapsFor = (measurement: Pick<Measurement, 'maps'> & { kspace?: Tensor }): Tensor =>
    options.maps ?? knownMaps(fn, undefined, measurement as Measurement);
  return {
    init(_key: Key, measurement?: Measurement) {
      const maps = mapsFor(measurement ?? {});
      const lead = measurement?.kspace.shape.slice(0, -3) ?? maps.shape.slice(0, -3);
      return { image: zeros([...lead, ...maps.shape.slice(-2)], { dtype: maps.dtype, device: maps.device }) };
    },
    objective(params: Params, kspace: Tensor, measurement: Measurement) {
      const x = imageOf(params);
      const batch = x.shape.slice(0, -2);
      const { operator, data } = senseSystem(mapsFor(measurement), measurement.mask, kspace, { batch });
      const misfit = mul(sum(abs2(sub(operator.apply(x), data))), 0.5);
      // R is a norm where its weight is relative: slice by slice, its unit may as well scale the image
      const weighted = scaling === 'absolute' ? x : mul(x, max(abs(operator.adjoint(data)), plane));
      return add(misfit, mul(value(weighted), lambda));
    },
    coilImages: (params: Params, measurement: Measurement) =>
      mul(mapsFor(measurement), unsqueeze(imageOf(params), -3)),
    iteration: proximalSteps(options, mapsFor),
  };
}

/** x ← prox_{λ/L}(x − A^H(A x − y)/L) with L = max_p Σ_c |S_c(p)|² max M². */
function proximalSteps(
  { lambda, scaling, proximal, output }: ImageProblemOptions,
  mapsFor: (measurement: Measurement) => Tensor,
): FixedPointIteration | undefined {
  if (proximal === undefined) return undefined;
  return {
    step(params, kspace, measurement) {
      const x = imageOf(params);
      const [maps, { mask }] = [mapsFor(measurement), measurement];
      const { operator, data } = senseSystem(maps, mask, kspace, { batch: x.shape.slice(0, -2) });
      const b = operator.adjoint(data);
      const bound = mul(max(sum(abs2(maps), { axes: -3 })), max(square(mask)));
      const weight = scaling === 'absolute' ? lambda : mul(max(abs(b), plane), lambda);
      const threshold = div(weight, bound);
      return { image: proximal(sub(x, div(sub(operator.normal(x), b), bound)), threshold) };
    },
    image: (params, measurement) => finishedImage(imageOf(params), measurement, output),
  };
}
