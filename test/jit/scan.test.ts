import { checkpoint, customOp, disposeTree, grad, scan, treeLeaves } from '@adjoint/autograd';
import {
  add,
  createDevice,
  type Device,
  DTypeError,
  explain,
  fft,
  init,
  jit,
  key,
  matmul,
  memory,
  mul,
  normal,
  ShapeError,
  scope,
  sin,
  sub,
  sum,
  type Tensor,
  TraceError,
  take,
  tanh,
  tensor,
  transpose,
  UseAfterDisposeError,
  withDevice,
  zeros,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

let device: Device;
beforeAll(async () => {
  device = await init({ device: 'wasm', threads: 2 });
});
afterAll(() => device.dispose());

const values = async (x: Tensor): Promise<number[]> => [...(await x.data())];
const counter = (k: number): Tensor => tensor(k, { dtype: 'i32' });

/** The loop written out: what `scan` must equal. */
function unrolled<C>(body: (carry: C, k: Tensor) => C, n: number, carry: C): C {
  for (let k = 0; k < n; k++) carry = body(carry, counter(k));
  return carry;
}

describe('scan', () => {
  const x = () => normal(key(1), [5, 5]);
  const w = () => normal(key(2), [5, 5]);

  it('equals the loop written out, bit by bit, eager and compiled', async () => {
    const [x0, weight] = [x(), w()];
    const body = (c: Tensor, k: Tensor): Tensor => add(tanh(matmul(weight, transpose(c))), mul(sin(c), k));
    for (const n of [1, 2, 3, 6]) {
      const expected = await values(unrolled(body, n, x0));
      expect(await values(scan(body, n, x0))).toEqual(expected);
      const compiled = jit((c: Tensor) => scan(body, n, c));
      expect(await values(compiled(x0))).toEqual(expected);
      expect(await values(compiled(transpose(x0)))).toEqual(await values(unrolled(body, n, transpose(x0))));
      compiled.dispose();
    }
  });

  it('takes trees: parts may change places, stay, be equal or be views', async () => {
    const state = () => ({ a: x(), list: [w(), tensor(3, { dtype: 'i32' })] });
    type State = ReturnType<typeof state>;
    const body = ({ a, list: [b, i] }: State, k: Tensor): State => ({
      a: transpose(b!),
      list: [mul(a, i!), add(i!, k)],
    });
    const stay = ({ a, list }: State): State => ({ a, list: [a, list[1]!] });
    for (const step of [body, stay])
      for (const run of [(s: State) => scan(step, 5, s), jit((s: State) => scan(step, 5, s))]) {
        const [got, want] = [run(state()), unrolled(step, 5, state())];
        const [parts, expected] = [got, want].map((tree) => Promise.all(treeLeaves(tree).map(values)));
        expect(await parts).toEqual(await expected);
      }
  });

  it('takes bodies that return what they close over, and carries without elements', async () => {
    const [start, other] = [tensor([1, 2]), tensor([5, 6])];
    for (const loop of [(c: Tensor) => scan(() => other, 3, c), jit((c: Tensor) => scan(() => other, 3, c))])
      expect(await values(loop(start))).toEqual([5, 6]);
    expect(await values(grad((c: Tensor) => sum(scan(() => c, 2, mul(c, 3))))(start))).toEqual([1, 1]);
    const empty = zeros([0, 2]);
    expect(scan((c: Tensor) => mul(c, 2), 3, empty).shape).toEqual([0, 2]);
    expect(grad((c: Tensor) => sum(scan((y) => mul(y, y), 3, c)))(empty).shape).toEqual([0, 2]);
  });

  it('counts its steps with a tensor that indexes', async () => {
    const table = tensor([1, 10, 100, 1000]);
    const pick = (c: Tensor, k: Tensor): Tensor => add(mul(c, 2), take(table, k, 0));
    expect(await values(scan(pick, 4, tensor(0)))).toEqual([1248]);
    expect(await values(jit((c: Tensor) => scan(pick, 4, c))(tensor(0)))).toEqual([1248]);
  });

  it('of no steps returns the carry, as new tensors of the caller', async () => {
    const start = x();
    const same = scan((c: Tensor) => mul(c, 2), 0, start);
    expect(same).not.toBe(start);
    start.dispose();
    expect(await values(same)).toEqual(await values(x()));
    expect(await values(grad((c: Tensor) => sum(scan((y) => mul(y, 2), 0, c)))(tensor([1, 2])))).toEqual([
      1, 1,
    ]);
  });

  it('nests; the inner loop uses values of the outer one', async () => {
    const weight = w();
    const nested = (loop: typeof scan) => (c: Tensor) =>
      loop((a, k) => loop((b, j) => add(tanh(matmul(weight, b)), mul(a, add(j, k))), 3, a), 4, c);
    const expected = await values(nested(unrolled)(x()));
    expect(await values(nested(scan)(x()))).toEqual(expected);
    expect(await values(jit(nested(scan))(x()))).toEqual(expected);
  });

  it('runs on the reference device, which fuses nothing', async () => {
    const reference = await createDevice({ device: 'reference' });
    const body = (c: Tensor, k: Tensor): Tensor => add(sin(mul(c, 3)), mul(k, 0.1));
    const on = (run: (x: Tensor) => Tensor): Promise<number[]> =>
      values(withDevice(reference, () => run(tensor([0.1, 0.2], { dtype: 'f64' }))));
    const expected = await on((c) => unrolled(body, 5, c));
    expect(await on((c) => scan(body, 5, c))).toEqual(expected);
    expect(await on(jit((c: Tensor) => scan(body, 5, c)))).toEqual(expected);
    reference.dispose();
  });

  it('runs its body once per call, and once per trace when compiled', async () => {
    const body = vi.fn((c: Tensor) => mul(c, 2));
    scan(body, 50, x());
    expect(body).toHaveBeenCalledTimes(1);
    grad((c: Tensor) => sum(scan(body, 50, c)))(x());
    expect(body).toHaveBeenCalledTimes(2);
    const compiled = jit(grad((c: Tensor) => sum(scan(body, 50, c))));
    compiled(x());
    compiled(w());
    expect(body).toHaveBeenCalledTimes(3);
  });

  it('is one node of the graph, in which its launches are listed', () => {
    const step = jit((c: Tensor) => scan((y) => fft(fft(y)), 1000, fft(c)));
    const text = explain(step, fft(tensor([1, 2, 3])));
    expect(text.split('\n').map((line) => line.replace(/;? reads.*| ->.*/, ''))).toEqual([
      '  1  fft',
      '  2  scan x 1000: 2 a step',
      '       1  fft',
      '       2  fft',
      expect.stringMatching(/^2001 launches;/),
      expect.stringMatching(/^planned peak/),
    ]);
  });

  it('shares one loop between equal computations', () => {
    const loop = (c: Tensor): Tensor => scan((y) => sin(y), 9, c);
    const text = explain(
      jit((c: Tensor) => sub(loop(c), mul(loop(c), 2))),
      x(),
    );
    expect(text.match(/scan x 9/g)).toHaveLength(1);
  });
});

describe('nothing is stale', () => {
  it('captured tensors and numbers may change between eager calls', async () => {
    let [weight, factor] = [tensor([1, 2]), 3];
    const run = () => scan((c: Tensor) => mul(mul(c, weight), factor), 2, tensor([1, 1]));
    const derivative = () =>
      grad((c: Tensor) => sum(scan((y) => mul(mul(y, weight), factor), 2, c)))(tensor([1, 1]));
    expect([await values(run()), await values(derivative())]).toEqual([
      [9, 36],
      [9, 36],
    ]);
    [weight, factor] = [tensor([5, 7]), 1];
    expect([await values(run()), await values(derivative())]).toEqual([
      [25, 49],
      [25, 49],
    ]);
  });

  it('nor between a value and its gradient', async () => {
    let weight = tensor([2, 3]);
    let factor = 1;
    const gradient = grad((c: Tensor) => {
      const doubled = mul(c, 2); // ends with this function, before the backward sweep
      const y = scan((a) => mul(mul(mul(a, weight), factor), doubled), 2, c);
      weight.dispose();
      weight = tensor([100, 100]);
      factor = 100;
      return sum(y);
    });
    // y = c·(2wc)², so y' = 12 w² c²
    expect(await values(gradient(tensor([1, 2])))).toEqual([48, 432]);
  });

  it('inside jit the rules of jit hold', async () => {
    let weight = tensor([2, 3]);
    let factor = 1;
    const loop = (c: Tensor): Tensor => scan((y) => mul(mul(y, weight), factor), 2, c);
    const one = () => tensor([1, 1]);
    const step = jit(loop);
    const checked = jit(loop, { check: true });
    expect(await values(step(one()))).toEqual([4, 9]);
    checked(one());
    weight.dispose();
    weight = tensor([5, 7]);
    expect(await values(step(one()))).toEqual([25, 49]);
    checked(one());
    factor = 2;
    expect(() => checked(one())).toThrow(/the function must be one that computes the same/);
    const passed = jit((c: Tensor, a: Tensor, v: Tensor) => scan((y) => mul(mul(y, v), a), 2, c));
    expect(await values(passed(one(), 2, tensor([1, 2])))).toEqual([4, 16]);
    expect(await values(passed(one(), 3, tensor([2, 3])))).toEqual([36, 81]);
  });

  it('the device may change', async () => {
    const loop = jit((c: Tensor) => scan((y) => mul(y, 2), 3, c));
    expect(await values(loop(tensor([1])))).toEqual([8]);
    const reference = await createDevice({ device: 'reference' });
    expect(await values(withDevice(reference, () => loop(tensor([2]))))).toEqual([16]);
    reference.dispose();
  });
});

describe('the body may hold', () => {
  it('rules of its own, compiled functions, checkpoints and gradients', async () => {
    const straight = customOp({
      name: 'straightThrough',
      forward: (x: Tensor) => mul(x, 3),
      pullback: (y) => [mul(y, 5)],
      saves: {},
    });
    const start = tensor([0.3, -0.2]);
    const inner = jit((c: Tensor, a: Tensor) => mul(tanh(c), a));
    const bodies: ((c: Tensor) => Tensor)[] = [
      (c) => straight(c),
      (c) => inner(c, 2),
      checkpoint((c: Tensor) => sin(tanh(c))),
      (c) => sub(c, mul(grad((v: Tensor) => sum(mul(sin(v), v)))(c), 0.3)),
    ];
    for (const body of bodies) {
      const loss = (loop: typeof scan) => grad((c: Tensor) => sum(loop(body, 4, c)));
      const expected = await values(loss(unrolled)(start));
      expect(await values(loss(scan)(start))).toEqual(expected);
      expect(await values(jit(loss(scan))(start))).toEqual(expected);
    }
    expect(await values(grad((c: Tensor) => sum(scan((y) => straight(y), 3, c)))(start))).toEqual([125, 125]);
  });

  it('random keys', async () => {
    const noisy = (c: Tensor, k: Tensor): Tensor => add(c, mul(normal(key(7), [3]), k));
    const start = tensor([0, 0, 0]);
    expect(await values(scan(noisy, 4, start))).toEqual(await values(unrolled(noisy, 4, start)));
  });
});

describe('scan refuses', () => {
  const state = () => ({ image: tensor([1, 2]), parts: [tensor([1]), tensor([1, 2])] });
  type State = ReturnType<typeof state>;

  it('types that change, and names the part', () => {
    const grown = (s: State): State => ({ ...s, parts: [s.image, s.parts[1]!] });
    expect(() => scan(grown, 3, state())).toThrow(ShapeError);
    expect(() => scan(grown, 3, state())).toThrow(
      /the result of the body\.parts\[0\] must be f32 \[1\]; got f32 \[2\]/,
    );
    const turned = (s: State): State => ({ ...s, image: fft(s.image) });
    expect(() => scan(turned, 3, state())).toThrow(DTypeError);
    expect(() => scan(turned, 3, state())).toThrow(
      /the result of the body\.image must be f32 \[2\]; got c64/,
    );
    expect(() => scan((s: State) => ({ image: s.image }) as State, 3, state())).toThrow(/same structure/);
  });

  it('values read in the body, and tensors that leave it', async () => {
    let reading: Promise<unknown> | undefined;
    let leaked: Tensor | undefined;
    scan(
      (c: Tensor) => {
        reading = c.data();
        leaked = mul(c, 2);
        return c;
      },
      2,
      tensor([1]),
    );
    await expect(reading).rejects.toThrow(TraceError);
    expect(() => add(leaked!, 1)).toThrow(UseAfterDisposeError);
  });

  it('and leaves nothing behind', () => {
    const start = tensor([1, 2]);
    const before = memory().liveBytes;
    scope(() => {
      expect(() => scan((c: Tensor) => add(c, tensor([1, 2, 3])), 3, start)).toThrow(ShapeError);
    });
    disposeTree(scan((c: Tensor) => mul(c, tensor([1, 2])), 3, start));
    disposeTree(grad((c: Tensor) => sum(scan((y) => mul(y, tensor([1, 2])), 5, c)))(start));
    expect(memory().liveBytes).toBe(before);
  });
});
