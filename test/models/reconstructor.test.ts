import { gradcheck } from '@adjoint/autograd';
import {
  centredIfft,
  type Device,
  init,
  key,
  mean as meanOf,
  memory,
  mul,
  relu,
  stack,
  sum,
  type Tensor,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conv2d } from '../../packages/models/src/layers/index.js';
import { model } from '../../packages/models/src/model.js';
import { unet, unetReconstructor } from '../../packages/models/src/unet/index.js';
import { scene } from '../mri/reconstructors/scene.js';

let device: Device;
beforeAll(async () => {
  device = await init({ device: 'wasm' });
});
afterAll(() => device.dispose());

const values = async (x: Tensor): Promise<number[]> => Array.from(await x.data());
const network = unet({ chans: 4, pools: 2 });
const method = () => unetReconstructor({ network, parameters: network.init(key(1)) });

/** A net that does nothing shows what stands around it. */
const idle = model('idle', {}, (_, x) => x);

describe('unetReconstructor', () => {
  it('normalises, clamps at 6 deviations, and comes back to the units of the image', async () => {
    const m = { ...scene({ size: [24, 20] }), crop: [16, 18] as const };
    const got = await values(await unetReconstructor({ network: idle, parameters: {} }).reconstruct(m));
    const coils = await values(centredIfft(mul(m.kspace, m.mask)));
    const image: number[] = [];
    for (let row = 4; row < 20; row++)
      for (let column = 1; column < 19; column++) {
        let power = 0;
        for (let c = 0; c < 4; c++) {
          const at = 2 * ((c * 24 + row) * 20 + column);
          power += coils[at]! ** 2 + coils[at + 1]! ** 2;
        }
        image.push(Math.sqrt(power));
      }
    const mean = image.reduce((a, b) => a + b, 0) / image.length;
    const std = Math.sqrt(image.reduce((a, b) => a + (b - mean) ** 2, 0) / (image.length - 1));
    expect(got).toHaveLength(16 * 18);
    got.forEach((value, i) => {
      expect(value).toBeCloseTo(Math.min(mean + 6 * std, Math.max(mean - 6 * std, image[i]!)), 5);
    });
    // the network itself sees mean 0 and deviation 1
    const seen = model('seen', {}, (_, x) => x.mul(0).add(meanOf(x.mul(x))));
    const power = (
      await values(await unetReconstructor({ network: seen, parameters: {} }).reconstruct(m))
    )[0]!;
    expect((power - mean) / std).toBeCloseTo((image.length - 1) / image.length, 4);
  });

  it('is the same function, differentiable and not, of one slice and of many', async () => {
    const m = scene({ noise: 0.01 });
    const unetMethod = method();
    const image = await values(await unetMethod.reconstruct(m));
    const traced = await values(unetMethod.differentiable!(m.kspace, m));
    const kspace = stack([m.kspace, m.kspace.mul(1e-6)]);
    const both = await unetMethod.reconstruct({ ...m, kspace });
    expect(both.shape).toEqual([2, 48, 40]);
    const list = await values(both);
    image.forEach((value, i) => {
      expect(traced[i]).toBeCloseTo(value, 4);
      expect(list[i]).toBeCloseTo(value, 4);
      expect(list[image.length + i]! * 1e6).toBeCloseTo(value, 3);
    });
  });

  it('has the derivative of all of it, mean and deviation included', async () => {
    const wasm = device;
    const reference = await init({ device: 'reference' });
    try {
      const m = scene({ size: [8, 8], coils: 2, dtype: 'c128', noise: 0.3 });
      const net = model('smooth', { conv: conv2d(1, 1, 3, { padding: 1 }) }, (p, x) => p.conv(x).mul(x));
      const { differentiable } = unetReconstructor({ network: net, parameters: net.init(key(2)) });
      const weights = differentiable!(m.kspace, m);
      await gradcheck((k: Tensor) => sum(mul(differentiable!(k, m), weights)), [m.kspace]);
    } finally {
      reference.dispose();
      wasm.dispose();
      device = await init({ device: 'wasm' });
    }
  });

  it.each([
    [
      'networks of two channels',
      () => unetReconstructor({ network: unet({ inChans: 2 }), parameters: {} }),
      /one channel to one channel; got 2 to 1/,
    ],
    [
      'no network',
      () => unetReconstructor({ network: null as never, parameters: {} }),
      /network must be a network/,
    ],
    ['no weights', () => unetReconstructor({ network, parameters: {} }), /none called down_sample_layers\.0/],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(message);
  });

  it('refuses samples that are NaN or 0, and images it cannot halve', async () => {
    const m = scene();
    await expect(method().reconstruct({ ...m, kspace: m.kspace.mul(0) })).rejects.toThrow(/not all 0/);
    await expect(method().reconstruct({ ...m, kspace: relu(m.mask) })).rejects.toThrow(/complex/);
    await expect(method().reconstruct({ ...m, crop: [3, 3] })).rejects.toThrow(/H and W >= 4/);
  });

  it('leaves only its result behind', async () => {
    const m = scene();
    const unetMethod = method();
    const run = async (): Promise<number> => {
      const image = await unetMethod.reconstruct(m);
      const other = unetMethod.differentiable!(m.kspace, m);
      expect(image.shape).toEqual(other.shape);
      image.dispose();
      other.dispose();
      return memory().liveBytes;
    };
    const once = await run(); // kernels keep tables after their first use
    expect(await run()).toBe(once);
  });
});
