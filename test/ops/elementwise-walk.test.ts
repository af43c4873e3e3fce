import {
  add,
  cast,
  contiguous,
  type Device,
  type DType,
  flip,
  full,
  init,
  iota,
  mul,
  remainder,
  reshape,
  slice,
  type Tensor,
  tensor,
  transpose,
  where,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyOp } from '../../packages/tensor/src/ops/elementwise/copy.js';
import { backends } from '../backend/devices.js';
import { hostValue, runKernels } from './runKernels.js';

const values = async (x: Tensor): Promise<number[]> => [...(await x.data())];
const counting = (...shape: number[]): Tensor => reshape(iota(shape.reduce((size, n) => size * n, 1)), shape);

describe('copies of every dtype', () => {
  const shapes = [[], [1], [3], [4], [1001], [7, 9], [33000], [70001], [0]];
  test.each(['f32', 'c64', 'i32', 'u8', 'bool'] as DType[])('%s: tails and several tasks', (dtype) => {
    for (const shape of shapes) {
      const x = hostValue(shape, dtype);
      expect([...runKernels(copyOp, [x], undefined).outputs[0]!.data]).toEqual([...x.data]);
    }
  });

  test('a task count that depends on the size only', () => {
    expect(runKernels(copyOp, [hostValue([32768], 'f32')], undefined).tasks).toEqual([1]);
    expect(runKernels(copyOp, [hostValue([32769], 'f32')], undefined).tasks).toEqual([2]);
  });
});

describe.each(backends)('walks on $name', ({ options }) => {
  let device: Device;
  beforeAll(async () => {
    device = await init(options);
  });
  afterAll(() => device.dispose());

  test('more elements than invocations, and a tail, of every size', async () => {
    const count = 2 ** 20 + 4099;
    const x = iota(count);
    const wide = await mul(cast(x, 'f32'), { re: 2, im: -1 }).data();
    const bytes = await cast(x, 'u8').data();
    const truths = await cast(remainder(x, 3), 'bool').data();
    for (let i = 0; i < count; i++)
      if (
        wide[2 * i] !== 2 * i ||
        wide[2 * i + 1] !== -i ||
        bytes[i] !== i % 256 ||
        truths[i] !== Number(i % 3 > 0)
      )
        throw new Error(`entry ${i}: ${[wide[2 * i], wide[2 * i + 1], bytes[i], truths[i]]}`);
  });

  test.each([
    [200, 160],
    [131, 257],
    [410, 300],
    [3, 97, 192],
  ])('transposed, in blocks where the sizes allow: %j', async (...shape) => {
    const x = counting(...shape);
    const strides = shape.map((_, i) => shape.slice(i + 1).reduce((step, n) => step * n, 1)).reverse();
    const sizes = [...shape].reverse();
    const got = await values(contiguous(transpose(x)));
    got.forEach((value, flat) => {
      let rest = flat;
      let expected = 0;
      for (let axis = sizes.length - 1; axis >= 0; axis--) {
        expected += (rest % sizes[axis]!) * strides[axis]!;
        rest = Math.floor(rest / sizes[axis]!);
      }
      if (value !== expected) throw new Error(`entry ${flat}: ${value}, expected ${expected}`);
    });
  });

  test('transposed complex and byte operands together', async () => {
    const re = cast(counting(180, 160), 'f32');
    const bytes = cast(counting(160, 180), 'u8');
    const got = await values(mul(mul(transpose(re), { re: 0, im: 1 }), bytes));
    for (const [i, j] of [
      [0, 0],
      [7, 100],
      [159, 179],
    ] as const)
      expect(got[2 * (i * 180 + j) + 1]).toBe((j * 160 + i) * ((i * 180 + j) % 256));
  });

  test('reversed, stepped and repeated rows longer than a task', async () => {
    const x = counting(2, 40000);
    const got = await values(
      add(slice(flip(x), [null, [1, null, 2]]), tensor(Int32Array.of(0, 1), { shape: [2, 1] })),
    );
    expect(got.length).toBe(40000);
    got.forEach((value, i) => {
      const [row, column] = [Math.floor(i / 20000), i % 20000];
      if (value !== 79999 - row * 40000 - (2 * column + 1) + row) throw new Error(`entry ${i}: ${value}`);
    });
  });

  test('more strides than a kernel has arguments', async () => {
    const odd = Array.from({ length: 11 }, (_, axis) => 1 + (axis % 2));
    const even = odd.map((n) => 3 - n);
    const a = counting(...odd);
    const b = counting(...even);
    const got = await values(where(full(odd, true), a, b));
    const sums = await values(add(a, b));
    expect(got.length).toBe(2048);
    expect(sums.reduce((sum, v) => sum + v, 0)).toBe(2048 * (31 / 2 + 63 / 2));
    expect(got.reduce((sum, v) => sum + v, 0)).toBe(2048 * (31 / 2));
  });
});
