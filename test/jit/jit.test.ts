import { disposeTree, grad, hvp, valueAndGrad, vjp } from '@adjoint/autograd';
import {
  ArgumentError,
  add,
  BudgetError,
  createDevice,
  type Device,
  DTypeError,
  exp,
  explain,
  fft,
  full,
  identity,
  init,
  jit,
  keep,
  key,
  memory,
  mul,
  normal,
  reshape,
  scope,
  sin,
  slice,
  square,
  sub,
  sum,
  type Tensor,
  TraceError,
  tensor,
  transpose,
  UseAfterDisposeError,
  withDevice,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let device: Device;
beforeAll(async () => {
  device = await init({ device: 'wasm', threads: 2 });
});
afterAll(() => device.dispose());

/** A function that counts how often it really runs. */
function counted<A extends unknown[], R>(f: (...args: A) => R): ((...args: A) => R) & { runs: number } {
  const wrapped = Object.assign(
    (...args: A): R => {
      wrapped.runs++;
      return f(...args);
    },
    { runs: 0 },
  );
  return wrapped;
}

const values = async (x: Tensor): Promise<number[]> => [...(await x.data())];

describe('jit', () => {
  it('runs the function once per signature and replays it', async () => {
    const f = counted((x: Tensor, y: Tensor) => add(mul(x, y), 1));
    const step = jit(f);
    expect(await values(step(tensor([1, 2]), tensor([3, 4])))).toEqual([4, 9]);
    expect(await values(step(tensor([5, 6]), tensor([7, 8])))).toEqual([36, 49]);
    expect(f.runs).toBe(1);
    expect(await values(step(tensor([1, 2, 3]), tensor([3, 4, 5])))).toEqual([4, 9, 16]);
    expect(f.runs).toBe(2);
    expect(await values(step(tensor([1, 2]), tensor(new Int32Array([3, 4]))))).toEqual([4, 9]);
    expect(f.runs).toBe(3);
  });

  it('takes views as they lie: another order of elements is another signature, another offset is not', async () => {
    const f = counted((x: Tensor) => sum(mul(x, tensor([1, 10])), { axes: 0 }));
    const step = jit(f);
    const x = tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(await values(step(slice(x, [[0, 2]])))).toEqual([4, 60]);
    expect(await values(step(slice(x, [[1, 3]])))).toEqual([8, 100]);
    expect(f.runs).toBe(1);
    expect(await values(step(transpose(slice(x, [[1, 3]]))))).toEqual([7, 110]);
    expect(f.runs).toBe(2);
  });

  it('numbers change without a new trace', async () => {
    const f = counted((x: Tensor, a: Tensor, { b }: { b: Tensor }) => add(mul(x, a), b));
    const step = jit(f);
    const x = tensor([1, 2]);
    const results = [1, 2, 3].map((k) => step(x, k, { b: -k }));
    for (const [i, y] of results.entries()) expect(await values(y)).toEqual([0, i + 1]);
    expect(f.runs).toBe(1);
    expect(await values(jit((a: Tensor) => a)(3))).toEqual([3]);
  });

  it('many numbers at once', async () => {
    const list = Array.from({ length: 120 }, (_, i) => i);
    const step = jit((xs: Tensor[]) => xs.reduce((a, b) => add(a, b)));
    expect(await values(step(list))).toEqual([7140]);
    expect(await values(step(list.map((x) => 2 * x)))).toEqual([14280]);
  });

  it('numbers beside double precision keep it', async () => {
    const reference = await createDevice({ device: 'reference' });
    await withDevice(reference, () =>
      jit((x: Tensor, a: Tensor) => mul(x, a))(tensor([1, 2], { dtype: 'f64' }), 0.1),
    )
      .data()
      .then((y) => expect([...y]).toEqual([0.1, 0.2]));
  });

  it('random keys change without a new trace', async () => {
    const f = counted((k: Tensor, x: Tensor) => add(x, normal(k, [3])));
    const step = jit(f);
    const x = tensor([1, 2, 3]);
    for (const seed of [1, 2]) {
      const [eager, compiled] = [add(x, normal(key(seed), [3])), step(key(seed), x)];
      expect(await values(compiled)).toEqual(await values(eager));
    }
    expect(f.runs).toBe(1);
  });

  it('strings and booleans are part of the signature', async () => {
    const f = counted((x: Tensor, how: string, twice: boolean) =>
      mul(how === 'square' ? square(x) : x, twice ? 2 : 1),
    );
    const step = jit(f);
    expect(await values(step(tensor([3]), 'square', true))).toEqual([18]);
    expect(await values(step(tensor([3]), 'square', false))).toEqual([9]);
    expect(await values(step(tensor([3]), 'no', true))).toEqual([6]);
    expect(f.runs).toBe(3);
  });

  it('captures tensors; once one is disposed it traces again', async () => {
    let w = tensor([2, 3]);
    const f = counted((x: Tensor) => mul(transpose(x), w));
    const step = jit(f);
    const x = tensor([1, 1]);
    expect(await values(step(x))).toEqual([2, 3]);
    const old = w;
    w = tensor([5, 7]);
    expect(await values(step(x))).toEqual([2, 3]);
    old.dispose();
    expect(await values(step(x))).toEqual([5, 7]);
    expect(f.runs).toBe(2);
    w.dispose();
    expect(() => step(x)).toThrow(UseAfterDisposeError);
  });

  it('check finds a function that changes', async () => {
    let a = 1;
    let w = tensor([1, 2]);
    const step = jit((x: Tensor) => mul(add(x, a), w), { check: true });
    const x = tensor([1, 2]);
    expect(await values(step(x))).toEqual([2, 6]);
    step(x);
    a = 2;
    expect(() => step(x)).toThrow(/jit: the function must be one that computes the same/);
    a = 1;
    step(x);
    w = tensor([1, 2]);
    expect(() => step(x)).toThrow(/closing over/);
    const local = jit((y: Tensor) => mul(y, tensor([1, 2])), { check: true });
    local(x);
    expect(await values(local(x))).toEqual([1, 4]);
  });

  it('the device may change', async () => {
    const f = counted((x: Tensor) => add(x, full([2], 1)));
    const step = jit(f);
    expect(await values(step(tensor([1, 2])))).toEqual([2, 3]);
    const reference = await createDevice({ device: 'reference' });
    const y = withDevice(reference, () => step(tensor([1, 2])));
    expect(y.device).toBe(reference);
    expect(await values(y)).toEqual([2, 3]);
    expect(f.runs).toBe(2);
    expect(() =>
      withDevice(reference, () => jit(() => add(full([1], 1), tensor([1], { device })))()),
    ).toThrow(/on one device|the reference device/);
  });

  it('results may be arguments, captured tensors, constants, views and anything else', async () => {
    const w = tensor([7]);
    const step = jit((x: Tensor, a: Tensor) => {
      const y = mul(x, a);
      return {
        x,
        w,
        a,
        one: full([2], 1),
        made: tensor([5]),
        y,
        views: [y, transpose(y), identity(y)],
        n: 3,
        s: 'text',
      };
    });
    const x = transpose(
      tensor([
        [1, 2],
        [3, 4],
      ]),
    );
    for (let k = 1; k < 3; k++) {
      const r = step(x, k);
      expect([r.n, r.s]).toEqual([3, 'text']);
      expect(await values(r.x)).toEqual([1, 3, 2, 4]);
      expect(await values(r.w)).toEqual([7]);
      expect(await values(r.a)).toEqual([k]);
      expect(await values(r.one)).toEqual([1, 1]);
      expect(await values(r.made)).toEqual([5]);
      expect(await values(r.views[0]!)).toEqual([1 * k, 3 * k, 2 * k, 4 * k]);
      expect(await values(r.views[1]!)).toEqual([1 * k, 2 * k, 3 * k, 4 * k]);
      disposeTree({ ...r, views: r.views });
    }
    expect(w.isDisposed).toBe(false);
    w.dispose();
  });

  it('holds derivatives, and is differentiated by being inlined', async () => {
    const loss = (x: Tensor): Tensor => sum(mul(sin(x), exp(x)));
    const x = tensor([0.1, 0.2, 0.3]);
    const expected = await values(grad(loss)(x));
    expect(await values(jit(grad(loss))(x))).toEqual(expected);
    expect(await values(grad(jit(loss))(x))).toEqual(expected);
    expect(await values(jit(grad(jit(loss)))(x))).toEqual(expected);
    const second = await values(grad((y: Tensor) => sum(grad(loss)(y)))(x));
    expect(await values(jit(grad((y: Tensor) => sum(jit(grad(loss))(y))))(x))).toEqual(second);
    expect(await values(jit((y: Tensor) => hvp(loss, y, y))(x))).toEqual(await values(hvp(loss, x, x)));
    using at = vjp(loss, x);
    const seed = tensor(1);
    expect(await values(jit((s: Tensor) => at.pullback(s)[0])(seed))).toEqual(expected);
    const withNumber = valueAndGrad((y: Tensor) =>
      sum(mul(jit((a: Tensor, b: Tensor) => mul(a, b))(y, 3), y)),
    );
    expect(await values(withNumber(x).gradient)).toEqual(await values(mul(x, 6)));
  });

  it('computes equal subexpressions once and nothing that is not asked for', () => {
    const step = jit((x: Tensor) => {
      exp(x);
      return add(sum(fft(x)), sum(fft(x)));
    });
    const text = explain(step, tensor([1, 2, 3]));
    expect(text.match(/ fft/g)).toHaveLength(1);
    expect(text).not.toMatch(/exp/);
    expect(text).toMatch(/planned peak/);
  });

  it('scopes, dispose and keep work while tracing', async () => {
    const step = jit((x: Tensor) => {
      const y = scope(() => {
        const z = exp(x);
        return mul(z, z);
      });
      const k = scope(() => keep(add(x, 1)));
      const sumOf = add(y, k);
      y.dispose();
      expect(() => add(y, 1)).toThrow(UseAfterDisposeError);
      return sumOf;
    });
    expect(await values(step(tensor([0])))).toEqual([2]);
  });
});

describe('donation', () => {
  it('gives the memory of an argument to a result, and ends the handle', async () => {
    const step = jit((x: Tensor, y: Tensor) => add(x, y), { donate: [0] });
    let x = normal(key(1), [1000]);
    const y = normal(key(2), [1000]);
    const expected = await values(add(x, y));
    const { buffer } = x.operand();
    const old = x;
    x = step(x, y);
    expect(x.operand().buffer).toBe(buffer);
    expect(await values(x)).toEqual(expected);
    expect(() => add(old, 1)).toThrow(UseAfterDisposeError);
  });

  it('does not where that memory is still in use', async () => {
    const x = tensor([1, 2, 3, 4]);
    const view = reshape(x, [2, 2]);
    const step = jit((a: Tensor) => mul(a, 2), { donate: [0] });
    expect(await values(step(x))).toEqual([2, 4, 6, 8]);
    expect(await values(view)).toEqual([1, 2, 3, 4]);
    expect(x.isDisposed).toBe(true);
    const both = jit((a: Tensor, b: Tensor) => [add(a, 1), mul(b, 3)], { donate: [0] });
    const z = tensor([1, 2]);
    const [p, q] = both(z, z);
    expect([await values(p!), await values(q!)]).toEqual([
      [2, 3],
      [3, 6],
    ]);
    const later = jit((a: Tensor) => [transpose(a), add(a, transpose(a)), sub(a, 1)], { donate: [0] });
    const m = tensor([
      [1, 2],
      [3, 4],
    ]);
    const [t, s, d] = later(m);
    expect([await values(t!), await values(s!), await values(d!)]).toEqual([
      [1, 3, 2, 4],
      [2, 5, 5, 8],
      [0, 1, 2, 3],
    ]);
    const turned = jit((a: Tensor) => add(a, transpose(a)), { donate: [0] });
    expect(
      await values(
        turned(
          tensor([
            [1, 2],
            [3, 4],
          ]),
        ),
      ),
    ).toEqual([2, 5, 5, 8]);
  });
});

describe('jit refuses', () => {
  const x = () => tensor([1, 2]);

  it('values read while tracing', async () => {
    let reading: Promise<unknown> | undefined;
    jit((y: Tensor) => {
      reading = y.data();
      return y;
    })(x());
    await expect(reading).rejects.toThrow(TraceError);
  });

  it('asynchronous functions', () => {
    expect(() => jit(async (y: Tensor) => y)(x())).toThrow(/synchronous/);
    expect(() => jit(async (y: Tensor) => y.data())(x())).toThrow(ArgumentError);
  });

  it('tensors that left their trace', () => {
    let leaked: Tensor | undefined;
    const leak = jit((y: Tensor) => {
      leaked = keep(add(y, 1));
      return y;
    });
    leak(x());
    expect(() => add(leaked!, 1)).toThrow(TraceError);
    expect(() => jit((y: Tensor) => add(y, leaked!))(x())).toThrow(TraceError);
  });

  it('arguments that are no trees of tensors and primitive values', () => {
    const loose = jit((y: unknown) => y) as (y: unknown) => unknown;
    for (const wrong of [new Map(), () => 0, new Float32Array(2), [new Date()]])
      expect(() => loose(wrong)).toThrow(ArgumentError);
  });

  it('a disposed result', () => {
    expect(() =>
      jit((y: Tensor) => {
        const z = add(y, 1);
        z.dispose();
        return z;
      })(x()),
    ).toThrow(UseAfterDisposeError);
  });

  it('more memory than the budget, and leaves nothing behind', async () => {
    const small = await createDevice({ device: 'wasm', threads: 1, memoryBudget: 10_000 });
    withDevice(small, () => {
      const y = full([1000], 1);
      const before = small.memory().liveBytes;
      const attempts = [
        jit((a: Tensor) => [add(a, 1), sub(a, 1)]),
        jit((a: Tensor, b: Tensor) => sum(fft(mul(fft(a), b)), { axes: 0 })),
      ] as ((...xs: unknown[]) => unknown)[];
      for (const attempt of attempts) {
        expect(() => attempt(y, 2)).toThrow(BudgetError);
        (attempt as unknown as { dispose(): void }).dispose();
        expect(small.memory().liveBytes).toBe(before);
      }
    });
    small.dispose();
  });

  it('what the function itself refuses, and leaves nothing behind', () => {
    const y = x();
    const before = memory().liveBytes;
    expect(() => jit((a: Tensor) => fft(add(a, tensor([1, 2, 3]))))(y)).toThrow(/shapes/);
    expect(() => jit((a: Tensor) => tensor([1], { dtype: 'f64' }).add(a))(y)).toThrow(DTypeError);
    expect(memory().liveBytes).toBe(before);
  });
});
