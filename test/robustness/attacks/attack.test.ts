import { cgSense, l1, type Reconstructor, totalVariation, zeroFilled } from '@adjoint/mri';
import {
  type AscentMethod,
  type AttackOptions,
  ascend,
  assess,
  attack,
  gaussianControl,
} from '@adjoint/robustness';
import {
  abs,
  abs2,
  add,
  type Device,
  init,
  key,
  memory,
  mul,
  read,
  slice,
  stopGradient,
  sub,
  sum,
  type Tensor,
  tensor,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { courseFlags } from '../../../packages/robustness/src/attacks/health.js';
import { type AttackScene, attackScene, length, outside } from './scene.js';

let device: Device;
let at: AttackScene;
beforeAll(async () => {
  device = await init({ device: 'wasm' });
  at = await attackScene();
});
afterAll(() => device.dispose());

const short: Partial<AttackOptions> = { epsilon: 0.05, steps: 12 };
const attacked = (method: Reconstructor, more: Partial<AttackOptions> = {}) =>
  attack(method, at.m, { full: at.full, ...short, ...more } as AttackOptions);

describe('attack', () => {
  test.each<[string, Reconstructor, Partial<AttackOptions>]>([
    ['cg-sense by apgd', cgSense({ iterations: 10 }), { method: 'apgd' }],
    ['cg-sense by pgd with momentum', cgSense({ iterations: 10 }), { method: 'pgd', momentum: 0.5 }],
    [
      'cg-sense by the implicit derivative',
      cgSense({ lambda: 0.05, iterations: 20 }),
      { method: 'implicit' },
    ],
    ['l1 through its iterations', l1({ iterations: 15 }), { method: 'unrolled' }],
    ['tv by the joint attack', totalVariation({ iterations: 20 }), { steps: 60 }],
    ['l1 by adam, two starts', l1({ iterations: 15 }), { method: 'adam', restarts: 2, stepSize: 0.3 }],
    ['zero-filled against the reference', zeroFilled(), { target: 'reference', maps: 'reestimated' }],
  ])('%s: on the mask, of the size asked for, and worse than noise', async (_, method, more) => {
    using result = await attacked(method, more);
    const { perturbation: e, scores, control } = result;
    expect(await outside(e, at.m.mask)).toBe(0);
    expect((await length(e)) / (await length(at.full))).toBeCloseTo(0.05, 5);
    expect(result.epsilon).toBeCloseTo(0.05, 5);
    expect(result.epsilonSampled).toBeCloseTo((await length(e)) / (await length(at.m.kspace)), 5);
    expect(await length(sub(result.perturbed.kspace, add(at.m.kspace, e)))).toBeLessThan(1e-6);
    expect(result.drop).toBeCloseTo(scores.clean.psnr - scores.attacked.psnr, 10);
    expect(result.drop).toBeGreaterThan(0);
    expect(result.drop).toBeGreaterThan(1.5 * control!.drop);
    expect(result.history).toHaveLength(more.restarts ?? 1);
    expect(result.flags).not.toContain('random-beats-gradient');
    expect(result.budget).toMatchObject({ norm: 'l2', reference: 'full', support: 'mask', epsilon: 0.05 });
  });

  test('linf: every sample within its bound, all within the l2 ball', async () => {
    using result = await attacked(zeroFilled(), { norm: 'linf', target: 'reference' });
    const samples = 32 * 4 * Array.from(await at.m.mask.data()).reduce((a, b) => a + b);
    const bound = (0.05 * (await length(at.full))) / Math.sqrt(samples);
    const largest = Math.max(...(await read(abs(result.perturbation))));
    expect(largest).toBeGreaterThan(0.99 * bound);
    expect(largest).toBeLessThan(1.0001 * bound);
    expect(result.epsilon).toBeLessThanOrEqual(0.05 * 1.0001);
    expect(result.drop).toBeGreaterThan(result.control!.drop);
  });

  test('is the same again under its key, and another under another', async () => {
    const one = async (seed: number): Promise<number[]> => {
      using result = await attacked(cgSense({ iterations: 5 }), { method: 'apgd', key: key(seed), steps: 5 });
      return Array.from(await read(result.perturbation));
    };
    const first = await one(1);
    expect(await one(1)).toEqual(first);
    expect(await one(2)).not.toEqual(first);
  });

  test('a stack of slices: each with its own ball and its own best iterate', async () => {
    const two = await attackScene({ slices: 2 });
    const method = cgSense({ iterations: 8 });
    using result = await attack(method, two.m, { ...short, full: two.full, method: 'apgd', epsilon: 0.05 });
    for (const i of [0, 1]) {
      const [e, k] = [result.perturbation, two.full].map((x) => slice(x, [i]));
      expect((await length(e!)) / (await length(k!))).toBeCloseTo(0.05, 5);
    }
    using joint = await attack(method, two.m, { full: two.full, epsilon: 0.05, method: 'joint', steps: 40 });
    expect(joint.drop).toBeGreaterThan(joint.control!.drop);
  });

  test('epsilon 0 changes nothing', async () => {
    using result = await attacked(zeroFilled(), { epsilon: 0 });
    expect(await length(result.perturbation)).toBe(0);
    expect(result.drop).toBeCloseTo(0, 6);
    expect(result.flags).toEqual([]);
  });

  test('estimates maps where the method needs them, and again from perturbed samples', async () => {
    const { maps: _, ...bare } = (await attackScene({ acceleration: 1.5, centerFraction: 0.3 })).m;
    const run = (maps: 'clean' | 'reestimated') =>
      attack(cgSense({ iterations: 5 }), bare, {
        epsilon: 0.1,
        full: at.full,
        steps: 4,
        method: 'apgd',
        maps,
      });
    using kept = await run('clean');
    using fresh = await run('reestimated');
    expect(fresh.perturbed.maps).toBeUndefined();
    expect(fresh.scores.clean).toEqual(kept.scores.clean);
    expect(fresh.scores.attacked.psnr).not.toBe(kept.scores.attacked.psnr);
  });

  test('the published rules stop where their code does', async () => {
    using joint = await attacked(cgSense({ lambda: 0 }), { mode: 'faithful', method: 'joint', steps: 249 });
    expect(joint.history[0]!.length).toBeLessThan(249);
    using adam = await attacked(zeroFilled(), {
      mode: 'faithful',
      method: 'adam',
      stepSize: 0.05,
      steps: 400,
    });
    expect(adam.history[0]!.length).toBeLessThan(250);
    expect(adam.history[0]!.length).toBeGreaterThan(100);
  });

  test('frees everything: a second attack leaves the memory of the first', async () => {
    const run = async (): Promise<number> => {
      (await attacked(l1({ iterations: 6 }), { method: 'unrolled', steps: 4, restarts: 2 })).dispose();
      (await attacked(l1({ iterations: 6 }), { method: 'joint', steps: 20 })).dispose();
      await device.finish();
      return memory().liveBytes;
    };
    const first = await run();
    expect(await run()).toBe(first);
  });

  test('stops at a signal, and reports its progress', async () => {
    const stop = new AbortController();
    const seen: number[] = [];
    const onProgress = ({ step, steps }: { step: number; steps: number }): void => {
      seen.push(step / steps);
      if (seen.length === 2) stop.abort(new Error('enough'));
    };
    const run = attacked(cgSense({ iterations: 4 }), {
      method: 'pgd',
      steps: 500,
      signal: stop.signal,
      onProgress,
    });
    await expect(run).rejects.toThrow('enough');
    expect(seen.every((part) => part > 0 && part <= 1)).toBe(true);
  });
});

describe('flags', () => {
  const zero = zeroFilled();
  const through = (f: (image: Tensor) => Tensor): Reconstructor => ({
    name: 'odd',
    reconstruct: zero.reconstruct,
    differentiable: (kspace, m) => f(zero.differentiable!(kspace, m)),
  });

  test('gradient-vanishes where the gradient is a millionth of the truth', async () => {
    using result = await attacked(through((image) => add(mul(image, 1e-6), stopGradient(image))));
    expect(result.flags).toContain('gradient-vanishes');
  });

  test('no-progress where there is none at all', async () => {
    using result = await attacked(through((image) => add(mul(image, 0), stopGradient(image))));
    expect(result.flags).toContain('gradient-vanishes');
    expect(result.flags).toContain('no-progress');
  });

  test('random-beats-gradient where the gradient leads elsewhere', async () => {
    const wrong = through((image) => mul(sum(abs2(image)), mul(image, 0).add(1)));
    using result = await attacked({
      ...wrong,
      reconstruct: cgSense({ lambda: 0, iterations: 30 }).reconstruct,
    });
    expect(result.flags).toContain('random-beats-gradient');
  });

  test('ball-not-reached where the published rules end too early', async () => {
    using result = await attacked(zero, { method: 'adam', mode: 'faithful', stepSize: 1e-4, steps: 300 });
    expect(result.flags).toContain('ball-not-reached');
  });

  test.each<[string, number[][], number[], string[]]>([
    ['nothing', [[1, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3]], [2], []],
    ['still-rising', [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]], [2], ['still-rising']],
    [
      'restarts-disagree',
      [
        [1, 2],
        [1, 3],
      ],
      [2, 2],
      ['restarts-disagree'],
    ],
    ['no-progress', [[3, 2, 2.9]], [2], ['no-progress']],
    ['not-finite', [[1, 2, Number.NaN]], [2], ['not-finite']],
    ['gradient-vanishes', [[1, 2]], [1e-5], ['gradient-vanishes']],
  ])('%s, from the course alone', (_, history, slopes, flags) => {
    expect(courseFlags({ history, slopes })).toEqual(flags);
  });
});

test.each<[AscentMethod, number]>([
  ['apgd', 1e-3],
  ['pgd', 1e-2],
  ['adam', 1e-2],
])('%s settles on maxima inside the ball, another one in every slice', async (method, within) => {
  const two = await attackScene({ slices: 2 });
  const { mask, kspace } = two.m;
  const ball = {
    ...{ norm: 'l2' as const, mask, shape: kspace.shape, dtype: kspace.dtype },
    radius: tensor([1, 2], { shape: [2, 1, 1, 1] }),
  };
  const tops = gaussianControl(two.m, { norm: tensor([0.37, 1.3], { shape: [2, 1, 1, 1] }), key: key(5) });
  const hill = (e: Tensor): Tensor => mul(sum(abs2(sub(e, tops)), { axes: [-3, -2, -1] }), -1);
  const { values, history } = await ascend(hill, ball, { method, steps: 100 });
  expect(history[0]).toHaveLength(101);
  for (const value of values) expect(-value).toBeLessThan(within);
});

test('gaussianControl: on the mask, of the norm asked for, slice by slice', async () => {
  const two = await attackScene({ slices: 2 });
  const norm = tensor([1, 3], { shape: [2, 1, 1, 1] });
  const e = gaussianControl(two.m, { norm, key: key(1) });
  expect(await outside(e, two.m.mask)).toBe(0);
  expect(await length(slice(e, [0]))).toBeCloseTo(1, 5);
  expect(await length(slice(e, [1]))).toBeCloseTo(3, 5);
});

test('assess gives a perturbation made elsewhere the scores its maker found', async () => {
  using made = await attacked(zeroFilled());
  using again = await assess(zeroFilled(), at.m, add(made.perturbation, mul(at.full, 0)), { full: at.full });
  expect(again.method).toBe('imported');
  expect(again.drop).toBeCloseTo(made.drop, 4);
  expect(again.epsilon).toBeCloseTo(0.05, 5);
});
