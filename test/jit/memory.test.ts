import { adam, disposeTree, grad } from '@adjoint/autograd';
import {
  abs,
  abs2,
  add,
  type Device,
  fft,
  init,
  jit,
  key,
  memory,
  mul,
  normal,
  scope,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
} from '@adjoint/tensor';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backends } from '../backend/devices.js';

let device: Device;
/** On a GPU that is software, a step takes milliseconds. */
const stepsOn: Record<string, number> = { wasm: 10_000, webgpu: 400 };
let steps: number;

const random = (seed: number, size: number): Tensor => scope(() => normal(key(seed), [size]));

/** Runs a step many times: live, peak and reserved bytes must not move after the first few. */
async function flat<S>(start: S, step: (state: S, k: number) => S): Promise<void> {
  let state = start;
  const advance = (k: number): void => {
    const next = step(state, k);
    disposeTree(state);
    state = next;
  };
  for (let k = 0; k < 3; k++) advance(k);
  await device.finish();
  const before = memory();
  for (let k = 3; k < steps; k++) {
    advance(k);
    if (k % 100 === 0) await device.finish();
  }
  await device.finish();
  expect(memory()).toEqual(before);
  disposeTree(state);
}

describe.each(backends.filter(({ name }) => name in stepsOn))(
  'memory of compiled loops is flat on $name',
  ({ name, options }) => {
    beforeEach(async () => {
      device = await init(options);
      steps = stepsOn[name]!;
    });
    afterEach(() => device.dispose());

    it('over proximal gradient steps with momentum', async () => {
      const start = memory().liveBytes;
      const b = random(3, 64);
      const step = jit(
        (x: Tensor, y: Tensor, rate: Tensor, momentum: Tensor) => {
          const gradient = grad((v: Tensor) => sum(square(sub(abs(fft(v)), b))))(y);
          const next = sub(y, mul(gradient, rate));
          return { x: next, y: add(next, mul(sub(next, x), momentum)) };
        },
        { donate: [0, 1] },
      );
      await flat({ x: random(1, 64), y: random(2, 64) }, ({ x, y }, k) => step(x, y, 1e-3, k / (k + 3)));
      step.dispose();
      b.dispose();
      await device.finish();
      expect(memory().liveBytes - start).toBeLessThan(20_000); // tables of kernels that ran eagerly
    });

    it('over Adam steps', async () => {
      const optimiser = adam({ lr: 0.01 });
      type Params = { w: Tensor; z: Tensor };
      const loss = (p: Params): Tensor => add(sum(square(p.w)), sum(abs2(sub(p.z, 1))));
      const step = jit(
        (params: Params, state: Record<string, Tensor>) =>
          optimiser.update(params, grad(loss)(params), state),
        { donate: [0, 1] },
      );
      const params = { w: random(1, 32), z: tensor(new Float32Array(16), { dtype: 'c64' }) };
      await flat({ params, state: optimiser.init(params) }, (at) => step(at.params, { ...at.state }));
      step.dispose();
    });

    it('and dispose gives everything back', async () => {
      const x = random(1, 1000);
      const before = memory().liveBytes;
      const first = jit((y: Tensor) => sum(square(add(y, 1))));
      const second = jit((y: Tensor, a: Tensor) => sub(abs(y), a));
      disposeTree([first(x), second(x, 2), first(x)]);
      expect(memory().liveBytes).toBeGreaterThan(before);
      first.dispose();
      second.dispose();
      expect(memory().liveBytes).toBe(before);
      disposeTree(first(x));
      first.dispose();
      expect(memory().liveBytes).toBe(before);
    });
  },
);
