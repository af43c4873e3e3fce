import { adam, disposeTree, flattenParameters, grad, scan, unflattenParameters } from '@adjoint/autograd';
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
  neg,
  normal,
  relu,
  scope,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
} from '@adjoint/tensor';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backends } from '../backend/devices.js';

let device: Device;
/** On a GPU that is software, a step takes milliseconds. */
const stepsOn: Record<string, number> = { wasm: 10_000, webgpu: 400 };
let mostSteps: number;

const random = (seed: number, size: number): Tensor => scope(() => normal(key(seed), [size]));

/**
 * Runs a step many times: after the second, memory does not move.
 * @param options.allocations buffers that a step takes from the pool of freed ones; more where kernels cannot write
 * over their operands.
 */
async function flat<S>(
  start: S,
  step: (state: S, k: number) => S,
  { steps = mostSteps, allocations = 0 } = {},
): Promise<void> {
  let state = start;
  const advance = (k: number): void => {
    const next = step(state, k);
    disposeTree(state);
    state = next;
  };
  for (let k = 0; k < 2; k++) advance(k);
  await device.finish();
  const before = memory();
  const allocate = vi.spyOn(device.backend, 'allocate');
  const upload = vi.spyOn(device.backend, 'upload');
  for (let k = 2; k < steps; k++) {
    advance(k);
    if (k % 500 === 0) await device.finish();
  }
  await device.finish();
  if (device.backend.writesInPlace) expect(allocate).toHaveBeenCalledTimes(allocations * (steps - 2));
  expect(upload).not.toHaveBeenCalled();
  expect(memory()).toEqual(before);
  disposeTree(state);
}

const tested = backends.filter(({ name }) => name in stepsOn);
describe.each(tested)('memory of compiled loops is flat on $name', ({ name, options }) => {
  beforeEach(async () => {
    device = await init(options);
    mostSteps = stepsOn[name]!;
  });
  afterEach(() => device.dispose());

  it('over FISTA steps', async () => {
    const start = memory().liveBytes;
    const b = random(3, 64);
    const step = jit(
      (x: Tensor, y: Tensor, rate: Tensor, momentum: Tensor) => {
        const gradient = grad((v: Tensor) => sum(square(sub(abs(fft(v)), b))))(y);
        const descended = sub(y, mul(gradient, rate));
        const next = sub(relu(sub(descended, 1e-4)), relu(sub(neg(descended), 1e-4)));
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

  type Params = { w: Tensor; z: Tensor };
  const loss = (p: Params): Tensor => add(sum(square(p.w)), sum(abs2(sub(p.z, 1))));
  const someParams = (): Params => ({ w: random(1, 32), z: tensor(new Float32Array(16), { dtype: 'c64' }) });

  it('over Adam steps on a vector of parameters', async () => {
    const optimiser = adam({ lr: 0.01 });
    const { flat: start, layout } = flattenParameters(someParams());
    const step = jit(
      (params: Tensor, state: Record<string, Tensor>) =>
        optimiser.update(params, grad((p: Tensor) => loss(unflattenParameters(p, layout)))(params), state),
      { donate: [0, 1] },
    );
    await flat({ params: start, state: optimiser.init(start) }, (at) => step(at.params, { ...at.state }));
    step.dispose();
  });

  it('over Adam steps on a tree, whose parts are views of one new vector', async () => {
    const optimiser = adam({ lr: 0.01 });
    const step = jit(
      (params: Params, state: Record<string, Tensor>) => optimiser.update(params, grad(loss)(params), state),
      { donate: [0, 1] },
    );
    const params = someParams();
    const advance = (at: { params: Params; state: Record<string, Tensor> }) =>
      step(at.params, { ...at.state });
    await flat({ params, state: optimiser.init(params) }, advance, { allocations: 1 });
    step.dispose();
  });

  it('over steps that hold a loop and its gradient', async () => {
    const b = random(3, 64);
    const descended = (v: Tensor): Tensor =>
      scan((c: Tensor) => sub(c, mul(grad((u: Tensor) => sum(square(sub(square(u), b))))(c), 1e-3)), 4, v);
    const step = jit((x: Tensor) => sub(x, mul(grad((v: Tensor) => sum(square(descended(v))))(x), 1e-3)), {
      donate: [0],
    });
    await flat(random(1, 64), (x) => step(x), { steps: mostSteps / 10 });
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
});
