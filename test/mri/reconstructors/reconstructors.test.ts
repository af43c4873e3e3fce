import {
  abs,
  abs2,
  add,
  centredIfft,
  type Device,
  expand,
  init,
  max,
  memory,
  mul,
  norm,
  scope,
  slice,
  sqrt,
  stack,
  sub,
  sum,
  type Tensor,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sense } from '../../../packages/mri/src/operators/index.js';
import type { Reconstructor } from '../../../packages/mri/src/reconstructor.js';
import { cgSense, l1, totalVariation, zeroFilled } from '../../../packages/mri/src/reconstructors/index.js';
import { type Scene, scene } from './scene.js';

let device: Device;
beforeAll(async () => {
  device = await init({ device: 'wasm' });
});
afterAll(() => device.dispose());

/** ‖|a| − |b|‖/‖b‖ */
const error = async (a: Tensor, b: Tensor): Promise<number> =>
  ((await norm(sub(abs(a), abs(b))).item()) as number) / ((await norm(b).item()) as number);

const methods: Record<string, (maps?: Tensor) => Reconstructor> = {
  'zero-filled': (maps) => zeroFilled(maps ? { maps } : {}),
  'cg-sense': (maps) => cgSense({ maps, lambda: 1e-4 }),
  l1: (maps) => l1({ maps, lambda: 1e-3 }),
  'l1 fourier': (maps) => l1({ maps, transform: 'fourier', lambda: 1e-4 }),
  'l1 dct': (maps) => l1({ maps, transform: 'dct', lambda: 1e-4 }),
  tv: (maps) => totalVariation({ maps, lambda: 1e-3 }),
};
const iterative = Object.keys(methods).filter((name) => name !== 'zero-filled');

describe.each(Object.keys(methods))('%s', (name) => {
  const method = methods[name]!;

  it('gives the image back where everything was measured', async () => {
    const at = scene({ full: true });
    expect(await error(await method(at.maps).reconstruct(at), at.truth)).toBeLessThan(0.02);
  });

  it('does not depend on the unit of the data', async () => {
    const [small, large] = [scene({ unit: 1e-8 }), scene({ unit: 1e3 })];
    const [a, b] = [await method(small.maps).reconstruct(small), await method(large.maps).reconstruct(large)];
    expect(await error(mul(a, 1e8), mul(b, 1e-3))).toBeLessThan(1e-4);
  });

  it('treats slices one by one, and crops', async () => {
    const [one, two] = [scene(), scene({ noise: 0.05, unit: 3 })];
    const both = {
      kspace: stack([one.kspace, two.kspace]),
      mask: one.mask,
      maps: one.maps,
      crop: [20, 16] as const,
    };
    const images = await method().reconstruct(both);
    expect(images.shape).toEqual([2, 20, 16]);
    expect(images.dtype).toBe('f32');
    const alone = await method().reconstruct({ ...two, maps: one.maps });
    const centre = slice(alone, [
      [14, 34],
      [12, 28],
    ]);
    // random shifts go on from slice to slice
    expect(await error(slice(images, [1]), centre)).toBeLessThan(name === 'l1' ? 0.03 : 1e-5);
  });

  it('takes the same samples as a 2-D mask', async () => {
    const at = scene();
    const plane = scope(() => mul(expand(at.mask, [48, 40]), 1));
    const columns = await method(at.maps).reconstruct(at);
    const pattern = await method(at.maps).reconstruct({ ...at, mask: plane });
    expect(await error(pattern, columns)).toBeLessThan(2e-3);
  });

  it('leaves no tensor behind', async () => {
    const at = scene();
    const once = async (): Promise<void> => {
      (await method(at.maps).reconstruct(at)).dispose();
      await device.finish();
    };
    await once();
    const before = memory().liveBytes;
    await once();
    await once();
    expect(memory().liveBytes).toBeLessThanOrEqual(before);
  });
});

describe.each(iterative)('%s', (name) => {
  it('is better than zero-filling', async () => {
    const at = scene({ noise: 0.01 });
    const own = await error(await methods[name]!(at.maps).reconstruct(at), at.truth);
    const filled = await error(await zeroFilled({ maps: at.maps }).reconstruct(at), at.truth);
    expect(own).toBeLessThan(0.7 * filled);
  });

  it('stops with the signal and reports progress', async () => {
    const at = scene();
    const steps: number[] = [];
    const controller = new AbortController();
    const run = methods[name]!(at.maps).reconstruct(at, {
      signal: controller.signal,
      onProgress: ({ step }) => {
        steps.push(step);
        controller.abort(new Error('enough'));
      },
    });
    await expect(run).rejects.toThrow('enough');
    expect(steps.length).toBe(1);
  });
});

describe('zeroFilled', () => {
  it('is the root sum of squares without maps', async () => {
    const at = scene();
    const expected = sqrt(sum(abs2(centredIfft(at.kspace)), { axes: 0 }));
    expect(await error(await zeroFilled().reconstruct(at), expected)).toBeLessThan(1e-6);
  });
});

describe('weights', () => {
  it('relative ones count in max|A^H y|', async () => {
    const at = scene({ unit: 7 });
    const coils = mul(centredIfft(at.kspace), mul(at.maps, 1));
    expect(coils.shape).toEqual([4, 48, 40]);
    const back = await zeroFilled({ maps: at.maps }).reconstruct(at);
    const unit = (await max(back).item()) as number;
    for (const make of [l1, totalVariation]) {
      const relative = await make({ maps: at.maps, lambda: 0.01 }).reconstruct(at);
      const absolute = await make({ maps: at.maps, lambda: 0.01 * unit, scaling: 'absolute' }).reconstruct(
        at,
      );
      expect(await error(relative, absolute)).toBeLessThan(1e-4);
    }
  });

  it('larger ones leave less', async () => {
    const at = scene({ noise: 0.02 });
    const size = async (lambda: number, make: (lambda: number) => Reconstructor): Promise<number> =>
      (await norm(await make(lambda).reconstruct(at)).item()) as number;
    for (const make of [
      (lambda: number) => l1({ lambda }),
      (lambda: number) => cgSense({ lambda: 10 * lambda }),
      (lambda: number) => totalVariation({ lambda }),
    ])
      expect(await size(0.1, make)).toBeLessThan(await size(0.001, make));
  });
});

describe('l1', () => {
  const sizes: [number, number][] = [
    [45, 37],
    [34, 50],
  ];
  it.each(sizes)('extends images of %i x %i for wavelets, at no loss', async (height, width) => {
    const at = scene({ size: [height, width], full: true });
    const method = l1({ maps: at.maps, level: 3, lambda: 1e-4, cycleSpinning: false });
    const image = await method.reconstruct(at);
    expect(image.shape).toEqual([height, width]);
    expect(await error(image, at.truth)).toBeLessThan(0.005);
  });

  it('draws its shifts from the key', async () => {
    const at: Scene = scene({ noise: 0.05 });
    const method = l1({ maps: at.maps, lambda: 0.02 });
    const { key } = await import('@adjoint/tensor');
    const run = (seed: number) => method.reconstruct(at, { key: key(seed) });
    expect(await error(await run(1), await run(1))).toBe(0);
    expect(await error(await run(2), await run(1))).toBeGreaterThan(0);
  });

  it('averages away what random shifts leave', async () => {
    const at = scene({ noise: 0.05 });
    const { key } = await import('@adjoint/tensor');
    const spread = async (iterations: number): Promise<number> => {
      const method = l1({ maps: at.maps, lambda: 0.02, wavelet: 'haar', iterations });
      const [a, b] = [1, 2].map((seed) => method.reconstruct(at, { key: key(seed) }));
      return error(await a!, await b!);
    };
    // one iterate alone differs by 0.03 from key to key, whatever came before it
    expect(await spread(100)).toBeLessThan(0.015);
  });

  it('ends with a gradient step where that is wanted', async () => {
    const at = scene({ noise: 0.05 });
    const options = { maps: at.maps, lambda: 0.02, iterations: 20, output: 'complex' } as const;
    const plain = await l1(options).reconstruct(at);
    const A = sense(at.maps, at.mask);
    const stepped = scope(() => add(plain, A.adjoint(sub(at.kspace, A.apply(plain)))));
    const image = await l1({ ...options, dataStep: true }).reconstruct(at);
    expect((await norm(sub(image, stepped)).item()) as number).toBeLessThan(1e-4);
    expect((await norm(sub(image, plain)).item()) as number).toBeGreaterThan(0.1);
    expect(l1({ dataStep: true }).problem).toBeUndefined();
    expect(() => l1({ dataStep: 1 } as object)).toThrow('l1: option dataStep must be true or false');
  });

  it('refuses wavelets without a proximal map, and unknown options', () => {
    expect(() => l1({ wavelet: 'bior4.4' })).toThrow('l1: option wavelet must be orthogonal');
    expect(() => l1({ lamda: 1 } as object)).toThrow('"lamda"');
    expect(() => l1({ lambda: -1 })).toThrow('l1: option lambda must be a finite number >= 0; got -1.');
  });
});
