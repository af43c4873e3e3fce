import { cgSense, l1, type Reconstructor, zeroFilled } from '@adjoint/mri';
import { type AttackOptions, type AttackResult, attack } from '@adjoint/robustness';
import {
  add,
  type Device,
  init,
  key,
  memory,
  mul,
  read,
  stopGradient,
  sub,
  type Tensor,
  tensor,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AttackScene, attackScene, length } from './scene.js';

let device: Device;
let at: AttackScene;
beforeAll(async () => {
  device = await init({ device: 'wasm' });
  at = await attackScene();
});
afterAll(() => device.dispose());

const method = cgSense({ iterations: 8 });
const attacked = (more: Partial<AttackOptions>, scene = at): Promise<AttackResult> =>
  attack(method, scene.m, { epsilon: 0.05, steps: 8, full: scene.full, ...more });

/** What stands in for the method, as far as gradients go. */
const standIn = (differentiable: (kspace: Tensor, clean: Tensor) => Tensor): Reconstructor => ({
  name: 'stand-in',
  reconstruct: () => Promise.reject(new Error('only the method itself is asked for images')),
  differentiable: (kspace, m) => differentiable(method.differentiable!(kspace, m), m.kspace),
});
/** Nothing to follow: its perturbation is the random start. */
const blind = standIn((image) => add(mul(image, 0), stopGradient(image)));
/** Its objective is far larger than that of the method, which it says nothing about. */
const boastful: Reconstructor = {
  ...zeroFilled(),
  name: 'boastful',
  differentiable: (kspace, m) => {
    const image = zeroFilled().differentiable!(kspace, m);
    return mul(mul(image, image), mul(image, image));
  },
};

const highest = ({ history }: { history: readonly (readonly number[])[] }): number =>
  Math.max(...history.flat());

describe('the worst of several attacks', () => {
  // first: tensors that other tests leave to the garbage collector would count
  test('frees everything, with maps that it estimates once', async () => {
    const { maps: __, ...bare } = (await attackScene({ acceleration: 1.5, centerFraction: 0.3 })).m;
    const run = async (): Promise<number> => {
      const options = { epsilon: 0.05, full: at.full, steps: 3 };
      (await attack(method, bare, { ...options, method: ['joint', 'apgd'] })).dispose();
      await device.finish();
      return memory().liveBytes;
    };
    const first = await run();
    expect(await run()).toBe(first);
  });

  test.each<[string, Partial<AttackOptions>['method'] & object, number]>([
    ['second', [{ method: 'apgd', through: boastful }, 'apgd'], 1],
    ['first', ['apgd', { method: 'apgd', through: boastful }], 0],
  ])('is the %s, by what happens to the method’s own image', async (_, list, winner) => {
    using result = await attacked({ method: list });
    const tried = result.tried!;
    const [best, other] = [tried[winner]!, tried[1 - winner]!];
    expect(tried.map(({ isWorst }) => isWorst)).toEqual([winner === 0, winner === 1].map((is) => [is]));
    expect(best.damage[0]!).toBeGreaterThan(1.1 * other.damage[0]!);
    expect(highest(other)).toBeGreaterThan(highest(best)); // objectives say the opposite
    const moved = (await length(sub(result.reconstruction, result.clean))) / (await length(result.clean));
    expect(moved ** 2).toBeCloseTo(best.damage[0]!, 4);
    expect(result.drop).toBeCloseTo(best.drop, 4);
    expect(result.drop).toBeGreaterThan(other.drop);
    expect(result.history).toEqual(best.history);
  });

  test('names the one that won; a joint and an unrolled attack on l1', async () => {
    const solver = l1({ iterations: 30 });
    const unrolled = { method: 'unrolled', through: l1({ iterations: 15 }), steps: 10 } as const;
    const options = { epsilon: 0.05, full: at.full, control: false };
    using both = await attack(solver, at.m, { ...options, method: ['joint', unrolled], steps: 40 });
    const winner = both.tried!.find(({ isWorst }) => isWorst[0])!;
    expect(both.tried!.map((tried) => tried.method)).toEqual(['joint', 'unrolled']);
    expect(both.method).toBe(winner.method);
    expect(both.tried!.map(({ history }) => history[0]!.length)).toEqual([40, 11]);
    for (const { method: name, damage } of both.tried!) {
      using alone = await attack(solver, at.m, {
        ...{ ...options, ...(name === 'joint' ? { steps: 40 } : unrolled), method: name },
      });
      expect(alone.tried).toBeUndefined();
      expect(both.drop).toBeGreaterThan(0.9 * alone.drop); // another seed
      expect(damage[0]!).toBeLessThanOrEqual(winner.damage[0]!); // that of PSNR may be the other way round
    }
  });

  test('is another one in every slice of a stack', async () => {
    const two = await attackScene({ slices: 2 });
    const only = (slice: number): Reconstructor => {
      const seen = tensor(
        [0, 1].map((i) => (i === slice ? 1 : 0)),
        { shape: [2, 1, 1], dtype: 'f32' },
      );
      return standIn((image) => add(mul(image, seen), stopGradient(mul(image, sub(1, seen)))));
    };
    const list = [1, 0].map((slice) => ({ method: 'pgd', through: only(slice) }) as const);
    using result = await attacked({ method: list }, two);
    expect(result.tried!.map(({ isWorst }) => isWorst)).toEqual([
      [false, true],
      [true, false],
    ]);
    const image = await method.reconstruct(result.perturbed);
    const moved = await read(
      sub(image, result.clean)
        .mul(sub(image, result.clean))
        .sum({ axes: [-2, -1] }),
    );
    const clean = await read(result.clean.mul(result.clean).sum({ axes: [-2, -1] }));
    [1, 0].forEach((winner, slice) => {
      expect(moved[slice]! / clean[slice]!).toBeCloseTo(result.tried![winner]!.damage[slice]!, 4);
    });
  });

  test('keeps flags and course of those that lost; the result has those of the winner', async () => {
    using result = await attacked({ method: [{ method: 'apgd', through: blind }, 'apgd'] });
    expect(result.tried![0]!.flags).toEqual(expect.arrayContaining(['gradient-vanishes', 'no-progress']));
    expect(result.tried![0]!.history[0]).toHaveLength(9);
    expect(result.flags).not.toContain('gradient-vanishes');
    expect(result.flags).not.toContain('no-progress');
  });

  test('gives each randomness of its own, the same again under one key', async () => {
    const run = async (seed: number): Promise<number[]> => {
      using result = await attacked({ method: ['apgd', 'apgd'], key: key(seed), steps: 3 });
      return [...result.tried!.map(({ history }) => history[0]![0]!), ...(await read(result.perturbation))];
    };
    const [first, second, ...e] = await run(1);
    expect(first).not.toBe(second);
    expect(await run(1)).toEqual([first, second, ...e]);
    expect((await run(2))[0]).not.toBe(first);
  });

  test('measures against the reference where that is the target', async () => {
    using result = await attacked({ method: ['apgd', 'pgd'], target: 'reference' });
    const away = (await length(sub(result.reconstruction, at.m.reference))) / (await length(at.m.reference));
    const best = result.tried!.find(({ isWorst }) => isWorst[0])!;
    expect(away ** 2).toBeCloseTo(best.damage[0]!, 4);
  });

  test('of a method with random steps: all reconstructions have the randomness that was asked for', async () => {
    const seeds: string[] = [];
    const noisy: Reconstructor = {
      ...method,
      name: 'random',
      async reconstruct(m, options) {
        seeds.push(`${await options!.key!.data()}`);
        return method.reconstruct(m, options);
      },
    };
    const options = { epsilon: 0.05, full: at.full, steps: 3, methodKey: key(5) };
    using _ = await attack(noisy, at.m, { ...options, method: ['apgd', 'joint'] });
    expect(seeds.length).toBeGreaterThan(5);
    expect(new Set(seeds)).toEqual(new Set([`${await key(5).data()}`]));
  });
});
