/**
 * A network of one's own: layers by name, a function that says how they follow each other, and a training on procedural
 * brains. It repairs undersampled images and is a reconstruction method like any other.
 *
 *   node --conditions=source --import tsx examples/ownNetwork.ts [--steps N]
 */
import {
  conv2d,
  model,
  normLeakyRelu,
  simulatedTrainingData,
  fit as train,
  unetReconstructor,
} from '@adjoint/models';
import { brainPhantom, psnr, simulate, studyMask, undersample, zeroFilled } from '@adjoint/mri';
import { add, init, type Tensor } from '@adjoint/tensor';
import { isMain } from './isMain.js';
import { readOptions } from './options.js';

const activate = (x: Tensor): Tensor => normLeakyRelu(x, 0.2);

/** Predicts what is wrong with the image and takes it off. */
const network = model(
  'residual',
  {
    first: conv2d(1, 16, 5, { padding: 2, bias: false }),
    second: conv2d(16, 16, 5, { padding: 2, bias: false }),
    last: conv2d(16, 1, 5, { padding: 2 }),
  },
  (p, x) => add(x, p.last(activate(p.second(activate(p.first(x)))))),
);

/** Trains; returns the PSNR of a subject not trained on, zero-filled and repaired. */
export async function main({ steps }: { steps: number }): Promise<{ before: number; after: number }> {
  await init();
  const shape = [48, 48] as const;
  const images = await brainPhantom({ subject: 0, slices: 6, size: 96 });
  const data = await simulatedTrainingData({ images, shape, coils: 2 });
  const { parameters, losses } = await train(network, { data, steps, batchSize: 4 });
  console.log(`loss ${losses[0]!.toFixed(3)} at first, ${losses.at(-1)!.toFixed(3)} after ${steps} steps`);

  const unseen = await simulate({
    images: await brainPhantom({ subject: 9, slices: 1, size: 96 }),
    shape,
    coils: 2,
  });
  const m = undersample(unseen, studyMask({ width: 48, seed: 3 }));
  const score = async (method: ReturnType<typeof zeroFilled>): Promise<number> =>
    psnr(unseen.reference, await method.reconstruct(m), { region: 'foreground' });
  const [before, after] = [
    await score(zeroFilled()),
    await score(unetReconstructor({ network, parameters })),
  ];
  console.log(`another subject: ${before.toFixed(1)} dB zero-filled, ${after.toFixed(1)} dB repaired`);
  return { before, after };
}

if (isMain(import.meta.url)) {
  const usage = 'usage: node --conditions=source --import tsx examples/ownNetwork.ts [--steps N]';
  await main(readOptions(usage, { steps: { default: 200, min: 1, max: 100_000 } }));
}
