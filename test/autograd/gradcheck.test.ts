import { customOp, GradcheckError, gradcheck } from '@adjoint/autograd';
import {
  abs,
  abs2,
  add,
  cast,
  conj,
  div,
  exp,
  init,
  mul,
  real,
  sin,
  square,
  sum,
  type Tensor,
  tensor,
} from '@adjoint/tensor';
import { beforeAll, describe, expect, it } from 'vitest';
import { c128, f64 } from './doubles.js';

const ramp = (n: number): number[] => Array.from({ length: n }, (_, i) => 1 + Math.sin(i));

/** A gradient wrong by a factor, on purpose. */
const wrongSin = (factor: number) =>
  customOp({
    name: 'wrongSin',
    forward: (x: Tensor) => sin(x),
    pullback: (y, { args: [x] }) => [mul(mul(y, sin(add(x, Math.PI / 2))), factor)],
  });

beforeAll(async () => {
  await init({ device: 'reference' });
});

describe('gradcheck', () => {
  it('accepts right gradients to about 1e-10', async () => {
    const holomorphic = await gradcheck((z: Tensor) => exp(sin(z)), [c128([0.3, 0.5, -1, 0.2])]);
    expect(holomorphic.maxError).toBeLessThan(1e-9);
    expect(holomorphic.directions).toBe(4);
    const realLinear = await gradcheck(
      (z: Tensor) => [abs(z), conj(z), real(z)],
      [c128([0.3, 0.5, -1, 0.2])],
    );
    expect(realLinear.maxError).toBeLessThan(1e-9);
    const mixed = await gradcheck(
      (x: Tensor, z: Tensor) => div(mul(x, z), add(abs2(z), 1)),
      [f64([1, 2]), c128([1, 2, 3, 4])],
    );
    expect(mixed.maxError).toBeLessThan(1e-9);
  });

  it('accepts second derivatives', async () => {
    expect(
      (await gradcheck((z: Tensor) => mul(abs2(z), exp(z)), [c128([0.3, 0.5])], { order: 2 })).maxError,
    ).toBeLessThan(1e-8);
    // the gradient of a linear function does not depend on the point
    expect((await gradcheck((x: Tensor) => mul(x, 3), [f64([1])], { order: 2 })).maxError).toBeLessThan(1e-9);
  });

  it('samples entries and dense directions of large tensors', async () => {
    const report = await gradcheck((x: Tensor) => sum(square(x)), [f64(ramp(1000))], { maxEntries: 16 });
    expect(report.directions).toBe(8);
  });

  it('leaves integer arguments alone', async () => {
    const f = (x: Tensor, n: Tensor): Tensor => mul(x, cast(n, 'f64'));
    await gradcheck(f, [f64([1, 2]), tensor(new Int32Array([3, 4]))]);
    await gradcheck((a: Tensor, b: Tensor) => mul(a, b), [f64([1]), f64([2])], { argnums: [1] });
  });

  it('works in single precision with its own limits', async () => {
    const report = await gradcheck((x: Tensor) => exp(sin(x)), [tensor([0.1, 0.2])]);
    expect(report.rtol).toBe(5e-3);
  });

  it.each([1 + 1e-5, 0, 2, -1, Number.NaN, Number.POSITIVE_INFINITY])(
    'finds a gradient wrong by the factor %d',
    async (factor) => {
      const error = await gradcheck(wrongSin(factor), [f64([0.3, 0.4])], { seed: 11, name: 'mySin' }).catch(
        (e: unknown) => e,
      );
      expect(error).toBeInstanceOf(GradcheckError);
      expect((error as Error).message).toMatch(
        /gradcheck: mySin: the derivative along input 0 at \[\d\] is .*, but differences give .*limit 0.000001\)\. Inputs: f64 \[2\]\. Device reference, seed 11\./,
      );
      expect((error as GradcheckError).report.worst?.input).toBe(0);
    },
  );

  it('finds a wrong imaginary part, and a wrong second derivative', async () => {
    const wrong = customOp({
      name: 'noConj',
      forward: (z: Tensor) => square(z),
      pullback: (y, { args: [z] }) => [mul(mul(y, 2), z)],
    });
    await expect(gradcheck(wrong, [c128([1, 0.5])])).rejects.toThrow(/\((real|imaginary) part\)/);
    const stopped = customOp({
      name: 'stopped',
      forward: (x: Tensor) => ({ y: square(x), twice: mul(x, 2) }),
      pullback: ({ y }, { output }) => [mul(y, output.twice)],
    });
    const f = (x: Tensor): Tensor => stopped(x).y;
    await gradcheck(f, [f64([1, 2])]);
    await expect(gradcheck(f, [f64([1, 2])], { order: 2 })).rejects.toThrow(/gradient of/);
  });

  it('treats empty tensors and results', async () => {
    expect((await gradcheck((x: Tensor) => mul(x, 2), [f64([])])).directions).toBe(0);
  });

  it('refuses wrong options', async () => {
    await expect(gradcheck(3 as never, [])).rejects.toThrow(/gradcheck: the function must be a function/);
    await expect(gradcheck(sin, 3 as never)).rejects.toThrow(/inputs must be an array/);
    await expect(gradcheck(sin as never, [3])).rejects.toThrow(/inputs must be with a floating/);
    await expect(gradcheck(sin as never, [f64([1])], { order: 3 as 2 })).rejects.toThrow(/option order/);
    await expect(gradcheck(sin as never, [f64([1])], { rtol: Number.NaN })).rejects.toThrow(/option rtol/);
  });
});
