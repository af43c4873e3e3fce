import { adam, grad, jvp, valueAndGrad, vjp } from '@adjoint/autograd';
import {
  abs2,
  centredFft,
  complexNormal,
  conv2d,
  type Device,
  init,
  key,
  memory,
  mul,
  normal,
  relu,
  scope,
  sub,
  sum,
  type Tensor,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backends } from '../backend/devices.js';

const both = backends.filter(({ name }) => name === 'wasm' || name === 'webgpu');
let device: Device;

/** Runs a loop body some rounds and requires that live and reserved bytes do not grow after the first rounds. */
async function expectFlat(rounds: number, body: (round: number) => void | Promise<void>): Promise<void> {
  for (let i = 0; i < 3; i++) await body(i);
  await device.finish();
  const before = memory();
  for (let i = 3; i < rounds; i++) await body(i);
  await device.finish();
  // less is possible: dropped tensors of other tests may be collected meanwhile
  expect(memory().liveBytes).toBeLessThanOrEqual(before.liveBytes);
  expect(memory().reservedBytes).toBeLessThanOrEqual(before.reservedBytes + 2 ** 20);
}

/** Tensors in nested plain objects. */
function leaves(tree: unknown): Tensor[] {
  if (tree === null || typeof tree !== 'object') return [];
  if ('dtype' in tree) return [tree as Tensor];
  return Object.values(tree).flatMap(leaves);
}

describe.each(both)('memory is flat on $name', ({ options }) => {
  beforeAll(async () => {
    device = await init(options);
  });
  afterAll(() => device.dispose());

  test('in a gradient descent loop with an FFT', async () => {
    const y = complexNormal(key(1), [32, 40]);
    let x = complexNormal(key(2), [32, 40]);
    const loss = (z: Tensor) => sum(abs2(sub(centredFft(z), y)));
    await expectFlat(200, async (round) => {
      const next = scope(() => sub(x, mul(grad(loss)(x), 0.1)));
      x.dispose();
      x = next;
      if (round % 50 === 0) expect((await x.data()).every(Number.isFinite)).toBe(true);
    });
    x.dispose();
    y.dispose();
  });

  test('in a training loop with an optimiser and the loss read every step', async () => {
    let parameters = { first: normal(key(1), [4, 1, 3, 3]), second: normal(key(2), [1, 4, 3, 3]) };
    const optimizer = adam({ lr: 1e-2 });
    let state = optimizer.init(parameters);
    const x = normal(key(3), [2, 1, 16, 16]);
    const loss = (p: typeof parameters) =>
      sum(abs2(sub(conv2d(relu(conv2d(x, p.first, { padding: 1 })), p.second, { padding: 1 }), x)));
    const losses: number[] = [];
    await expectFlat(60, async () => {
      const { value, next } = scope(() => {
        const { value, gradient } = valueAndGrad(loss)(parameters);
        return { value, next: optimizer.update(parameters, gradient, state) };
      });
      for (const old of [...Object.values(parameters), ...leaves(state)]) old.dispose();
      ({ params: parameters, state } = next);
      losses.push((await value.item()) as number);
      value.dispose();
    });
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 2);
    for (const old of [...Object.values(parameters), ...leaves(state), x]) old.dispose();
  });

  test('in second derivatives, vjp and jvp', async () => {
    const x = normal(key(4), [50]);
    const cube = (z: Tensor) => sum(mul(mul(z, z), z));
    await expectFlat(40, () => {
      grad((z: Tensor) => sum(abs2(grad(cube)(z))))(x).dispose();
      const { value, pullback, ...rest } = vjp((z: Tensor) => mul(z, z), x);
      for (const t of pullback(x)) t.dispose();
      value.dispose();
      (rest as { dispose?: () => void }).dispose?.();
      const { value: v, tangent } = jvp((z: Tensor) => mul(z, z), [x], [x]);
      v.dispose();
      tangent.dispose();
    });
    x.dispose();
  });

  test('when the loss throws', async () => {
    const x = normal(key(5), [100]);
    await expectFlat(30, () => {
      expect(() =>
        grad((z: Tensor) => {
          mul(z, z);
          throw new Error('stop');
        })(x),
      ).toThrow('stop');
    });
    x.dispose();
  });
});
