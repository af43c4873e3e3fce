import { grad } from '@adjoint/autograd';
import {
  abs,
  add,
  complexNormal,
  conv2d,
  createDevice,
  type Device,
  div,
  exp,
  expand,
  explain,
  fft,
  flip,
  init,
  type Jitted,
  jit,
  key,
  leakyRelu,
  mul,
  neg,
  normal,
  relu,
  reshape,
  sigmoid,
  slice,
  sqrt,
  sub,
  sum,
  type Tensor,
  tensor,
  transpose,
  withDevice,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeLayouts } from '../../packages/tensor/src/jit/composeLayouts.js';

let device: Device;
beforeAll(async () => {
  device = await init({ device: 'wasm', threads: 2 });
});
afterAll(() => device.dispose());

/** Compares with the eager result, bit for bit, and returns how many kernels a call launches. */
async function launches<A extends Tensor[]>(f: (...args: A) => Tensor, ...args: A): Promise<number> {
  const jitted = jit(f);
  expect(await jitted(...args).data()).toEqual(await f(...args).data());
  return Number(explain(jitted as Jitted<Tensor[], Tensor>, ...args).match(/(\d+) launches/)![1]);
}

describe('fusion', () => {
  const x = () => normal(key(1), [6, 8]);

  it('makes one kernel of a chain', async () => {
    expect(await launches((a, b) => sigmoid(relu(mul(add(mul(a, b), a), 0.5))), x(), x())).toBe(1);
  });

  it('leaves out only clamps that bounds of the values make needless', async () => {
    const ends = tensor([NaN, Infinity, -Infinity, 0, -0, 1, -1, 88.5, -88.5, 87.35, -87.35, 200, -200]);
    const chains: ((a: Tensor) => Tensor)[] = [
      (a) => sigmoid(relu(a)),
      (a) => sigmoid(neg(relu(a))),
      (a) => exp(neg(relu(a))),
      (a) => exp(relu(a)),
      (a) => relu(neg(abs(a))),
      (a) => relu(neg(exp(neg(abs(a))))),
      (a) => relu(sigmoid(neg(a))),
    ];
    for (const chain of chains) expect(await launches(chain, ends)).toBe(1);
  });

  it('goes through complex arithmetic, casts and broadcasting', async () => {
    const z = complexNormal(key(2), [6, 8]);
    const row = normal(key(3), [8]);
    expect(await launches((a, b, c) => abs(mul(add(a, b), div(c, 3))), z, x(), row)).toBe(1);
  });

  it('goes through views', async () => {
    const f = (view: (y: Tensor) => Tensor) => (a: Tensor) => add(view(mul(a, a)), 1);
    for (const view of [
      (y: Tensor) => transpose(y),
      (y: Tensor) => flip(y),
      (y: Tensor) => slice(y, [[1, 5, 2], 3]),
      (y: Tensor) => slice(transpose(flip(y)), [[2], [1, null, 3]]),
      (y: Tensor) => expand(slice(y, [2]), [3, 8]),
      (y: Tensor) => reshape(y, [4, 12]),
      (y: Tensor) => reshape(y, [2, 3, 8, 1]),
    ])
      expect(await launches(f(view), x())).toBe(1);
  });

  it('stores what several kernels read, and what would be computed many times', async () => {
    expect(
      await launches((a) => {
        const y = sigmoid(a);
        return add(sum(y), sum(mul(y, y)));
      }, x()),
    ).toBeGreaterThan(3);
    expect(await launches((a, b) => add(expand(sqrt(sigmoid(slice(a, [0]))), [6, 8]), b), x(), x())).toBe(2);
  });

  it('computes cheap values again rather than to store them', async () => {
    // the minus goes into both readers, of which one is the load of the sum
    expect(
      await launches((a) => {
        const y = neg(a);
        return add(sigmoid(y), sum(sigmoid(mul(y, 2))));
      }, x()),
    ).toBe(2);
  });

  it('takes at most eight operands and results per kernel', async () => {
    const many = Array.from({ length: 12 }, (_, i) => normal(key(i), [5]));
    expect(await launches((...xs) => xs.reduce((a, b) => add(a, b)), ...many)).toBe(2);
  });

  it('keeps u8 arithmetic modulo 256', async () => {
    const bytes = tensor(new Uint8Array([200, 100, 3]));
    await launches((a) => add(mul(a, a), a), bytes);
  });

  it('writes into donated memory', async () => {
    const f = (a: Tensor, b: Tensor) => mul(add(mul(a, b), a), conjOf(a));
    const conjOf = (a: Tensor) => sub(a, mul(b, a));
    const b = complexNormal(key(5), [40, 41]);
    const a = complexNormal(key(4), [40, 41]);
    const expected = await f(a, b).data();
    const { buffer } = a.operand();
    const step = jit(f, { donate: [0] });
    const y = step(a, b);
    expect(y.operand().buffer).toBe(buffer);
    expect(await y.data()).toEqual(expected);
  });

  it('leaves the reference device alone', async () => {
    const reference = await createDevice({ device: 'reference' });
    const text = withDevice(reference, () =>
      explain(
        jit((a: Tensor) => add(mul(a, a), a)),
        tensor([1, 2]),
      ),
    );
    expect(text).not.toMatch(/fused/);
  });

  it('finishes a convolution in its store', () => {
    const net = jit((a: Tensor, w: Tensor) => leakyRelu(add(conv2d(a, w, { padding: 1 }), 1), 0.1));
    expect(explain(net, normal(key(1), [1, 3, 8, 8]), normal(key(2), [4, 3, 3, 3]))).toMatch(/1 launches/);
  });

  it('joins what a gradient computes', async () => {
    const loss = (a: Tensor): Tensor => sum(sigmoid(mul(a, abs(add(a, 2)))));
    const step = (a: Tensor): Tensor => sub(a, mul(grad(loss)(a), 0.1));
    expect(await launches(step, x())).toBeLessThanOrEqual(2);
    const spectrum = (a: Tensor): Tensor => grad((v: Tensor) => sum(abs(fft(v))))(a);
    expect(await launches(spectrum, complexNormal(key(1), [64]))).toBeLessThanOrEqual(4);
  });
});

describe('layouts seen through views', () => {
  const layout = (shape: number[], strides: number[], offset = 0) => ({
    shape,
    dtype: 'f32' as const,
    strides,
    offset,
  });

  it('follow every axis to where it moves', () => {
    // operand [3, 4] transposed in memory; the view reverses axis 1 and swaps
    const seen = composeLayouts(layout([3, 4], [1, 3], 5), [3, 4], layout([4, 3], [-1, 4], 3));
    expect(seen).toMatchObject({ shape: [4, 3], strides: [-3, 1], offset: 5 + 9 });
  });

  it('refuse a reshape of strided axes', () => {
    expect(composeLayouts(layout([3, 4], [1, 3]), [3, 4], layout([12], [1]))).toBeUndefined();
    expect(composeLayouts(layout([4], [1]), [3, 4], layout([2, 6], [6, 1]))).toBeUndefined();
  });
});
