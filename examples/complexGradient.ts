/** A gradient with respect to a complex tensor, through an FFT: ∂L/∂Re x + i ∂L/∂Im x. */
import { grad } from '@adjoint/autograd';
import {
  abs2,
  complexNormal,
  fft2,
  init,
  key,
  sub,
  sum,
  type Tensor,
  type TypedArray,
} from '@adjoint/tensor';
import { isMain } from './isMain.js';

export async function main(): Promise<TypedArray> {
  await init(); // the GPU if there is one, else every CPU core
  const y = complexNormal(key(1), [64, 64]);
  const loss = (x: Tensor) => sum(abs2(sub(fft2(x), y))); // real scalar
  const g = grad(loss)(complexNormal(key(0), [64, 64])); // c64
  return g.data(); // Float32Array, interleaved re, im
}

if (isMain(import.meta.url)) console.log(await main());
