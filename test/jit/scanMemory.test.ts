import { checkpoint, disposeTree, grad, hvp, scan } from '@adjoint/autograd';
import {
  add,
  createDevice,
  type Device,
  div,
  explain,
  init,
  jit,
  key,
  memory,
  mul,
  normal,
  scope,
  sigmoid,
  sin,
  sum,
  type Tensor,
  tanh,
  withDevice,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let device: Device;
beforeAll(async () => {
  device = await init({ device: 'wasm', threads: 2 });
});
afterAll(() => device.dispose());

type Loop = (body: (carry: Tensor) => Tensor, carry: Tensor) => Tensor;

const unrolled =
  (n: number): Loop =>
  (body, carry) => {
    for (let k = 0; k < n; k++) carry = body(carry);
    return carry;
  };
const scanned =
  (n: number, checkpointEvery?: number): Loop =>
  (body, carry) =>
    scan(body, n, carry, checkpointEvery === undefined ? {} : { checkpointEvery });

const mebi = 2 ** 20;
const layer = (c: Tensor, w: Tensor): Tensor => mul(sigmoid(add(sin(mul(c, w)), c)), tanh(c));

describe('the memory of scan', () => {
  const x = () => normal(key(2), [1 << 16]);
  const n = 64;
  const losses = {
    unrolled: (a: Tensor) => sum(unrolled(n)((c: Tensor) => layer(c, a), a)),
    checkpointed: (a: Tensor) => sum(unrolled(n)((c: Tensor) => checkpoint(layer)(c, a), a)),
    scan: (a: Tensor) => sum(scanned(n)((c: Tensor) => layer(c, a), a)),
    'scan, all carries kept': (a: Tensor) => sum(scanned(n, 1)((c: Tensor) => layer(c, a), a)),
  };

  it('of its gradient is that of about two square roots of n carries', async () => {
    const planned: Record<string, number> = {};
    const peak: Record<string, number> = {};
    for (const [name, loss] of Object.entries(losses)) {
      const compiled = jit(grad(loss));
      const [, size, unit] = explain(compiled, x()).match(/planned peak ([\d.]+) (\w+)/)!;
      expect(unit).toBe('MiB');
      planned[name] = Number(size);
      compiled.dispose();
      const own = await createDevice({ device: 'wasm', threads: 1 });
      disposeTree(withDevice(own, () => scope(() => grad(loss)(x()))));
      peak[name] = memory(own).peakBytes / mebi;
      own.dispose();
    }
    const figures = Object.keys(losses).map(
      (name) => `${name} ${planned[name]} MiB planned, ${peak[name]!.toFixed(1)} MiB eager`,
    );
    process.stdout.write(`gradient of ${n} steps on 0.25 MiB: ${figures.join('; ')}\n`);
    // 8 + 8 carries, and what one step and its pullback need
    expect(planned.scan).toBeLessThan(0.25 * (2 * Math.sqrt(n) + 11));
    for (const use of [planned, peak]) {
      expect(use.scan).toBeLessThan(0.5 * use['scan, all carries kept']!);
      expect(use['scan, all carries kept']).toBeLessThan(0.6 * use.unrolled!);
      expect(use.scan).toBeLessThan(0.5 * use.checkpointed!);
    }
  });

  it('does not depend on the number of steps without a gradient', () => {
    const plannedFor = (steps: number): string =>
      explain(
        jit((a: Tensor) => scanned(steps)((c: Tensor) => layer(c, a), a)),
        x(),
      ).match(/planned peak.*/)![0];
    expect(plannedFor(1000)).toBe(plannedFor(3));
  });

  it('stays flat over many calls, eager and compiled', async () => {
    const own = await createDevice({ device: 'wasm', threads: 1 });
    const small = withDevice(own, () => scope(() => normal(key(5), [32])));
    const loss = (a: Tensor): Tensor => sum(scanned(5)((c: Tensor) => layer(c, a), a));
    const compiled = jit(grad(loss));
    const once = (): void => {
      disposeTree([compiled(small), grad(loss)(small), hvp(loss, small, small)]);
    };
    for (let i = 0; i < 2; i++) once();
    await own.finish();
    const before = memory(own);
    for (let i = 0; i < 50; i++) once();
    await own.finish();
    expect(memory(own)).toEqual(before);
    own.dispose();
  });

  it('is given back when a call does not fit', async () => {
    const tight = await createDevice({ device: 'wasm', threads: 1, memoryBudget: 400_000 });
    withDevice(tight, () => {
      const a = scope(() => normal(key(1), [4096]));
      const loss = (y: Tensor): Tensor => sum(scanned(400, 1)((c: Tensor) => div(layer(c, y), 2), y));
      const before = tight.memory().liveBytes;
      expect(() => scope(() => grad(loss)(a))).toThrow(/memory budget/);
      expect(() => jit(grad(loss))(a)).toThrow(/memory budget/);
      expect(tight.memory().liveBytes).toBe(before);
    });
    tight.dispose();
  });
});
