import { grad } from '@adjoint/autograd';
import { init, logSumExp, max, min, norm, quantile, std, sum, type Tensor, tensor } from '@adjoint/tensor';
import { beforeAll, describe, expect, test } from 'vitest';

beforeAll(async () => {
  await init({ device: 'wasm', threads: 0 });
});

const gradientOf = async (f: (x: Tensor) => Tensor, values: number[]): Promise<number[]> =>
  Array.from(await (grad(f)(tensor(values)) as Tensor).data());

/** The op table stays away from points without a derivative; what happens there is promised, too. */
describe('gradients of reductions at kinks', () => {
  test('ties share the gradient of max and min evenly', async () => {
    expect(await gradientOf((x) => max(x), [3, 1, 3, 3, 2])).toEqual(
      [1, 0, 1, 1, 0].map((v) => Math.fround(v / 3)),
    );
    expect(await gradientOf((x) => min(x), [1, 1, 5])).toEqual([0.5, 0.5, 0]);
  });

  test('norm and std have gradient 0 where they are 0', async () => {
    expect(await gradientOf((x) => norm(x), [0, 0])).toEqual([0, 0]);
    expect(await gradientOf((x) => std(x), [2, 2, 2])).toEqual([0, 0, 0]);
    const [x, y] = await gradientOf((z) => norm(z), [3e30, 4e30]);
    expect([x, y]).toEqual([expect.closeTo(0.6, 6), expect.closeTo(0.8, 6)]);
  });

  test('logSumExp takes infinities', async () => {
    expect(await gradientOf((x) => logSumExp(x), [-Infinity, 0])).toEqual([0, 1]);
    expect(await logSumExp(tensor([-Infinity, -Infinity])).item()).toBe(-Infinity);
    expect(await logSumExp(tensor([1, Infinity])).item()).toBe(Infinity);
    expect(await logSumExp(tensor([1000, 1000])).item()).toBe(Math.fround(1000 + Math.LN2));
  });

  test('NaN reaches the result, infinities do not become NaN', async () => {
    expect(await max(tensor([1, Number.NaN, 2])).item()).toBeNaN();
    expect(await quantile(tensor([1, Number.NaN, 2]), 0).item()).toBeNaN();
    expect(await quantile(tensor([-Infinity, 1, Infinity]), 0.5).item()).toBe(1);
    expect(await sum(tensor([Infinity, 1])).item()).toBe(Infinity);
    expect(await norm(tensor([-Infinity, 1])).item()).toBe(Infinity);
  });
});
