import { disposeTree, grad, treeLeaves } from '@adjoint/autograd';
import {
  add,
  BudgetError,
  centredFft,
  complexNormal,
  concat,
  conv2d,
  createDevice,
  cumsum,
  type Device,
  dwt2,
  einsum,
  fft2,
  irfft,
  key,
  matmul,
  mul,
  normal,
  quantile,
  reshape,
  resize,
  rfft,
  scope,
  slice,
  softmax,
  sort,
  sum,
  type Tensor,
  topk,
  transpose,
  variance,
  wavedec2,
  withDevice,
  zeros,
} from '@adjoint/tensor';
import { describe, expect, test } from 'vitest';

/** Calls that take memory for results, temporaries, copies, or several steps. */
const calls: Readonly<Record<string, (x: Tensor, z: Tensor) => unknown>> = {
  'add of a scalar': (x) => add(x, 1),
  'reshape of a transposed tensor': (x) => reshape(transpose(x), [-1]),
  'sum over a middle axis of a view': (x) => sum(transpose(x, [0, 2, 1, 3]), { axes: 1 }),
  variance: (x) => variance(x, { axes: [0, 2] }),
  softmax: (x) => softmax(x),
  cumsum: (x) => cumsum(x, { axis: 2 }),
  sort: (x) => sort(x, { axis: 1 }),
  topk: (x) => topk(x, 2, { axis: 0 }),
  quantile: (x) => quantile(x, [0.25, 0.5]),
  'matmul of a view': (x) => matmul(x, transpose(x, [0, 1, 3, 2])),
  einsum: (x) => einsum('abij,cbij->ac', x, x),
  'fft of real numbers': (x) => fft2(x),
  'fft of a prime length': (_, z) => fft2(slice(z, [null, null, [0, 31], [0, 29]])),
  centredFft: (_, z) => centredFft(z),
  'rfft and back': (x) => scope(() => irfft(rfft(x))),
  'conv2d, direct': (x) => conv2d(x, slice(x, [[0, 3], null, [0, 5], [0, 5]]), { padding: 2 }),
  'conv2d of complex numbers': (_, z) => conv2d(z, slice(z, [null, null, [0, 3], [0, 3]])),
  'conv2d of many channels': (x) => {
    const channels = reshape(x, [1, 16, 32, 32]);
    return scope(() =>
      conv2d(channels, slice(concat(Array(16).fill(channels), 0), [null, null, [0, 3], [0, 3]])),
    );
  },
  resize: (x) => resize(x, [40, 40], { mode: 'bilinear' }),
  dwt2: (x) => dwt2(x, 'db2'),
  wavedec2: (_, z) => wavedec2(z, 'haar', { level: 2 }),
  'concat of a view': (x) => concat([transpose(x, [0, 1, 3, 2]), transpose(x, [0, 1, 3, 2])], 0),
  'random numbers': () => scope(() => complexNormal(key(1), [64, 64])),
  'a gradient': (_, z) => grad((v: Tensor) => sum(mul(real(fft2(v)), real(fft2(v)))))(z),
};

const real = (z: Tensor): Tensor => z.real();

const memoryBudget = 2 ** 22;

interface Bench {
  readonly device: Device;
  /** Runs the call; returns its values, and frees them. */
  run(): Promise<number[][]>;
  readonly live: () => number;
}

/** A device with two inputs, f32 and c64 [4, 4, 32, 32]. */
async function bench(call: (x: Tensor, z: Tensor) => unknown): Promise<Bench> {
  const device = await createDevice({ device: 'wasm', threads: 0, memoryBudget });
  const [x, z] = withDevice(device, () =>
    scope(() => [normal(key(1), [4, 4, 32, 32]), complexNormal(key(2), [4, 4, 32, 32])] as const),
  );
  const run = async () => {
    const results = withDevice(device, () => call(x, z));
    const leaves = treeLeaves(results);
    try {
      return await Promise.all(leaves.map(async (leaf) => Array.from(await leaf.data())));
    } finally {
      disposeTree(results);
    }
  };
  return { device, run, live: () => device.memory().liveBytes };
}

/** Runs the call with only `room` bytes free, and requires that a failure leaves no trace. */
async function runWithin({ device, run, live }: Bench, room: number): Promise<boolean> {
  const ballast = zeros([memoryBudget - live() - room], { dtype: 'u8', device });
  const error = await run().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  ballast.dispose();
  if (error === undefined) return true;
  expect(error).toBeInstanceOf(BudgetError);
  expect((error as BudgetError).message).toMatch(
    /^\w+: .* must be within the memory budget of \d+ bytes; got \d+/,
  );
  return false;
}

describe.each(Object.entries(calls))('%s, where memory ends on the way', (_, call) => {
  test('throws a BudgetError, frees what it took and goes on', async () => {
    const [ample, tight] = [await bench(call), await bench(call)];
    const start = ample.live();
    const expected = await ample.run();
    const needed = ample.device.memory().peakBytes - start;
    const rooms = Array.from({ length: 16 }, (_, k) => Math.floor((needed * k) / 16));
    // first with kernels yet to be prepared, then with all of them ready
    for (const room of rooms) await runWithin(tight, room);
    expect(await tight.run()).toEqual(expected);
    expect(tight.live()).toBe(ample.live());
    let failures = 0;
    for (const room of rooms) {
      if (!(await runWithin(tight, room))) failures++;
      expect(tight.live(), `with ${room} of ${needed} bytes`).toBe(ample.live());
    }
    expect(failures).toBeGreaterThan(0);
    expect(await tight.run()).toEqual(expected);
    for (const { device } of [ample, tight]) device.dispose();
  });
});
