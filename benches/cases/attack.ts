import { type FlatLayout, flattenParameters, unflattenParameters, valueAndGrad } from '@adjoint/autograd';
import { type Parameters, unet, unetReconstructor } from '@adjoint/models';
import { l1 } from '@adjoint/mri';
import { abs2, add, div, jit, key, minimum, mul, norm, sub, sum, type Tensor } from '@adjoint/tensor';
import { type BenchCase, bench, c64, coilMaps, f32, kspace, mask } from './case.js';

const shape = [15, 320, 320] as const;
/** Roundings of the network, its gradient and the transforms; wavelets on another grid would make 5e-4. */
const tolerance = 2e-4;

/** e + α r g/‖g‖, and back into the ball. */
function ascended(e: Tensor, gradient: Tensor, radius: number): Tensor {
  const moved = add(e, mul(gradient, div(0.25 * radius, norm(gradient))));
  return mul(moved, minimum(div(radius, norm(moved)), 1));
}

const network = unet({ chans: 32, pools: 4 });
const count = 7_756_097;
let known: FlatLayout<Parameters> | undefined;

/** Made when the first row runs: there is a device then. */
function layoutOf(): FlatLayout<Parameters> {
  if (known) return known;
  const { flat, layout } = flattenParameters(network.init(key(0)));
  flat.dispose();
  known = layout;
  return layout;
}

/**
 * One iteration of projected gradient ascent through the U-net: coil images, root sum of squares, normalisation, network, gradient,
 * step and projection.
 */
const pgdUnet = jit((e: Tensor, y: Tensor, sampled: Tensor, clean: Tensor, weights: Tensor) => {
  const parameters = unflattenParameters(weights, layoutOf());
  const image = unetReconstructor({ network, parameters }).differentiable!;
  const change = (at: Tensor): Tensor =>
    sum(abs2(sub(image(add(y, at), { kspace: y, mask: sampled }), clean)));
  const { value, gradient } = valueAndGrad(change)(e);
  return [value, ascended(e, gradient, 1)];
});

const stepSize = 0.283;
const problem = l1({ wavelet: 'db2', lambda: 0.005, scaling: 'absolute' }).problem!;

/** One iteration of the joint attack on l1: image and perturbation descend its objective and the reward. */
const jointL1 = jit((x: Tensor, e: Tensor, y: Tensor, maps: Tensor, sampled: Tensor, z: Tensor) => {
  const measurement = { kspace: y, mask: sampled, maps };
  const objective = (image: Tensor, at: Tensor): Tensor =>
    sub(
      problem.objective({ image }, add(y, at), measurement),
      mul(sum(abs2(sub(problem.coilImages({ image }, measurement), z))), 0.5),
    );
  const { gradient } = valueAndGrad(objective, { argnums: [0, 1] })(x, e);
  const moved = sub(e, mul(gradient[1], stepSize));
  return [sub(x, mul(gradient[0], stepSize)), mul(moved, minimum(div(1, norm(moved)), 1))];
});

export const attackCases: readonly BenchCase[] = [
  bench(
    'pgd_unet_iteration',
    shape,
    [c64(...shape), kspace(...shape), mask(320), f32(320, 320), f32(count)],
    (e, y, sampled, clean, weights) => pgdUnet(e!, y!, sampled!, clean!, weights!),
    { tolerance },
  ),
  bench(
    'joint_attack_l1_iteration',
    shape,
    [c64(320, 320), c64(...shape), kspace(...shape), coilMaps(...shape), mask(320), c64(...shape)],
    (x, e, y, maps, sampled, z) => jointL1(x!, e!, y!, maps!, sampled!, z!),
    { tolerance },
  ),
];
