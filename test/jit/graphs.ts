import { valueAndGrad } from '@adjoint/autograd';
import {
  abs2,
  add,
  createDevice,
  type Device,
  type DType,
  jit,
  mean,
  read,
  type Tensor,
  withDevice,
} from '@adjoint/tensor';
import {
  type Draw,
  drawFrom,
  expectClose,
  memoryOrders,
  place,
  sampleValues,
  widen,
} from '@adjoint/tensor/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeviceChoice } from '../backend/devices.js';
import { setting } from '../environment.js';
import { randomProgram } from './randomProgram.js';

/** f32 against f64, through up to some dozens of ops and their derivatives. */
const roundingTolerance = 2e-3;
/** Compiled against eager on one device. */
const compiledTolerance = 1e-5;
const seed = Number(setting('ADJOINT_SEED') ?? 20261122);

/** Random programs on a device: value and gradients compiled equal those run eagerly, and f64. */
export function graphTests({ name, options }: DeviceChoice, count: number): void {
  let device: Device;
  let reference: Device;
  beforeAll(async () => {
    device = await createDevice(options);
    reference = await createDevice({ device: 'reference' });
  });
  afterAll(() => {
    device.dispose();
    reference.dispose();
  });

  test(`${count} random graphs on ${name}: value and gradients, compiled against eager and f64`, async () => {
    let checked = 0;
    await fc.assert(
      fc.asyncProperty(fc.gen(), async (gen) => {
        await checkProgram(
          drawFrom((min, max) => gen(fc.integer, { min, max })),
          device,
          reference,
        );
        checked++;
      }),
      { numRuns: count, seed, endOnFailure: false },
    );
    expect(checked).toBeGreaterThanOrEqual(count);
  }, 600_000);
}

async function checkProgram(draw: Draw, device: Device, reference: Device): Promise<void> {
  const samples = Array.from({ length: draw.int(1, 3) }, () => {
    const dtype: DType = draw.pick(['f32', 'c64']);
    const shape = draw.shape({ minRank: 0, maxRank: 3, empty: false });
    return {
      dtype,
      value: sampleValues({ shape }, dtype, draw.int(0, 2 ** 30)),
      order: draw.pick(memoryOrders),
    };
  });
  const { text, run } = randomProgram(draw, samples.length);
  const label = `${samples.map(({ dtype, value }) => `${dtype}[${value.shape}]`)}: ${text}`;
  const f = valueAndGrad(
    (...xs: Tensor[]) => {
      const values = run(xs);
      const loss = values.map((value) => mean(abs2(value))).reduce((a, b) => add(a, b));
      return [loss, values] as const;
    },
    { argnums: samples.map((_, i) => i), hasAux: true },
  );
  const flat = (...xs: Tensor[]): Tensor[] => {
    const { value, gradient, aux } = f(...xs) as { value: Tensor; gradient: Tensor[]; aux: Tensor[] };
    return [value, ...gradient, ...aux];
  };
  const inputsOn = (target: Device): Tensor[] =>
    samples.map(({ dtype, value, order }) =>
      place(value, target === reference ? widen(dtype) : dtype, target, order),
    );
  const on = (target: Device, g: (...xs: Tensor[]) => Tensor[]): Promise<Host[]> =>
    hostValues(withDevice(target, () => g(...inputsOn(target))));
  const plain = jit(flat);
  const donating = jit(flat, { donate: samples.map((_, i) => i) });
  const eager = await on(device, flat);
  const truth = await on(reference, flat);
  for (const [name, g] of Object.entries({ plain, again: plain, donating })) {
    const compiled = await on(device, g);
    compiled.forEach((value, i) => {
      expectClose(value, eager[i]!, compiledTolerance, `${name}, result ${i} against eager of ${label}`);
      expectClose(value, truth[i]!, roundingTolerance, `${name}, result ${i} against f64 of ${label}`);
    });
  }
  plain.dispose();
  donating.dispose();
}

type Host = Parameters<typeof expectClose>[0];

const hostValues = (tensors: readonly Tensor[]): Promise<Host[]> =>
  Promise.all(tensors.map(async (x) => ({ shape: x.shape, dtype: x.dtype, data: await read(x) })));
