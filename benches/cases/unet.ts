import {
  adam,
  type FlatLayout,
  flattenParameters,
  type OptimiserState,
  unflattenParameters,
  valueAndGrad,
} from '@adjoint/autograd';
import { type Parameters, unet } from '@adjoint/models';
import { jit, key, l1Loss, mul, type Tensor } from '@adjoint/tensor';
import { type BenchCase, bench, f32 } from './case.js';

/** The U-net that fastMRI trains, on one of its images. All weights come as one vector, in the order of its state dict. */
const network = unet({ chans: 32, pools: 4 });
const count = 7_756_097;
const image = [1, 1, 320, 320];
/** Depth multiplies the roundings of one convolution; Adam's first step is a sign, which roundings turn where it is near 0. */
const tolerance = 1e-4;

let known: FlatLayout<Parameters> | undefined;

/** Made when the first row runs: there is a device then. */
function layoutOf(): FlatLayout<Parameters> {
  if (known) return known;
  const { flat, layout } = flattenParameters(network.init(key(0)));
  flat.dispose();
  known = layout;
  return layout;
}

const output = (weights: Tensor, x: Tensor): Tensor =>
  network.apply(unflattenParameters(weights, layoutOf()), x);

const forward = jit(output);
const optimiser = adam({ lr: 1e-3 });

const step = jit(
  (weights: Tensor, state: OptimiserState, x: Tensor, target: Tensor) => {
    const { value, gradient } = valueAndGrad((w: Tensor) => l1Loss(output(w, x), target))(weights);
    return { loss: value, ...optimiser.update(weights, gradient, state) };
  },
  { donate: [0, 1] },
);

/** Where training stands: every call is the step after the one before. */
let training: { readonly params: Tensor; readonly state: OptimiserState } | undefined;

async function trainStep(x: Tensor, target: Tensor, weights: Tensor): Promise<Tensor[]> {
  training ??= { params: mul(weights, 1), state: optimiser.init(weights) };
  const { loss, ...next } = step(training.params, training.state, x, target);
  training = next;
  return [loss, next.params.alias()];
}

export const unetCases: readonly BenchCase[] = [
  bench('unet_c32_p4_fwd', image, [f32(...image), f32(count)], (x, weights) => forward(weights, x), {
    tolerance,
  }),
  bench('unet_c32_p4_train_step_adam', image, [f32(...image), f32(...image), f32(count)], trainStep, {
    isAsync: true,
    tolerance,
  }),
];
