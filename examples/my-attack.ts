/**
 * An attack of one's own: not the whole image, but one small region shall change. `ascend` climbs any differentiable function of
 * the perturbation within a ball; here that is the energy of the change inside a window.
 */
import { cgSense, espirit, randomMask, simulate, undersample } from '@adjoint/mri';
import { ascend } from '@adjoint/robustness';
import { abs2, init, mul, norm, read, slice, sub, sum, type Tensor } from '@adjoint/tensor';
import { isMain } from './isMain.js';
import { brainTensor } from './mrImage.js';

const window = [[24, 32] as const, [20, 28] as const]; // rows, columns

export async function main({ steps }: { steps: number }): Promise<{ inside: number; share: number }> {
  await init();
  const full = await simulate({ images: await brainTensor(10), shape: [64, 64], coils: 4 });
  const m = undersample(full, randomMask({ width: 64, acceleration: 2, centerFraction: 0.25, seed: 1 }));
  const maps = await espirit(m);
  const method = cgSense({ maps, lambda: 0.01, iterations: 15 });
  const image = (kspace: Tensor): Tensor => method.differentiable!(kspace, m);
  const clean = image(m.kspace);
  const change = (e: Tensor): Tensor => abs2(sub(image(m.kspace.add(e)), clean));
  const inWindow = (e: Tensor): Tensor => sum(slice(change(e), window));
  const ball = {
    ...{ norm: 'l2' as const, mask: m.mask, shape: m.kspace.shape, dtype: m.kspace.dtype },
    radius: mul(norm(full.kspace), 0.02).reshape([1, 1, 1]),
  };
  const { perturbation, values } = await ascend(inWindow, ball, { method: 'pgd', steps, restarts: 2 });
  const [everywhere] = await read(sum(change(perturbation)));
  const share = values[0]! / everywhere!;
  console.log(`${(100 * share).toFixed(0)} % of the change is in 1.6 % of the image`);
  return { inside: values[0]!, share };
}

if (isMain(import.meta.url)) await main({ steps: 60 });
