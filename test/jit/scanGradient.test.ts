import { grad, gradcheck, hvp, jvp, scan, valueAndGrad, vjp } from '@adjoint/autograd';
import {
  abs2,
  add,
  complex,
  conj,
  createDevice,
  type Device,
  div,
  fft,
  init,
  jit,
  key,
  matmul,
  mul,
  normal,
  sin,
  slice,
  sqrt,
  stack,
  sub,
  sum,
  type Tensor,
  take,
  tanh,
  tensor,
  transpose,
  withDevice,
  zeros,
} from '@adjoint/tensor';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let device: Device;
let reference: Device;
beforeAll(async () => {
  reference = await createDevice({ device: 'reference' });
  device = await init({ device: 'wasm', threads: 2 });
});
afterAll(() => {
  device.dispose();
  reference.dispose();
});

const values = async (x: Tensor): Promise<number[]> => [...(await x.data())];
const all = (tree: readonly Tensor[]): Promise<number[][]> => Promise.all(tree.map(values));

/** A loop with a given number of steps over a body. */
type Loop = <C>(body: (carry: C, k: Tensor) => C, carry: C) => C;

const unrolled =
  (n: number): Loop =>
  (body, carry) => {
    for (let k = 0; k < n; k++) carry = body(carry, tensor(k, { dtype: 'i32' }));
    return carry;
  };
const scanned =
  (n: number, checkpointEvery?: number): Loop =>
  (body, carry) =>
    scan(body, n, carry, checkpointEvery === undefined ? {} : { checkpointEvery });

/** Value and gradients of a loop over a tree, with respect to the carry and to what the body closes over. */
const learned = (loop: Loop) =>
  valueAndGrad(
    (x: Tensor, z: Tensor, weight: Tensor, rate: Tensor) => {
      const steps = tensor(0, { dtype: 'i32', device: x.device });
      const last = loop(
        (c, k) => ({
          x: tanh(add(matmul(weight, c.x), mul(k, rate))),
          z: add(mul(fft(c.z), 0.4), c.x),
          steps: add(c.steps, 1),
        }),
        { x, z, steps },
      );
      return add(sum(abs2(last.z)), add(sum(abs2(last.x)), last.steps));
    },
    { argnums: [0, 1, 2, 3] },
  );

const inputs = (dtype: 'f32' | 'f64') => {
  const type = { dtype } as const;
  return [
    tensor([0.3, -0.2, 0.5], type),
    tensor(new Float64Array([0.1, 0.2, 0.7, -0.2, -0.4, 0.3]), { dtype: dtype === 'f32' ? 'c64' : 'c128' }),
    tensor([0.3, -0.5, 0.2, 0.8, 0.1, -0.3, 0.4, 0.6, -0.7], { ...type, shape: [3, 3] }),
    tensor(0.25, type),
  ] as const;
};

describe('the gradient of scan', () => {
  it('equals that of the loop written out, for any number of steps and checkpoints', async () => {
    const flat = ({ value, gradient }: { value: Tensor; gradient: readonly Tensor[] }) => [
      value,
      ...gradient,
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 7 }),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        async (n, every, isCompiled) => {
          const expected = await all(flat(learned(unrolled(n))(...inputs('f32'))));
          const f = learned(scanned(n, every));
          expect(await all(flat((isCompiled ? jit(f) : f)(...inputs('f32'))))).toEqual(expected);
          const exact = withDevice(reference, () => flat(learned(unrolled(n))(...inputs('f64'))));
          (await all(exact)).forEach((list, i) => {
            list.forEach((value, j) => {
              expect(expected[i]![j]).toBeCloseTo(value, 4);
            });
          });
        },
      ),
      { numRuns: 60, seed: 20261122 },
    );
  });

  it('passes the gradient check, first and second order', async () => {
    const x = tensor([0.1, 0.2, 0.3], { dtype: 'f64', device: reference });
    const w = tensor([0.5, -0.4, 0.9], { dtype: 'f64', device: reference });
    for (const every of [1, 2, 5]) {
      const f = (a: Tensor, b: Tensor): Tensor =>
        sum(scan((c, k) => add(sin(mul(c, b)), mul(k, 0.1)), 5, a, { checkpointEvery: every }));
      await gradcheck(f, [x, w], { order: 2 });
    }
  });

  it('has derivatives of higher order, eager and compiled', async () => {
    const x = tensor(0.4, { dtype: 'f64', device: reference });
    const third = (loop: Loop) => grad(grad(grad((y: Tensor) => loop((c: Tensor) => sin(mul(c, y)), y))));
    const expected = await third(unrolled(3))(x).item();
    expect(await third(scanned(3))(x).item()).toBeCloseTo(expected as number, 10);
    expect(await jit(third(scanned(3)))(x).item()).toBeCloseTo(expected as number, 10);

    const v = normal(key(3), [6]);
    const f = (loop: Loop) => (y: Tensor) => {
      const half = mul(y, 0.5); // gone when the derivatives are taken
      return sum(
        mul(
          loop((c: Tensor) => sin(add(mul(c, half), c)), y),
          y,
        ),
      );
    };
    const close = async (got: Tensor, want: Tensor): Promise<void> => {
      const wanted = await values(want);
      for (const [i, value] of (await values(got)).entries()) expect(value).toBeCloseTo(wanted[i]!, 3);
    };
    for (const every of [1, 2, 7]) {
      await close(hvp(f(scanned(7, every)), v, v), hvp(f(unrolled(7)), v, v));
      const compiled = jit((y: Tensor) => hvp(f(scanned(7, every)), y, y));
      await close(compiled(v), hvp(f(unrolled(7)), v, v));
    }
    await close(jvp(f(scanned(5)), [v], [v]).tangent, jvp(f(unrolled(5)), [v], [v]).tangent);
  });

  it('works through jit and nested loops, whichever is inside', async () => {
    const [x, w] = [normal(key(1), [4]), normal(key(2), [4])];
    const nested = (outer: Loop, inner: Loop) => (y: Tensor, a: Tensor) =>
      sum(
        outer(
          (c: Tensor, k) =>
            add(
              inner((b: Tensor) => tanh(mul(b, a)), c),
              mul(c, k),
            ),
          y,
        ),
      );
    const both = (f: (y: Tensor, a: Tensor) => Tensor) => grad(f, { argnums: [0, 1] })(x, w);
    const expected = await all(both(nested(unrolled(5), unrolled(3))));
    const loss = nested(scanned(5, 2), scanned(3, 2));
    const compiled = jit(grad(jit(loss), { argnums: [0, 1] }));
    for (const got of [both(loss), both(jit(loss)), compiled(x, w), compiled(x, w)])
      for (const [i, list] of (await all(got)).entries())
        for (const [j, value] of list.entries()) expect(value).toBeCloseTo(expected[i]![j]!, 4);
  });

  it('is that of every part by itself', async () => {
    const [x, w] = [tensor([1, 2]), tensor([3, 4])];
    // only what is captured is differentiated, and one part of the carry has no derivative
    const f = (a: Tensor): Tensor => {
      const start = { x, steps: tensor(0, { dtype: 'i32' }) };
      return sum(scan((c) => ({ x: mul(c.x, a), steps: add(c.steps, 1) }), 3, start).x);
    };
    expect(await values(grad(f)(w))).toEqual([27, 96]);
    using at = vjp((a: Tensor) => scan((c: Tensor) => mul(c, a), 2, x), w);
    expect(await values(at.pullback(tensor([1, 1]))[0])).toEqual([6, 16]);
    expect(await values(at.pullback(tensor([2, 0]))[0])).toEqual([12, 0]);
  });

  it('attacks a learned reconstruction: loops of gradients of loops, as in docs/jit.md', async () => {
    const [n, size] = [5, 4];
    const A = mul(complex(normal(key(1), [size, size]), normal(key(2), [size, size])), 0.3);
    const results = [scanned, unrolled].map((loops) => {
      const reconstruct = (y: Tensor, rates: Tensor, weight: Tensor): Tensor =>
        loops(n)(
          (x: Tensor, k: Tensor) => {
            const dataStep = matmul(conj(transpose(A)), sub(matmul(A, x), y));
            return sub(x, mul(add(dataStep, mul(weight, x)), take(rates, k, 0)));
          },
          zeros([size], { dtype: 'c64' }),
        );
      const training = valueAndGrad(
        (rates: Tensor, weight: Tensor, y: Tensor, truth: Tensor) =>
          sum(abs2(sub(reconstruct(y, rates, weight), truth))),
        { argnums: [0, 1] },
      );
      const attack = (y: Tensor, start: Tensor, rates: Tensor, weight: Tensor, rate: Tensor): Tensor => {
        const clean = reconstruct(y, rates, weight);
        const change = (e: Tensor): Tensor => sum(abs2(sub(reconstruct(add(y, e), rates, weight), clean)));
        const intoBall = (e: Tensor): Tensor => div(e, sqrt(sum(abs2(e))));
        return loops(6)((e: Tensor) => intoBall(add(e, mul(grad(change)(e), rate))), start);
      };
      const y = complex(normal(key(3), [size]), normal(key(4), [size]));
      const [rates, weight] = [tensor([0.5, 0.4, 0.3, 0.2, 0.1]), tensor(0.01)];
      const { value, gradient } = jit(training)(rates, weight, y, slice(A, [0]));
      const start = mul(y, 0.1);
      return [value, ...gradient, jit(attack)(y, start, rates, weight, tensor(2))];
    });
    const [got, want] = await Promise.all(results.map(all));
    got!.forEach((list, i) => {
      list.forEach((value, j) => {
        expect(value).toBeCloseTo(want![i]![j]!, 4);
      });
    });
  });

  it('drives gradient descent on gradient descent', async () => {
    const data = tensor([1, -2, 0.5]);
    const loss = (v: Tensor): Tensor => sum(abs2(sub(v, data)));
    const reached = (loop: Loop) => (rate: Tensor) =>
      loss(loop((v: Tensor) => sub(v, mul(grad(loss)(v), rate)), tensor([0, 0, 0])));
    const best = jit((rate: Tensor) => sub(rate, mul(grad(reached(scanned(6)))(rate), 1e-3)));
    let rate = tensor(0.05);
    expect(await grad(reached(scanned(6)))(rate).item()).toBeCloseTo(
      (await grad(reached(unrolled(6)))(rate).item()) as number,
      4,
    );
    const start = (await reached(unrolled(6))(rate).item()) as number;
    for (let i = 0; i < 5; i++) rate = best(rate);
    expect(await reached(unrolled(6))(rate).item()).toBeLessThan(0.5 * start);
  });

  it('many carries at once', async () => {
    const parts = Array.from({ length: 12 }, (_, i) => tensor([i, 1]));
    const mix = (c: Tensor[]): Tensor[] => c.map((part, i) => add(mul(part, 0.5), c[(i + 1) % c.length]!));
    const loss = (loop: Loop) => grad((c: Tensor[]) => sum(abs2(stack(loop(mix, c)))));
    expect(await all(loss(scanned(4))(parts))).toEqual(await all(loss(unrolled(4))(parts)));
  });
});
