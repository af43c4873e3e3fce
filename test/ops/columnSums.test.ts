import { abs2, type Device, init, jit, key, max, normal, sum, type Tensor } from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let device: Device;
beforeAll(async () => {
  device = await init({ device: 'wasm', threads: 2 });
});
afterAll(() => device.dispose());

/** Folds of axis 0 in double precision, row after row. */
function columns(x: Float32Array, width: number, start: number, fold: (a: number, b: number) => number) {
  const result = new Float64Array(width).fill(start);
  x.forEach((value, i) => {
    result[i % width] = fold(result[i % width]!, value);
  });
  return Float32Array.from(result);
}

describe('folds along columns: blocks of rows, rests of rows and columns, several segments', () => {
  test.each([
    [15, 40],
    [16, 19],
    [17, 7],
    [100, 5],
    [33, 1030],
    [700, 261],
    [3000, 22],
  ])('%d × %d', async (rows, width) => {
    const x = normal(key(rows), [rows, width]);
    const values = (await x.data()) as Float32Array;
    const close = async (got: Tensor, expected: Float32Array) => {
      const data = (await got.data()) as Float32Array;
      expect(data.length).toBe(expected.length);
      data.forEach((value, i) => {
        expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(2 ** -22 * Math.abs(expected[i]!) + 1e-9);
      });
    };
    await close(
      sum(x, { axes: 0 }),
      columns(values, width, 0, (a, b) => a + b),
    );
    await close(max(x, { axes: 0 }), columns(values, width, -Infinity, Math.max));
    const squares = columns(values, width, 0, (a, b) => a + Math.fround(b * b));
    await close(jit((t: Tensor) => sum(abs2(t), { axes: 0 }))(x), squares);
  });
});
