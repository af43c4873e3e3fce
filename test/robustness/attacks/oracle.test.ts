import { dotTest, type LinearOperator } from '@adjoint/autograd';
import { cgSense, type Reconstructor } from '@adjoint/mri';
import {
  type AscentMethod,
  ascend,
  attack,
  gradientDescentOperator,
  linearFilter,
  linearMap,
  linearOracle,
  tikhonovOperator,
  zeroFilledOperator,
} from '@adjoint/robustness';
import { abs, abs2, add, init, jit, mul, norm, sub, sum, type Tensor, tensor } from '@adjoint/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { type AttackScene, attackScene, length } from './scene.js';

let at: AttackScene;
let operators: Record<string, LinearOperator>;
beforeAll(async () => {
  await init({ device: 'wasm' });
  at = await attackScene();
  const { maps, mask } = at.m;
  operators = {
    'zero-filled': zeroFilledOperator(maps, mask),
    tikhonov: tikhonovOperator(maps, mask, 0.02, { iterations: 40 }),
    'gradient descent': gradientDescentOperator(maps, mask, { stepSize: 1, iterations: 40 }),
  };
});

describe.each(['zero-filled', 'tikhonov', 'gradient descent'])('%s as an operator', (name) => {
  test('its adjoint is one', async () => {
    await dotTest(operators[name]!, { seed: 1, rtol: 1e-4 });
  });

  test('the oracle is a perturbation of that gain, and random ones are below it', async () => {
    const R = operators[name]!;
    using oracle = await linearOracle(R, { steps: 40 });
    expect(await length(oracle.perturbation)).toBeCloseTo(1, 4);
    expect(await length(R.apply(oracle.perturbation))).toBeCloseTo(oracle.gain, 3);
    const noise = mul(at.m.kspace, 1);
    expect((await length(R.apply(noise))) / (await length(noise))).toBeLessThan(oracle.gain);
  });

  test.each<[AscentMethod, object]>([
    ['apgd', {}],
    ['pgd', {}],
    ['pgd', { momentum: 0.5 }],
  ])('%s %j reaches 99 %% of the oracle within 200 steps', async (method, more) => {
    const R = operators[name]!;
    using oracle = await linearOracle(R, { steps: 40 });
    const { mask, kspace } = at.m;
    const ball = {
      ...{ norm: 'l2' as const, mask, shape: kspace.shape, dtype: kspace.dtype },
      radius: tensor([0.3], { shape: [1, 1, 1] }),
    };
    const energy = (e: Tensor): Tensor => sum(abs2(R.apply(e)), { axes: [-2, -1] });
    const { perturbation, values } = await ascend(energy, ball, { method, steps: 100, ...more });
    expect(await length(perturbation)).toBeLessThan(0.3 * (1 + 1e-5));
    const ratio = Math.sqrt(values[0]!) / (0.3 * oracle.gain);
    expect(ratio).toBeGreaterThan(0.99);
    expect(ratio).toBeLessThan(1.0001);
  });
});

test('unrolled: through the iterations of CG-SENSE, whose images are complex, 99 %', async () => {
  const { maps } = at.m;
  const R = operators.tikhonov!;
  using oracle = await linearOracle(R, { steps: 40 });
  const method = cgSense({ maps, lambda: 0.02, iterations: 40, output: 'complex' });
  using result = await attack(method, at.m, { method: 'unrolled', epsilon: 0.02, full: at.full, steps: 100 });
  const e = result.perturbation;
  expect(result.method).toBe('unrolled');
  expect((await length(R.apply(e))) / (await length(e)) / oracle.gain).toBeGreaterThan(0.99);
});

test('joint: 60 % of the oracle and worse than noise, without the solver', async () => {
  const R = gradientDescentOperator(at.m.maps, at.m.mask, { stepSize: 1, iterations: 60 });
  using oracle = await linearOracle(R, { steps: 30 });
  const run = jit((y: Tensor) => abs(R.apply(y)));
  const method: Reconstructor = {
    name: 'gradient descent',
    reconstruct: async ({ kspace }) => run(kspace),
    problem: cgSense({ lambda: 0 }).problem!,
  };
  using result = await attack(method, at.m, { epsilon: 0.08, full: at.full });
  expect(result.method).toBe('joint');
  const gain = (await length(R.apply(result.perturbation))) / (await length(result.perturbation));
  expect(gain / oracle.gain).toBeGreaterThan(0.6);
  expect(gain / oracle.gain).toBeLessThan(1.0001);
  const error = (image: Tensor): Promise<number> => length(sub(image, at.m.reference));
  expect(await error(result.reconstruction)).toBeGreaterThan(
    1.2 * (await error(result.control!.reconstruction)),
  );
  expect(result.flags).toEqual([]);
});

test('a linear function becomes an operator with its adjoint', async () => {
  const { shape } = at.m.kspace;
  const map = linearMap('twice', (y) => mul(add(y, y), at.m.maps), { shape, dtype: 'c64' });
  await dotTest(map, { seed: 2, rtol: 1e-4 });
  expect((await norm(map.apply(mul(at.full, 0))).item()) as number).toBe(0);
});

describe('linearFilter', () => {
  test.each<[number[], number, number[]]>([
    [[1, 0.5, 0.1], 0.5, [1, 1.5584415584, 1.5584415584]],
    [[2, 1, 0.01], 0.1, [0.5, 1, 1.9607843137]],
    [[1, 0.1, 0.01, 0.001], 1, [0.7357123795, 0.7357123795, 0.7357123795, 0.7357123795]],
    [[1, 0.1], 0, [1, 10]],
  ])('S = %j, eps = %d', (S, epsilon, gains) => {
    linearFilter(S, 1, epsilon).gains.forEach((gain, i) => {
      expect(gain).toBeCloseTo(gains[i]!, 8);
    });
  });

  test('caps no more than theory says, lower for a larger epsilon', () => {
    expect(linearFilter([2, 1, 0.01], 1, 0.1).capped).toBe(1);
    expect(linearFilter([1, 0.5, 0.1], 1, 0.5).capped).toBe(2);
    const caps = [0.1, 0.2, 0.4, 0.8].map((epsilon) => linearFilter([1, 0.3, 0.02], 1, epsilon).cap);
    expect([...caps].sort((a, b) => b - a)).toEqual(caps);
  });

  test.each([
    [[], 1, 1],
    [[0], 1, 1],
    [[1], -1, 1],
    [[1], 1, Number.NaN],
  ])('refuses %j %d %d', (S, lambda, epsilon) => {
    expect(() => linearFilter(S as number[], lambda as number, epsilon as number)).toThrow(/linearFilter/);
  });
});
