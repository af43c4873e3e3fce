import { grad, gradcheck } from '@adjoint/autograd';
import {
  abs2,
  type Device,
  init,
  instanceNorm,
  jit,
  key,
  leakyRelu,
  normal,
  sum,
  type Tensor,
  zeros,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { normLeakyRelu } from '../../packages/models/src/layers/index.js';

let device: Device;
beforeAll(async () => {
  device = await init({ device: 'wasm' });
});
afterAll(() => device.dispose());

const values = async (x: Tensor): Promise<number[]> => Array.from(await x.data());
const composed = (x: Tensor): Tensor => leakyRelu(instanceNorm(x), 0.2);
const own = (x: Tensor): Tensor => normLeakyRelu(x, 0.2);

describe('normLeakyRelu', () => {
  it.each([false, true])(
    'is instance normalisation and leaky ReLU, value and gradient; compiled: %s',
    async (isJit) => {
      const x = normal(key(1), [2, 3, 7, 6]).mul(5).add(40);
      const w = normal(key(2), [2, 3, 7, 6]);
      const run = (f: (x: Tensor) => Tensor) => {
        const both = (z: Tensor, c: Tensor) => ({ y: f(z), g: grad((u: Tensor) => sum(f(u).mul(c)))(z) });
        return (isJit ? jit(both) : both)(x, w);
      };
      const [a, b] = [run(own), run(composed)];
      for (const part of ['y', 'g'] as const) {
        const expected = await values(b[part]);
        (await values(a[part])).forEach((value, i) => {
          expect(value).toBeCloseTo(expected[i]!, 4);
        });
      }
    },
  );

  it('has first and second derivatives', async () => {
    device.dispose();
    const reference = await init({ device: 'reference' });
    try {
      const x = normal(key(3), [1, 2, 3, 4], { dtype: 'f64' });
      const f = (z: Tensor): Tensor => abs2(own(z)).mul(own(z));
      await gradcheck(f, [x]);
      await gradcheck(f, [x], { order: 2 });
    } finally {
      reference.dispose();
      device = await init({ device: 'wasm' });
    }
  });

  it('gives no NaN where all pixels are equal', async () => {
    const x = zeros([1, 1, 2, 2]).add(3);
    expect(await values(own(x))).toEqual([0, 0, 0, 0]);
    for (const value of await values(grad((z: Tensor) => sum(own(z)))(x))) expect(Math.abs(value)).toBe(0);
  });

  it('refuses single pixels, other ranks, and slopes that hide the sign', () => {
    expect(() => normLeakyRelu(zeros([1, 1, 1, 1]), 0.2)).toThrow(/two pixels or more/);
    expect(() => normLeakyRelu(zeros([3, 4, 4]), 0.2)).toThrow(/\[N, C, H, W\]/);
    expect(() => normLeakyRelu(zeros([1, 3, 4, 4]), 0)).toThrow(/slope must be a finite number > 0/);
  });
});
