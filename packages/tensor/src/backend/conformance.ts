import { tensor, zeros } from '../creation.js';
import type { Device } from '../device.js';
import { type DType, dtypeInfo } from '../dtype.js';
import { BudgetError, UseAfterDisposeError } from '../errors.js';
import { add, full, mul } from '../ops/elementwise/index.js';
import { centredFft } from '../ops/fft/index.js';
import { sum } from '../ops/reduce/index.js';
import { flip, slice, transpose } from '../ops/view/index.js';
import { read } from '../read.js';
import { withDevice } from '../runtime.js';
import { scope } from '../scope.js';
import type { Tensor } from '../tensor.js';

/** One thing every backend must do. `run` throws when it does not. */
export interface BackendCheck {
  readonly name: string;
  run(device: Device): Promise<void>;
}

function expectValues(got: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  for (let i = 0; i < expected.length; i++)
    if (!Object.is(got[i], expected[i]) && got[i] !== expected[i])
      throw new Error(`${what}: entry ${i} is ${got[i]}, expected ${expected[i]}`);
  if (got.length !== expected.length)
    throw new Error(`${what}: ${got.length} entries, expected ${expected.length}`);
}

function expectThrow(type: new (...args: never[]) => Error, what: string, run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (error instanceof type) return;
    throw new Error(`${what}: threw ${String(error)}, expected ${type.name}`);
  }
  throw new Error(`${what}: threw nothing, expected ${type.name}`);
}

const ramp = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => i);

/** x + 1, `times` times, each intermediate disposed as soon as the next exists. */
function increment(x: Tensor, times: number): Tensor {
  let current = x;
  for (let i = 0; i < times; i++) {
    const next = add(current, 1);
    if (current !== x) current.dispose();
    current = next;
  }
  return current;
}

/** The contract of `Backend`, checked through the public ops. */
export const backendChecks: readonly BackendCheck[] = [
  {
    name: 'values of every dtype come back as they went in',
    async run(device) {
      for (const dtype of device.backend.dtypes as Set<DType>) {
        const { array, parts, kind } = dtypeInfo[dtype];
        const data = new array(new ArrayBuffer(7 * dtypeInfo[dtype].bytes));
        for (let i = 0; i < 7 * parts; i++) data[i] = kind === 'bool' ? i % 2 : i;
        expectValues(await read(tensor(data, { dtype, shape: [7], device })), data, dtype);
      }
    },
  },
  {
    name: 'special values survive: NaN, infinities, negative zero, subnormals',
    async run(device) {
      const data = Float32Array.of(Number.NaN, Infinity, -Infinity, -0, 1e-40, 3.4e38);
      expectValues(await read(tensor(data, { device })), data, 'special values');
    },
  },
  {
    name: 'empty tensors need no launch',
    async run(device) {
      const x = zeros([0, 3], { device });
      expectValues(await read(add(x, x)), [], 'empty sum');
      expectValues(await read(sum(x, { axes: 0 })), [0, 0, 0], 'sum over an empty axis');
    },
  },
  {
    name: 'launches take effect in order, and freed memory is reused in that order',
    async run(device) {
      const x = tensor(ramp(1000), { device });
      const y = increment(x, 3000);
      expectValues(
        await read(y),
        ramp(1000).map((v) => v + 3000),
        'a chain of 3000 launches',
      );
      expectValues(await read(x), ramp(1000), 'its input');
    },
  },
  {
    name: 'an upload does not disturb pending launches that use freed memory',
    async run(device) {
      const n = 100_000;
      const x = tensor(ramp(n), { device });
      const results: Tensor[] = [];
      for (let round = 0; round < 5; round++) {
        const one = full([n], 1, { device });
        results.push(add(x, one));
        one.dispose();
        tensor(new Float32Array(n).fill(-1e9), { device }).dispose();
      }
      for (const result of results)
        expectValues(
          await read(result),
          ramp(n).map((v) => v + 1),
          'x + 1',
        );
    },
  },
  {
    name: 'a read started before dispose gives the values',
    async run(device) {
      const x = tensor(ramp(5000), { device });
      const y = add(x, 1);
      const pending = read(y);
      y.dispose();
      const overwritten = full([5000], 7, { device });
      expectValues(
        await pending,
        ramp(5000).map((v) => v + 1),
        'the read',
      );
      overwritten.dispose();
      x.dispose();
    },
  },
  {
    name: 'views share memory: it lives as long as the last of them',
    async run(device) {
      const x = tensor(ramp(12), { shape: [3, 4], device });
      const before = device.memory().liveBytes;
      const view = scope(() => flip(transpose(slice(x, [[1], [null, null, 2]]))));
      x.dispose();
      if (device.memory().liveBytes !== before) throw new Error('memory was freed under a view');
      expectValues(await read(view), [10, 6, 8, 4], 'the view');
      view.dispose();
      if (device.memory().liveBytes >= before) throw new Error('memory was not freed with the last view');
    },
  },
  {
    name: 'strided operands and broadcasting',
    async run(device) {
      const x = tensor(ramp(6), { shape: [2, 3], device });
      const y = mul(transpose(x), tensor([10, 100], { device }));
      expectValues(await read(y), [0, 300, 10, 400, 20, 500], 'transpose times row');
    },
  },
  {
    name: 'the FFT of odd and prime lengths agrees with the defining sum',
    async run(device) {
      for (const n of [1, 3, 8, 15, 37]) {
        const data = Float32Array.from({ length: 2 * n }, (_, i) => Math.fround(Math.sin(3 * i + 1)));
        const got = await read(
          centredFft(tensor(data, { dtype: 'c64', shape: [n], device }), { axes: [-1] }),
        );
        const expected = naiveCentredDft(data, n);
        const error = Math.max(...expected.map((v, i) => Math.abs(v - got[i]!)));
        if (!(error < 1e-5)) throw new Error(`length ${n}: error ${error}`);
      }
    },
  },
  {
    name: 'the byte budget is kept: too large an allocation throws and changes nothing',
    async run(device) {
      const before = device.memory();
      const tooMany = Math.floor(before.budgetBytes / 4) + 1;
      expectThrow(BudgetError, 'zeros over the budget', () => zeros([tooMany], { device }));
      const after = device.memory();
      if (after.liveBytes !== before.liveBytes) throw new Error('live bytes changed');
      expectValues(await read(add(tensor([1], { device }), 1)), [2], 'the next computation');
    },
  },
  {
    name: 'memory is flat over many rounds of temporaries',
    async run(device) {
      const x = tensor(ramp(1 << 12), { device });
      const round = () => scope(() => sum(mul(add(x, x), add(x, 1)))).dispose();
      round();
      await device.finish();
      const before = device.memory();
      for (let i = 0; i < 300; i++) round();
      await device.finish();
      const after = device.memory();
      if (after.liveBytes > before.liveBytes)
        throw new Error(`live bytes ${before.liveBytes} → ${after.liveBytes}`);
      if (after.reservedBytes > before.reservedBytes + (1 << 16))
        throw new Error(`reserved bytes ${before.reservedBytes} → ${after.reservedBytes}`);
    },
  },
  {
    name: 'words written to a buffer arrive in queue order',
    async run(device) {
      const x = tensor(ramp(4), { device });
      const before = add(x, 0);
      device.backend.write(x.operand().buffer, 4, new Int32Array(new Float32Array([7, 8]).buffer));
      const after = add(x, 0);
      expectValues(await read(before), [0, 1, 2, 3], 'before the write');
      expectValues(await read(after), [0, 7, 8, 3], 'after the write');
    },
  },
  {
    name: 'a disposed tensor is refused',
    async run(device) {
      const x = tensor([1, 2], { device });
      x.dispose();
      expectThrow(UseAfterDisposeError, 'add of a disposed tensor', () =>
        withDevice(device, () => add(x, 1)),
      );
    },
  },
];

/** Unitary DFT with the origin in the middle, index floor(n / 2), in f64. */
function naiveCentredDft(x: Float32Array, n: number): number[] {
  const centre = Math.floor(n / 2);
  const y: number[] = [];
  for (let k = 0; k < n; k++) {
    let [re, im] = [0, 0];
    for (let j = 0; j < n; j++) {
      const phase = (-2 * Math.PI * (((j - centre) * (k - centre)) % n)) / n;
      const [c, s] = [Math.cos(phase), Math.sin(phase)];
      re += x[2 * j]! * c - x[2 * j + 1]! * s;
      im += x[2 * j]! * s + x[2 * j + 1]! * c;
    }
    y.push(re / Math.sqrt(n), im / Math.sqrt(n));
  }
  return y;
}
