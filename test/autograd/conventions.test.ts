import { grad, vjp } from '@adjoint/autograd';
import {
  abs,
  abs2,
  cast,
  conj,
  cos,
  exp,
  fft,
  ifft,
  imag,
  init,
  leakyRelu,
  max,
  mul,
  norm,
  real,
  relu,
  sin,
  square,
  sum,
  type Tensor,
  tensor,
} from '@adjoint/tensor';
import { beforeAll, describe, expect, it } from 'vitest';
import { c128, f64, values } from './doubles.js';

// What docs/conventions.md says, as tests.

const expectClose = (got: number[], expected: number[]): void => {
  expect(got.length).toBe(expected.length);
  got.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 12);
  });
};

beforeAll(async () => {
  await init({ device: 'reference' });
});

describe('gradients of complex numbers', () => {
  it('are ∂L/∂x + i ∂L/∂y', async () => {
    const z = tensor({ re: 1, im: 2 });
    expect(await grad((x: Tensor) => abs2(x))(z).item()).toEqual({ re: 2, im: 4 });
  });

  const z = [0.6, -0.8, -1.5, 0.4];
  const w = [1, 2, -0.5, 3];
  const pull = async (f: (z: Tensor) => Tensor, cotangent: number[], real = false): Promise<number[]> => {
    using at = vjp(f, c128(z));
    return values(at.pullback(real ? f64(cotangent) : c128(cotangent))[0]);
  };

  it.each<[string, (z: Tensor) => Tensor, (z: Tensor) => Tensor]>([
    ['exp', exp, exp],
    ['sin', sin, cos],
    ['square', square, (x) => mul(x, 2)],
  ])('of holomorphic %s multiply by the conjugate derivative', async (_, f, derivative) => {
    expectClose(await pull(f, w), await values(mul(conj(derivative(c128(z))), c128(w))));
  });

  it('exist for functions that are only real-linear, or not differentiable in the complex sense', async () => {
    expectClose(await pull(conj, w), [1, -2, -0.5, -3]);
    expectClose(await pull(real, [5, 7], true), [5, 0, 7, 0]);
    expectClose(await pull(imag, [5, 7], true), [0, 5, 0, 7]);
    const r = Math.hypot(-1.5, 0.4);
    expectClose(await pull(abs, [2, 3], true), [1.2, -1.6, (3 * -1.5) / r, (3 * 0.4) / r]);
  });

  it('of real inputs are real', async () => {
    using at = vjp((r: Tensor) => mul(r, c128(z)), f64([1, 2]));
    const [rBar] = at.pullback(c128(w));
    expect(rBar.dtype).toBe('f64');
    // Re(conj(z) w)
    expectClose(await values(rBar), [0.6 * 1 - 0.8 * 2, -1.5 * -0.5 + 0.4 * 3]);
  });

  it('of the Fourier transform are its adjoint', async () => {
    expectClose(
      await pull((x) => fft(x), w),
      (await values(ifft(c128(w)))).map((v) => 2 * v),
    );
    expectClose(
      await pull((x) => fft(x, { norm: 'ortho' }), w),
      await values(ifft(c128(w), { norm: 'ortho' })),
    );
  });

  it('are a finite subgradient where there is no derivative', async () => {
    expect(await values(grad((x: Tensor) => sum(abs(x)))(c128([0, 0, 3, 4])))).toEqual([0, 0, 0.6, 0.8]);
    expect(await values(grad((x: Tensor) => sum(relu(x)))(f64([0, 1])))).toEqual([0, 1]);
    expect(await values(grad((x: Tensor) => sum(leakyRelu(x, 0.2)))(f64([0, 1])))).toEqual([0.2, 1]);
    expect(await values(grad((x: Tensor) => max(x))(f64([2, 1, 2])))).toEqual([0.5, 0, 0.5]);
    expect(await values(grad((x: Tensor) => norm(x))(c128([0, 0, 0, 0])))).toEqual([0, 0, 0, 0]);
  });
});

describe('dtypes', () => {
  it('are promoted, and numbers are weak', () => {
    const [i, f, c] = [tensor([1], { dtype: 'i32' }), tensor([1]), tensor([{ re: 1, im: 0 }])];
    expect(mul(f, c).dtype).toBe('c64');
    expect(mul(i, f).dtype).toBe('f32');
    expect(mul(f, 0.5).dtype).toBe('f32');
    expect(mul(i, 2).dtype).toBe('i32');
    expect(mul(i, 0.5).dtype).toBe('f32');
    expect(mul(f, { re: 0, im: 1 }).dtype).toBe('c64');
    expect(mul(f64([1]), c).dtype).toBe('c128');
    expect(tensor(new Float64Array(2)).dtype).toBe('f32');
    expect(() => cast(c, 'f32')).toThrow(/cast/);
  });
});
