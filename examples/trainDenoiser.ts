/**
 * A small complex-valued convolutional network, trained from scratch to remove noise from a real MR image.
 * Weights, activations and gradients are complex; the non-linearity acts on the magnitude and keeps the phase.
 *
 *   node --conditions=source --import tsx examples/trainDenoiser.ts [--steps N]
 */
import { adam, disposeTree, valueAndGrad } from '@adjoint/autograd';
import {
  abs,
  abs2,
  add,
  complexNormal,
  conv2d,
  foldIn,
  init,
  type Key,
  key,
  mean,
  mul,
  relu,
  scope,
  splitKey,
  sub,
  type Tensor,
  tensor,
  unitPhase,
} from '@adjoint/tensor';
import { isMain } from './isMain.js';
import { brainImage } from './mrImage.js';
import { readOptions } from './options.js';

interface Parameters {
  first: Tensor;
  second: Tensor;
  last: Tensor;
}

const features = 8;
const noiseLevel = 0.1;

function initialise(seed: Key): Parameters {
  const layer = (k: Key, to: number, from: number, gain: number) =>
    mul(complexNormal(k, [to, from, 3, 3]), gain / Math.sqrt(9 * from));
  const [a, b, c] = splitKey(seed, 3) as [Key, Key, Key];
  return {
    first: layer(a, features, 1, 1),
    second: layer(b, features, features, 1),
    last: layer(c, 1, features, 0.1),
  };
}

/** relu(|z| − 0.1) z/|z|: complex soft thresholding. */
const shrink = (z: Tensor): Tensor => mul(relu(sub(abs(z), 0.1)), unitPhase(z));

/** The network predicts the noise and takes it off. */
function denoise(p: Parameters, x: Tensor): Tensor {
  const hidden = shrink(conv2d(shrink(conv2d(x, p.first, { padding: 1 })), p.second, { padding: 1 }));
  return sub(x, conv2d(hidden, p.last, { padding: 1 }));
}

/** The image as [1, 1, H, W], c64, at half resolution. */
async function trainingImage(slice: number): Promise<Tensor> {
  const { height, width, pixels } = await brainImage(slice);
  const interleaved = Float32Array.from({ length: (height * width) / 2 }, (_, i) => {
    const [row, column] = [Math.floor(i / width), (i % width) >> 1];
    return i % 2 === 0 ? pixels[2 * row * width + 2 * column]! : 0;
  });
  return tensor(interleaved, { dtype: 'c64', shape: [1, 1, height / 2, width / 2] });
}

/** Trains; returns the mean squared errors of the noisy and of the denoised image, on a slice not trained on. */
export async function main({ steps }: { steps: number }): Promise<{ noisy: number; denoised: number }> {
  await init();
  const [image, unseen] = [await trainingImage(8), await trainingImage(14)];
  const withNoise = (clean: Tensor, k: Key) => add(clean, mul(complexNormal(k, clean.shape), noiseLevel));
  const error = (a: Tensor, b: Tensor) => mean(abs2(sub(a, b)));
  const draw = key(5);

  let parameters = initialise(key(1));
  const optimizer = adam({ lr: 3e-3 });
  let state = optimizer.init(parameters);
  for (let step = 0; step < steps; step++) {
    const { value, next } = scope(() => {
      const noisy = withNoise(image, foldIn(draw, step));
      const { value, gradient } = valueAndGrad((p: Parameters) => error(denoise(p, noisy), image))(
        parameters,
      );
      return { value, next: optimizer.update(parameters, gradient, state) };
    });
    disposeTree([parameters, state]);
    ({ params: parameters, state } = next);
    if (step % 20 === 0 || step === steps - 1)
      console.log(
        `step ${String(step + 1).padStart(4)}   loss ${((await value.item()) as number).toExponential(3)}`,
      );
    value.dispose();
  }

  const noisy = withNoise(unseen, foldIn(draw, 'test'));
  const errors = scope(() => [error(noisy, unseen), error(denoise(parameters, noisy), unseen)]);
  const [before, after] = (await Promise.all(errors.map((e) => e.item()))) as [number, number];
  console.log(
    `mean squared error on another slice: ${before.toExponential(3)} noisy, ${after.toExponential(3)} denoised`,
  );
  return { noisy: before, denoised: after };
}

if (isMain(import.meta.url)) {
  const usage = 'usage: node --conditions=source --import tsx examples/trainDenoiser.ts [--steps N]';
  await main(readOptions(usage, { steps: { default: 200, min: 1, max: 100_000 } }));
}
