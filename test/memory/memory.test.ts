import {
  add,
  createDevice,
  type Device,
  init,
  keep,
  memory,
  mul,
  reshape,
  scope,
  type Tensor,
  tensor,
  UseAfterDisposeError,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let device: Device;

beforeAll(async () => {
  device = await init({ device: 'wasm', trackOrigins: true });
});

afterAll(() => device.dispose());

describe('scope', () => {
  test('disposes what is not returned or kept', () => {
    let inner!: Tensor;
    let kept!: Tensor;
    const result = scope(() => {
      const x = tensor([1, 2, 3]);
      inner = add(x, 1);
      kept = keep(add(x, 2));
      return { deep: [mul(inner, 2)] };
    });
    expect(inner.isDisposed).toBe(true);
    expect(kept.isDisposed).toBe(false);
    expect(result.deep[0]!.isDisposed).toBe(false);
    kept.dispose();
    result.deep[0]!.dispose();
  });

  test('results of an inner scope belong to the outer one', () => {
    let escaped!: Tensor;
    scope(() => {
      escaped = scope(() => tensor([1]));
      expect(escaped.isDisposed).toBe(false);
    });
    expect(escaped.isDisposed).toBe(true);
  });

  test('frees everything when the function throws', () => {
    const before = memory().liveBytes;
    expect(() =>
      scope(() => {
        tensor([1, 2, 3]);
        throw new RangeError('no');
      }),
    ).toThrow(RangeError);
    expect(memory().liveBytes).toBe(before);
  });

  test('refuses asynchronous functions', () => {
    expect(() => scope(async () => tensor([1]))).toThrow(/scope: the function must be synchronous/);
  });
});

describe('dispose', () => {
  test('a use after it names op, argument, type and where the tensor was made', () => {
    const x = add(tensor([1, 2]), 1);
    x.dispose();
    x.dispose();
    expect(() => mul(2, x)).toThrow(UseAfterDisposeError);
    expect(() => mul(2, x)).toThrow(
      /^mul: argument 2 \(f32 \[2\], made by add at memory\.test\.ts:\d+\) was disposed.*keep\(\)\.$/,
    );
  });

  test('reading a disposed tensor rejects', async () => {
    const x = tensor([1]);
    x.dispose();
    await expect(x.data()).rejects.toThrow(UseAfterDisposeError);
  });

  test('using frees at the end of the block', () => {
    const before = memory().liveBytes;
    {
      using x = tensor(new Float32Array(1000));
      expect(memory().liveBytes).toBe(before + 4000);
      expect(x.size).toBe(1000);
    }
    expect(memory().liveBytes).toBe(before);
  });

  test('a view keeps the memory of its source', async () => {
    const before = memory().liveBytes;
    const x = tensor([1, 2, 3, 4]);
    const view = reshape(x, [2, 2]).slice([[null, null, -1], 1]);
    x.dispose();
    expect(await view.toArray()).toEqual([4, 2]);
    view.dispose();
    expect(memory().liveBytes).toBeLessThanOrEqual(before + 16);
  });
});

test('tensors of a disposed device are refused with a sentence that says so', async () => {
  const other = await createDevice({ device: 'wasm', threads: 1 });
  const x = tensor([1], { device: other });
  other.dispose();
  expect(() => add(x, 1)).toThrow(/lives on a device that was disposed/);
});
