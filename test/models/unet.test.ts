import { disposeTree } from '@adjoint/autograd';
import {
  concat,
  type Device,
  init,
  jit,
  key,
  memory,
  normal,
  relu,
  type Tensor,
  uniform,
  zeros,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  conv2d,
  convTranspose2d,
  dropout2d,
  linear,
  sequential,
} from '../../packages/models/src/layers/index.js';
import { model } from '../../packages/models/src/model.js';
import { parameterCount } from '../../packages/models/src/network.js';
import { type UnetOptions, unet } from '../../packages/models/src/unet/index.js';
import { valuesOf } from './nets.js';

let device: Device;
beforeAll(async () => {
  device = await init({ device: 'wasm' });
});
afterAll(() => device.dispose());

const values = async (x: Tensor): Promise<number[]> => Array.from(await x.data());

describe('unet', () => {
  it.each([
    [{}, 7_756_097],
    [{ inChans: 2, outChans: 2, chans: 18 }, 2_454_338],
    [{ inChans: 2, outChans: 2, chans: 8 }, 484_898],
    [{ chans: 8, pools: 2 }, 29_137],
  ])('has as many weights as that of fastMRI: %o', (options, count) => {
    expect(parameterCount(unet(options))).toBe(count);
  });

  it('has the names and shapes of that of fastMRI, in its order', () => {
    const shapes = Object.entries(unet({ chans: 4, pools: 2 }).shapes).map(
      ([name, shape]) => `${name} ${shape}`,
    );
    expect(shapes).toEqual([
      'down_sample_layers.0.layers.0.weight 4,1,3,3',
      'down_sample_layers.0.layers.4.weight 4,4,3,3',
      'down_sample_layers.1.layers.0.weight 8,4,3,3',
      'down_sample_layers.1.layers.4.weight 8,8,3,3',
      'conv.layers.0.weight 16,8,3,3',
      'conv.layers.4.weight 16,16,3,3',
      'up_conv.0.layers.0.weight 8,16,3,3',
      'up_conv.0.layers.4.weight 8,8,3,3',
      'up_conv.1.0.layers.0.weight 4,8,3,3',
      'up_conv.1.0.layers.4.weight 4,4,3,3',
      'up_conv.1.1.weight 1,4,1,1',
      'up_conv.1.1.bias 1',
      'up_transpose_conv.0.layers.0.weight 16,8,2,2',
      'up_transpose_conv.1.layers.0.weight 8,4,2,2',
    ]);
  });

  it('starts as PyTorch does: uniform within 1/√fan-in', async () => {
    const weights = await valuesOf(unet({ chans: 8, pools: 2 }).init(key(3)));
    const spread = (name: string, fanIn: number) => {
      const scaled = weights[name]!.map((w) => Math.abs(w) * Math.sqrt(fanIn));
      return [Math.max(...scaled), scaled.reduce((a, b) => a + b, 0) / scaled.length];
    };
    for (const [name, fanIn] of [
      ['down_sample_layers.1.layers.4.weight', 16 * 9],
      ['up_transpose_conv.0.layers.0.weight', 16 * 4], // PyTorch takes out·k² here
      ['conv.layers.0.weight', 16 * 9],
    ] as const) {
      const [largest, mean] = spread(name, fanIn);
      expect(largest).toBeLessThanOrEqual(1);
      expect(largest).toBeGreaterThan(0.99);
      expect(mean).toBeCloseTo(0.5, 1);
    }
    expect(weights).toEqual(await valuesOf(unet({ chans: 8, pools: 2 }).init(key(3))));
    expect(weights['conv.layers.0.weight']).not.toEqual(
      (await valuesOf(unet({ chans: 8, pools: 2 }).init(key(4))))['conv.layers.0.weight'],
    );
  });

  it('takes odd sizes, and gives the same eagerly, compiled, and in a batch', async () => {
    const net = unet({ chans: 4, pools: 2, outChans: 2 });
    const weights = net.init(key(0));
    const [a, b] = [normal(key(1), [1, 1, 13, 22]), normal(key(2), [1, 1, 13, 22])];
    const eager = await values(net.apply(weights, a));
    expect(eager).toHaveLength(2 * 13 * 22);
    using compiled = jit((p: typeof weights, x: Tensor) => net.apply(p, x))(weights, a);
    (await values(compiled)).forEach((value, i) => {
      expect(value).toBeCloseTo(eager[i]!, 4);
    });
    const both = await values(net.apply(weights, concat([a, b], 0)));
    both.slice(0, eager.length).forEach((value, i) => {
      expect(value).toBeCloseTo(eager[i]!, 4);
    });
  });

  it('drops channels in training only', async () => {
    const net = unet({ chans: 4, pools: 1, dropout: 0.5 });
    const weights = net.init(key(0));
    const x = normal(key(1), [1, 1, 8, 8]);
    const run = (k?: number) => values(net.apply(weights, x, k === undefined ? {} : { key: key(k) }));
    expect(await run()).toEqual(await run());
    expect(await run(1)).toEqual(await run(1));
    expect(await run(1)).not.toEqual(await run(2));
    expect(await run(1)).not.toEqual(await run());
  });

  it('leaves nothing behind', () => {
    const net = unet({ chans: 4, pools: 2, dropout: 0.1 });
    using seed = key(0);
    using x = normal(seed, [1, 1, 16, 16]);
    const run = (): number => {
      const weights = net.init(seed);
      net.apply(weights, x, { key: seed }).dispose();
      disposeTree(weights);
      return memory().liveBytes;
    };
    expect(run()).toBe(run()); // kernels keep tables after their first use
  });

  it.each([
    [{ chans: 0 }, /option chans must be an integer >= 1/],
    [{ pools: 9 }, /option pools must be/],
    [{ dropout: 1 }, /option dropout must be/],
    [{ chan: 3 }, /made of inChans/],
  ])('refuses %o', (options, message) => {
    expect(() => unet(options as UnetOptions)).toThrow(message);
  });

  it('refuses images it cannot halve, other channels, and missing weights by name', () => {
    const net = unet({ chans: 4, pools: 3 });
    const weights = net.init(key(0));
    expect(() => net.apply(weights, zeros([1, 1, 8, 8]))).toThrow(/H and W >= 8, one of them >= 16/);
    expect(() => net.apply(weights, zeros([1, 2, 16, 16]))).toThrow(/must be \[N, 1, H, W\]/);
    const { 'conv.layers.4.weight': _, ...rest } = weights;
    expect(() => net.apply(rest, zeros([1, 1, 16, 16]))).toThrow(/conv\.layers\.4\.weight/);
  });
});

describe('layers', () => {
  it('make networks of one’s own, which are layers again', async () => {
    const tiny = model(
      'tiny',
      { conv1: conv2d(2, 3, 3, { padding: 1 }), conv2: conv2d(3, 2, 1, { bias: false }) },
      (p, x: Tensor) => p.conv2(relu(p.conv1(x))),
    );
    expect(tiny.shapes).toEqual({
      'conv1.weight': [3, 2, 3, 3],
      'conv1.bias': [3],
      'conv2.weight': [2, 3, 1, 1],
    });
    const twice = model('twice', { one: tiny, two: tiny }, (p, x) => p.two(p.one(x)));
    const weights = twice.init(key(1));
    expect(Object.keys(weights)).toContain('two.conv1.bias');
    const x = uniform(key(2), [1, 2, 5, 4]);
    const part = (name: string) =>
      Object.fromEntries(
        Object.entries(weights).flatMap(([n, w]) => (n.startsWith(`${name}.`) ? [[n.slice(4), w]] : [])),
      );
    const expected = tiny.apply(part('two'), tiny.apply(part('one'), x));
    expect(await values(twice.apply(weights, x))).toEqual(await values(expected));
    expect(await values(part('one')['conv1.weight']!)).not.toEqual(
      await values(part('two')['conv1.weight']!),
    );
  });

  it('compute what their PyTorch namesakes do', async () => {
    const ones = (shape: number[]) => zeros(shape).add(1);
    const up = convTranspose2d(1, 1, 2);
    const y = up.apply({ weight: ones([1, 1, 2, 2]), bias: ones([1]) }, ones([1, 1, 2, 2]));
    expect(y.shape).toEqual([1, 1, 4, 4]);
    expect(await values(y)).toEqual(new Array(16).fill(2));
    const affine = linear(2, 3);
    const z = affine.apply({ weight: ones([3, 2]), bias: ones([3]) }, ones([4, 2]));
    expect(await values(z)).toEqual(new Array(12).fill(3));
    const chain = sequential({ '0': conv2d(1, 1, 1, { bias: false }), '1': relu });
    expect(chain.shapes).toEqual({ '0.weight': [1, 1, 1, 1] });
    expect(await values(chain.apply({ '0.weight': ones([1, 1, 1, 1]).mul(-1) }, ones([1, 1, 1, 2])))).toEqual(
      [0, 0],
    );
  });

  it('drop whole channels and keep the mean', async () => {
    const x = zeros([64, 32, 1, 2]).add(1);
    const y = await values(dropout2d(0.25).apply({}, x, { key: key(5) }));
    for (let i = 0; i < y.length; i += 2) expect(y[i]).toBe(y[i + 1]);
    expect(new Set(y.map((v) => v.toFixed(4)))).toEqual(new Set(['0.0000', '1.3333']));
    expect(y.reduce((a, b) => a + b, 0) / y.length).toBeCloseTo(1, 1);
  });

  it.each([
    [() => conv2d(0, 1, 3), /inChans must be an integer >= 1/],
    [() => conv2d(1, 1, 3, { pad: 1 } as object), /made of stride, padding, bias/],
    [() => model('', {}, (_, x) => x), /architecture must be a name/],
    [() => model('x', { a: conv2d(1, 1, 1) }, undefined as never), /forward must be a function/],
  ])('refuse nonsense: %s', (make, message) => {
    expect(make).toThrow(message);
  });
});
