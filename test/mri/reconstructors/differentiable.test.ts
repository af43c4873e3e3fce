import { adam, grad } from '@adjoint/autograd';
import {
  abs,
  add,
  complexNormal,
  conj,
  createDevice,
  type Device,
  init,
  key,
  mul,
  norm,
  real,
  scope,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  withDevice,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Reconstructor } from '../../../packages/mri/src/reconstructor.js';
import { cgSense, l1, totalVariation, zeroFilled } from '../../../packages/mri/src/reconstructors/index.js';
import { gradientDescent } from '../../../packages/mri/src/solvers/index.js';
import { scene } from './scene.js';

let device: Device;
beforeAll(async () => {
  device = await init({ device: 'wasm' });
});
afterAll(() => device.dispose());

const methods: Record<string, (iterations: number) => Reconstructor> = {
  'zero-filled': () => zeroFilled({ combine: 'sense' }),
  'cg-sense': (iterations) => cgSense({ lambda: 0.01, iterations }),
  l1: (iterations) => l1({ lambda: 0.01, iterations, cycleSpinning: false }),
  tv: (iterations) => totalVariation({ lambda: 0.01, iterations }),
};
const error = async (a: Tensor, b: Tensor): Promise<number> =>
  ((await norm(sub(a, b)).item()) as number) / ((await norm(b).item()) as number);

describe.each(Object.keys(methods))('%s as a function of the samples', (name) => {
  it('agrees with reconstruct once both have converged, for a batch', async () => {
    const [one, two] = [scene({ noise: 0.02 }), scene({ noise: 0.02, unit: 5 })];
    const method = methods[name]!(name === 'cg-sense' ? 30 : 300);
    const both = { ...one, kspace: stack([one.kspace, two.kspace]), crop: [40, 40] as const };
    const images = scope(() => method.differentiable!(both.kspace, both));
    expect(images.shape).toEqual([2, 40, 40]);
    expect(await error(images, await method.reconstruct(both))).toBeLessThan(5e-3);
  });

  it('has the gradient that differences show', async () => {
    const double = await createDevice({ device: 'reference' });
    const { at, direction } = withDevice(double, () => {
      const measured = scene({ size: [16, 12], coils: 2, noise: 0.05, dtype: 'c128' });
      const drawn = complexNormal(key(9), measured.kspace.shape, { dtype: 'c128' });
      return { at: measured, direction: mul(drawn, measured.mask) };
    });
    const method = methods[name]!(6);
    const loss = (k: Tensor): Tensor => sum(square(method.differentiable!(k, at)));
    const run = async (f: () => Tensor): Promise<number> =>
      (await withDevice(double, () => scope(f)).item()) as number;
    const slope = await run(() => sum(real(mul(conj(grad(loss)(at.kspace)), direction))));
    const step = 1e-6;
    const value = (sign: number) => run(() => loss(add(at.kspace, mul(direction, sign * step))));
    const difference = ((await value(1)) - (await value(-1))) / (2 * step);
    expect(Math.abs(slope - difference)).toBeLessThan(1e-4 * Math.abs(difference));
    double.dispose();
  });

  it('says that it needs maps', () => {
    const { kspace, mask } = scene();
    expect(() => methods[name]!(2).differentiable!(kspace, { kspace, mask })).toThrow(
      '.differentiable: maps',
    );
  });
});

describe('as an optimisation problem', () => {
  it.each(['cg-sense', 'l1', 'tv'])('%s is minimised by its own reconstruction', async (name) => {
    const at = scene({ size: [32, 32], noise: 0.05 });
    const { maps } = at;
    const options = { maps, lambda: 0.01, iterations: 400, output: 'complex' } as const;
    const method = {
      'cg-sense': () => cgSense(options),
      l1: () => l1({ ...options, cycleSpinning: false }),
      tv: () => totalVariation(options),
    }[name]!();
    const problem = method.problem!;
    const valueAt = async (image: Tensor): Promise<number> =>
      (await scope(() => problem.objective({ image }, at.kspace, at)).item()) as number;
    const best = await method.reconstruct(at);
    const least = await valueAt(best);
    for (const seed of [1, 2, 3]) {
      const disturbed = scope(() => add(best, mul(complexNormal(key(seed), best.shape), 0.01)));
      expect(await valueAt(disturbed)).toBeGreaterThan(least);
    }
    const start = problem.init(key(0)) as { image: Tensor };
    expect(start.image.shape).toEqual([32, 32]);
    const descend = (p: { image: Tensor }): Tensor => problem.objective(p, at.kspace, at);
    const { history } = await gradientDescent(descend, start, {
      ...{ optimiser: adam(), stepSize: 0.02, maxIterations: 200 },
    });
    expect(history.at(-1)!.objective).toBeLessThan(1.1 * least);
    expect(problem.coilImages(start, at).shape).toEqual(at.kspace.shape);
  });
});

describe('faithful l1', () => {
  it('takes one gradient step of the mean squared error from 0: τ A^H y with τ = 2 rate / numbers', async () => {
    const at = scene();
    const learningRate = 3e3;
    const options = { mode: 'faithful', maps: at.maps, learningRate, lambda: 0, iterations: 1 } as const;
    const x = await l1(options).reconstruct(at);
    const tau = (2 * learningRate) / (2 * at.kspace.size);
    const expected = mul(await zeroFilled({ maps: at.maps }).reconstruct(at), tau);
    expect(await error(x, abs(expected))).toBeLessThan(1e-5);
  });

  it.each(['wavelet', 'fourier', 'dct'] as const)(
    'shrinks by its penalty in the %s basis',
    async (transform) => {
      const at = scene();
      const run = (lambda: number) =>
        l1({
          mode: 'faithful',
          maps: at.maps,
          transform,
          learningRate: 1e3,
          lambda,
          iterations: 30,
        }).reconstruct(at);
      const size = async (lambda: number) => (await norm(await run(lambda)).item()) as number;
      expect(await size(1e-5)).toBeLessThan(await size(0));
    },
  );

  it('has options of its own', () => {
    expect(() => l1({ mode: 'faithful', wavelet: 'db4' } as object)).toThrow('"wavelet"');
  });
});
