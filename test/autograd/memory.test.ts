import {
  adam,
  customOp,
  disposeTree,
  dotTest,
  grad,
  gradcheck,
  hvp,
  jvp,
  multiplyOperator,
  valueAndGrad,
  vjp,
} from '@adjoint/autograd';
import {
  abs2,
  add,
  exp,
  init,
  memory,
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
import { f64 } from './doubles.js';

const live = (): number => memory().liveBytes;

beforeAll(async () => {
  await init({ device: 'reference' });
});

/** Bytes that a call leaves behind once its result is disposed. */
async function left(run: () => unknown): Promise<number> {
  const before = live();
  disposeTree(await run());
  return live() - before;
}

const loss = (x: Tensor): Tensor => sum(square(mul(sin(x), exp(x))));

describe('memory', () => {
  const x = () => f64([0.1, 0.2, 0.3]);

  it('of derivatives is their result', async () => {
    const at = x();
    expect(await left(() => grad(loss)(at))).toBe(0);
    expect(
      await left(() =>
        valueAndGrad((p: { a: Tensor; b: Tensor[] }) => add(loss(p.a), loss(p.b[0]!)))({ a: at, b: [at] }),
      ),
    ).toBe(0);
    expect(await left(() => grad((y: Tensor) => sum(grad(loss)(y)))(at))).toBe(0);
    expect(await left(() => grad((y: Tensor) => sum(grad((z: Tensor) => sum(grad(loss)(z)))(y)))(at))).toBe(
      0,
    );
    expect(await left(() => hvp(loss, at, at))).toBe(0);
    expect(await left(() => jvp((y: Tensor) => [sin(y), y], [at], [at]))).toBe(0);
    expect(
      await left(() => grad((y: Tensor) => [sum(y), { aux: exp(y) }] as const, { hasAux: true })(at)),
    ).toBe(0);
    expect(await left(() => grad((_: Tensor) => sum(at))(at))).toBe(0);
    at.dispose();
  });

  it('of a vjp is freed by dispose', async () => {
    const at = x();
    const before = live();
    const linear = vjp((y: Tensor) => exp(sin(y)), at);
    const held = live();
    for (let i = 0; i < 3; i++) disposeTree(linear.pullback(linear.value));
    expect(live()).toBe(held);
    linear.dispose();
    linear.value.dispose();
    expect(live()).toBe(before);
    at.dispose();
  });

  it('of temporaries that the sweep does not need is freed early', async () => {
    const at = x();
    const before = live();
    // sums save nothing: only the leaf and the last value are alive when f has returned
    const linear = vjp((y: Tensor) => {
      for (let i = 0; i < 50; i++) y = add(y, 1);
      return y;
    }, at);
    expect(live() - before).toBe(24);
    linear.dispose();
    linear.value.dispose();
    at.dispose();
  });

  it('of custom ops, failed calls, checks and optimiser steps stays flat', async () => {
    const at = x();
    const op = customOp({
      name: 'op',
      forward: (y: Tensor) => exp(mul(y, 2)),
      pullback: (y, { output }) => [mul(mul(y, output), 2)],
    });
    expect(await left(() => op(at))).toBe(0);
    expect(await left(() => grad((y: Tensor) => sum(grad((z: Tensor) => sum(op(z)))(y)))(at))).toBe(0);
    expect(await left(() => void expect(() => grad((y: Tensor) => exp(y))(at)).toThrow())).toBe(0);
    expect(
      await left(() => void expect(() => grad((y: Tensor) => grad((z: Tensor) => z)(exp(y)))(at)).toThrow()),
    ).toBe(0);
    expect(await left(async () => void (await gradcheck(loss, [at])))).toBe(0);
    expect(await left(async () => void (await gradcheck(loss, [at], { order: 2 })))).toBe(0);
    expect(await left(async () => void (await dotTest((y) => mul(y, 3), { domain: at })))).toBe(0);
    const operator = multiplyOperator(at);
    expect(await left(async () => void (await dotTest(operator)))).toBe(0);
    at.dispose();
  });

  it('of a training loop stays flat', async () => {
    const optimiser = adam({ lr: 0.1 });
    const target = tensor(new Float32Array([1, 2, 3, 4]), { dtype: 'c64' });
    let params = { w: tensor([1, 2, 3]), z: tensor(new Float32Array(4), { dtype: 'c64' }) };
    let state = optimiser.init(params);
    const sizes: number[] = [];
    for (let step = 0; step < 6; step++) {
      const next = scope(() => {
        const gradients = grad((p: typeof params) => add(sum(square(p.w)), sum(abs2(sub(p.z, target)))))(
          params,
        );
        return optimiser.update(params, gradients, state);
      });
      disposeTree([params, state]);
      ({ params, state } = next);
      sizes.push(live());
    }
    expect(new Set(sizes.slice(1)).size).toBe(1);
    disposeTree([params, state, target]);
  });
});
