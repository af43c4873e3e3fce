/**
 * A reconstruction method of one's own, attacked: gradient steps on ½‖A x − y‖². A name and `reconstruct` make it a method that
 * every comparison and report takes; `differentiable` is what gradients of attacks go through.
 */
import { scan } from '@adjoint/autograd';
import { espirit, type Reconstructor, randomMask, sense, simulate, undersample } from '@adjoint/mri';
import { attack } from '@adjoint/robustness';
import { abs, init, sub, type Tensor, zerosLike } from '@adjoint/tensor';
import { isMain } from './isMain.js';
import { brainTensor } from './mrImage.js';

const image: NonNullable<Reconstructor['differentiable']> = (kspace, { maps, mask }) => {
  const A = sense(maps!, mask);
  const b = A.adjoint(kspace);
  return abs(scan((x: Tensor) => sub(x, sub(A.normal(x), b)), 20, zerosLike(b)));
};

const mine: Reconstructor = {
  name: 'mine',
  reconstruct: async (m) => image(m.kspace, m),
  differentiable: image,
};

export async function main({ steps }: { steps: number }): Promise<{ drop: number; noiseDrop: number }> {
  await init();
  const full = await simulate({ images: await brainTensor(10), shape: [64, 64], coils: 4 });
  const sampled = undersample(
    full,
    randomMask({ width: 64, acceleration: 2, centerFraction: 0.25, seed: 1 }),
  );
  const m = { ...sampled, maps: await espirit(sampled) };
  const { drop, control, flags } = await attack(mine, m, { epsilon: 0.05, full: full.kspace, steps });
  console.log(`lost to the attack ${drop.toFixed(1)} dB, to noise ${control!.drop.toFixed(1)} dB`, flags);
  return { drop, noiseDrop: control!.drop };
}

if (isMain(import.meta.url)) await main({ steps: 100 });
