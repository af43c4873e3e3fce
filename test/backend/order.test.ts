import {
  add,
  createDevice,
  type Device,
  full,
  jit,
  mul,
  read,
  slice,
  type Tensor,
  tensor,
} from '@adjoint/tensor';
import { seededDraw } from '@adjoint/tensor/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backends } from './devices.js';

/** A tensor and the values it must have. */
interface Tracked {
  readonly tensor: Tensor;
  readonly values: readonly number[];
}

const sizes = [1, 3, 64, 700];

describe.each(backends)('the order of calls on $name', ({ options }) => {
  let device: Device;
  beforeAll(async () => {
    device = await createDevice(options);
  });
  afterAll(() => device.dispose());

  const upload = (values: readonly number[]): Tracked => ({
    tensor: tensor(Int32Array.from(values), { device }),
    values,
  });
  /** 3x + k: not commutative, so order shows. */
  const affine = ({ tensor: x, values }: Tracked, k: number): Tracked => {
    const tripled = mul(x, 3);
    const result = { tensor: add(tripled, k), values: values.map((v) => (Math.imul(v, 3) + k) | 0) };
    tripled.dispose();
    return result;
  };

  test.each([1, 2, 3])(
    'random uploads, launches, frees, writes and reads, none awaited (series %i)',
    async (seed) => {
      const draw = seededDraw(seed);
      const live: Tracked[] = sizes.map((n) => upload(Array.from({ length: n }, (_, i) => i)));
      const reads: Promise<void>[] = [];
      const check = async (
        got: Promise<ArrayLike<number>>,
        values: readonly number[],
        step: number,
      ): Promise<void> => {
        expect(Array.from(await got), `read in step ${step}`).toEqual(values);
      };
      for (let step = 0; step < 600; step++) {
        const at = draw.int(0, live.length - 1);
        const chosen = live[at]!;
        const kind = draw.int(0, 9);
        if (kind < 5) {
          live[at] = affine(chosen, step);
          chosen.tensor.dispose();
        } else if (kind < 6) {
          live[at] = upload(Array.from({ length: draw.pick(sizes) }, (_, i) => i * step));
          chosen.tensor.dispose();
        } else if (kind < 7) {
          // into memory that no read under way uses
          const fresh = affine(chosen, step);
          const place = draw.int(0, fresh.values.length - 1);
          device.backend.write(fresh.tensor.operand().buffer, 4 * place, Int32Array.of(-step));
          live[at] = { ...fresh, values: fresh.values.map((v, i) => (i === place ? -step : v)) };
          chosen.tensor.dispose();
        } else if (kind < 8) reads.push(check(read(chosen.tensor), chosen.values, step));
        else if (live.length < 8) live.push(affine(chosen, -step));
        else live.splice(at, 1)[0]!.tensor.dispose();
      }
      for (const { tensor: x, values } of live) reads.push(check(read(x), values, 600));
      await Promise.all(reads);
      expect(reads.length).toBeGreaterThan(20);
      for (const { tensor: x } of live) x.dispose();
    },
  );

  test('a read gives the values of its time, however much follows', async () => {
    let x = full([1000], 0, { device });
    const reads: Promise<ArrayLike<number>>[] = [];
    for (let k = 0; k < 3000; k++) {
      if (k % 100 === 0) reads.push(read(slice(x, [[k % 7, (k % 7) + 1]])));
      const next = add(x, 1);
      x.dispose();
      x = next;
    }
    const values = await Promise.all(reads);
    expect(values.map((value) => value[0])).toEqual(reads.map((_, i) => 100 * i));
    expect(new Set(await read(x))).toEqual(new Set([3000]));
    x.dispose();
  });

  test('numbers given to a compiled function arrive with their call', async () => {
    const step = jit((x: Tensor, factor: number, shift: number) => add(mul(x, factor), shift));
    const x = tensor([1, 2, 3], { device });
    const results = Array.from({ length: 300 }, (_, k) => step(x, k, -k) as Tensor);
    for (const [k, result] of results.entries())
      expect(Array.from(await read(result)), `call ${k}`).toEqual([0, k, 2 * k]);
    for (const result of results) result.dispose();
    step.dispose();
  });

  test('parts of bytes are read from any place', async () => {
    const bytes = Uint8Array.from({ length: 37 }, (_, i) => 3 * i);
    const x = tensor(bytes, { device });
    for (const [start, end] of [
      [0, 1],
      [1, 4],
      [5, 37],
      [36, 37],
    ] as const)
      expect(Array.from(await read(slice(x, [[start, end]])))).toEqual([...bytes.subarray(start, end)]);
  });
});
