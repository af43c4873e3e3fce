import { customOp, disposeTree, grad, gradcheck, stopGradient, vjp } from '@adjoint/autograd';
import {
  abs2,
  add,
  conj,
  div,
  exp,
  init,
  jit,
  mul,
  scope,
  sin,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
} from '@adjoint/tensor';
import { beforeAll, describe, expect, it } from 'vitest';
import { c128, f64, values } from './doubles.js';

beforeAll(async () => {
  await init({ device: 'reference' });
});

describe('customOp', () => {
  it('uses its own rule instead of the derivative of what it runs', async () => {
    const clipped = customOp({
      name: 'straightThrough',
      forward: (x: Tensor) => mul(x, 0),
      pullback: (y) => [mul(y, 7)],
      saves: {},
    });
    expect(await values(grad((x: Tensor) => sum(clipped(x)))(f64([1, 2])))).toEqual([7, 7]);
  });

  it('has higher derivatives when its pullback is differentiable', async () => {
    const mySin = customOp({
      name: 'mySin',
      forward: (x: Tensor) => stopGradient(sin(x)),
      pullback: (y, { args: [x] }) => [mul(y, sin(add(x, Math.PI / 2)))],
      saves: { args: true },
    });
    let derivative: (x: Tensor) => Tensor = mySin;
    for (const expected of [Math.sin(0.7), Math.cos(0.7), -Math.sin(0.7), -Math.cos(0.7), Math.sin(0.7)]) {
      expect(await derivative(f64(0.7)).item()).toBeCloseTo(expected, 12);
      derivative = grad(derivative);
    }
  });

  it('takes and returns trees, and fills in missing cotangents', async () => {
    const op = customOp({
      name: 'polynomials',
      forward: (p: { a: Tensor; b: Tensor[] }, n: number) => ({
        first: mul(p.a, n),
        second: mul(p.a, p.b[0]!),
      }),
      pullback: ({ first, second }, { args: [p, n], needs }) => {
        expect(needs).toEqual([true, false]);
        return [{ a: add(mul(first, n), mul(second, p.b[0]!)), b: [mul(second, p.a)] }, undefined];
      },
    });
    const [a, b] = [f64(3), f64(5)];
    const only = grad((x: Tensor, y: Tensor) => op({ a: x, b: [y] }, 10).first, { argnums: [0, 1] })(a, b);
    expect(await Promise.all(only.map((g) => g.item()))).toEqual([10, 0]);
    const both = grad(
      (x: Tensor, y: Tensor) => {
        const { first, second } = op({ a: x, b: [y] }, 10);
        return add(first, second);
      },
      { argnums: [0, 1] },
    )(a, b);
    expect(await Promise.all(both.map((g) => g.item()))).toEqual([15, 3]);
    await gradcheck((x: Tensor, y: Tensor) => op({ a: x, b: [y] }, 10), [a, b]);
    await gradcheck((x: Tensor, y: Tensor) => op({ a: x, b: [y] }, 10), [a, b], { order: 2 });
  });

  it('keeps apart a tensor passed twice', async () => {
    const op = customOp({
      name: 'weighted',
      forward: (a: Tensor, b: Tensor) => add(a, mul(b, 10)),
      pullback: (y) => [y, mul(y, 10)],
      saves: {},
    });
    expect(await grad((x: Tensor) => op(x, x))(f64(1)).item()).toBe(11);
    expect(await values(grad((x: Tensor) => op(x, x))(f64(1)))).toEqual([11]);
  });

  it('is seen as one step by all tapes, also when it returns its argument', async () => {
    const same = customOp({
      name: 'same',
      forward: (x: Tensor) => x,
      pullback: (y) => [mul(y, 3)],
      saves: {},
    });
    const f = (x: Tensor): Tensor => grad((y: Tensor) => square(same(y)))(x);
    // the pullback of `same` scales by 3 once per derivative: d/dx(3·2·x) with the rule again: 3·2·3
    expect(await f(f64(2)).item()).toBe(12);
    expect(await grad(f)(f64(2)).item()).toBe(18);
  });

  it('may differentiate inside: Newton iteration with an implicit derivative', async () => {
    // x(a) solves x³ + x = a; x' = 1 / (3 x² + 1), whatever the iteration did
    const residual = (x: Tensor, a: Tensor): Tensor => sub(add(mul(square(x), x), x), a);
    const solve = customOp({
      name: 'cubicRoot',
      forward: (a: Tensor) => {
        let x = a;
        for (let i = 0; i < 12; i++) x = sub(x, div(residual(x, a), grad((y: Tensor) => residual(y, a))(x)));
        return x;
      },
      pullback: (xBar, { args: [a], output: x }) => {
        const slope = grad((y: Tensor) => residual(y, a))(x);
        using at = vjp((b: Tensor) => residual(x, b), a);
        return at.pullback(div(mul(xBar, -1), slope));
      },
    });
    const x = (await solve(f64(2)).item()) as number;
    expect(x).toBeCloseTo(1, 12);
    expect(await grad(solve)(f64(2)).item()).toBeCloseTo(1 / 4, 12);
    // x'' = −6 x x' / (3 x² + 1)²
    expect(await grad(grad(solve))(f64(2)).item()).toBeCloseTo(-6 / 4 / 16, 12);
    await gradcheck(solve, [f64(1.3)], { order: 2 });
  });

  it('replays compiled functions inside its forward, which no tape sees', async () => {
    let runs = 0;
    const solve = jit((x: Tensor) => {
      runs++;
      return mul(sin(x), 2);
    });
    const op = customOp({
      name: 'solve',
      forward: (x: Tensor) => solve(solve(x)),
      pullback: (y) => [mul(y, 3)],
      saves: {},
    });
    for (const value of [0.5, 0.7])
      expect(await values(grad((x: Tensor) => sum(op(x)))(f64([value, 1])))).toEqual([3, 3]);
    expect(runs).toBe(1);
    expect(await values(grad((x: Tensor) => sum(solve(x)))(f64([0])))).toEqual([2]);
    expect(runs).toBe(2); // a tape that looks sees the operations
    solve.dispose();
  });

  it('makes matrix-free operators that are each other’s pullbacks', async () => {
    const w = c128([1, 2, 0.5, -1]);
    const forward: (x: Tensor) => Tensor = customOp({
      name: 'A',
      forward: (x: Tensor) => mul(x, w),
      pullback: (y) => [backward(y)],
      saves: {},
    });
    const backward: (x: Tensor) => Tensor = customOp({
      name: 'A^H',
      forward: (y: Tensor) => mul(y, conj(w)),
      pullback: (x) => [forward(x)],
      saves: {},
    });
    const loss = (x: Tensor): Tensor => sum(square(abs2(forward(x))));
    await gradcheck(loss, [c128([1, 0.2, -0.3, 0.8])]);
    await gradcheck(loss, [c128([1, 0.2, -0.3, 0.8])], { order: 2 });
  });
});

describe('errors of customOp', () => {
  const x = (): Tensor => f64([1, 2]);

  it('refuses a captured tensor whose gradient would be lost', async () => {
    const f = (scale: Tensor): Tensor =>
      sum(customOp({ name: 'captures', forward: (y: Tensor) => mul(y, scale), pullback: (y) => [y] })(scale));
    expect(() => grad(f)(x())).toThrow(
      /captures: the f64 \[2\] tensor that forward uses .* must be passed to the op/,
    );
    const g = (scale: Tensor): Tensor => {
      const frozen = stopGradient(scale);
      return sum(
        customOp({ name: 'stopped', forward: (y: Tensor) => mul(y, frozen), pullback: (y) => [y] })(scale),
      );
    };
    expect(await values(grad(g)(x()))).toEqual([1, 1]);
  });

  const op = (result: unknown, saves?: object) =>
    grad((y: Tensor) =>
      sum(customOp({ name: 'odd', forward: (z: Tensor) => exp(z), pullback: () => result as [], saves })(y)),
    );
  it('refuses it also where a compiled function uses it', () => {
    const lost = (use: (x: Tensor, w: Tensor) => Tensor) => (w: Tensor) =>
      sum(
        customOp({ name: 'lossy', forward: (x: Tensor) => use(x, w), pullback: () => [undefined] })(f64([1])),
      );
    const passed = jit((x: Tensor, w: Tensor) => mul(x, w));
    disposeTree(passed(f64([1]), f64([2]))); // compiled before
    expect(() => grad(lost((x, w) => passed(x, w)))(f64([2]))).toThrow(/passed to the op as an argument/);
    expect(() => grad(lost((x, w) => jit((y: Tensor) => mul(y, w))(x)))(f64([2]))).toThrow(
      /passed to the op as an argument/,
    );
  });

  it.each([
    ['no list', undefined, /pullback of odd: the result must be an array with 1 entries/],
    ['too few', [], /array with 1 entries/],
    ['wrong shape', () => [f64([1])], /pullback of odd: entry 0 must be f64 \[2\]; got f64 \[1\]/],
    ['wrong dtype', () => [tensor([1, 2])], /entry 0 must be f64 \[2\]; got f32 \[2\]/],
    ['not a tensor', [3], /entry 0 must be a f64 \[2\] tensor; got 3/],
  ])('reports a pullback with %s', (_, result, message) => {
    expect(() => scope(() => op(typeof result === 'function' ? result() : result)(x()))).toThrow(message);
  });

  it('reports what was not saved', () => {
    const f = customOp({
      name: 'lean',
      forward: (y: Tensor) => exp(y),
      pullback: (y, { output }) => [mul(y, output)],
      saves: {},
    });
    expect(() => grad((y: Tensor) => sum(f(y)))(x())).toThrow(
      /pullback of lean: context.output was not kept/,
    );
  });

  it('reports a rule that is none', () => {
    expect(() => customOp(null as never)).toThrow(/customOp: the rule must be/);
    expect(() => customOp({ name: '', forward: exp, pullback: () => [] })).toThrow(
      /name must be a non-empty string/,
    );
    expect(() => customOp({ name: 'a', forward: exp } as never)).toThrow(
      /customOp: pullback must be a function/,
    );
    const later = customOp({ name: 'later', forward: (async (y: Tensor) => y) as never, pullback: () => [] });
    expect(() => (later as (y: Tensor) => unknown)(x())).toThrow(/later: forward must be synchronous/);
  });
});
