import { grad } from '@adjoint/autograd';
import {
  abs2,
  add,
  createDevice,
  type Device,
  type DType,
  dtypeInfo,
  isDifferentiable,
  jit,
  read,
  sum,
  type Tensor,
  withDevice,
} from '@adjoint/tensor';
import {
  defaultTolerance,
  drawSample,
  expectClose,
  type FunctionRow,
  families,
  listOf,
  placeInputs,
  type Sample,
  seededDraw,
} from '@adjoint/tensor/testing';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { backends } from '../backend/devices.js';
import { setting } from '../environment.js';

/** Draws per row and dtypes. */
const runs = Number(setting('ADJOINT_RUNS') ?? 4);
/** On a GPU nearly every draw is a kernel to compile, and its derivative some more. */
const gpuRuns = Number(setting('ADJOINT_GPU_RUNS') ?? 1);
/** Kernels of a fused chain round in another order than those of its parts. */
const gradientTolerance = 1e-5;

describe.each(backends.filter(({ name }) => name === 'wasm' || name === 'webgpu'))(
  'on $name',
  ({ name, options }) => {
    let device: Device;
    beforeAll(async () => {
      device = await createDevice(options);
    });
    afterAll(() => device.dispose());

    for (const family of families)
      describe(`jit of ${family.name}`, () => {
        for (const row of family.functions)
          for (const dtypes of row.dtypes)
            test(`${row.name} ${dtypes.join('×')} equals eager`, async () => {
              const count = name === 'webgpu' ? gpuRuns : runs;
              for (let seed = 0; seed < count; seed++) await checkSample(device, row, dtypes, seed);
            });
      });
  },
);

async function checkSample(
  device: Device,
  row: FunctionRow,
  dtypes: readonly DType[],
  seed: number,
): Promise<void> {
  const sample = drawSample(row, dtypes, seededDraw(seed));
  const inputs = placeInputs(sample, device, false);
  const call = (...xs: Tensor[]): readonly Tensor[] => listOf(row.call(xs, sample.params));
  await compare(device, call, inputs, row.tolerance ?? defaultTolerance, sample);
  const active = activeInputs(row, sample);
  if (active.length > 0) {
    const loss = (...xs: Tensor[]): Tensor =>
      call(...xs)
        .filter(({ dtype }) => isDifferentiable(dtype))
        .map((y) => sum(abs2(y)))
        .reduce((a, b) => add(a, b));
    const gradient = grad(loss, { argnums: active }) as (...xs: Tensor[]) => Tensor[];
    await compare(device, gradient, inputs, Math.max(gradientTolerance, row.tolerance ?? 0), sample);
  }
  for (const x of inputs) x.dispose();
}

/** The inputs that a row differentiates. */
function activeInputs(row: FunctionRow, sample: Sample): number[] {
  if (typeof row.gradient === 'string') return [];
  const listed = Array.isArray(row.gradient) ? row.gradient : sample.dtypes.map((_, i) => i);
  return listed.filter(
    (i) => i < sample.values.length && ['float', 'complex'].includes(dtypeInfo[sample.dtypes[i]!].kind),
  );
}

async function compare(
  device: Device,
  f: (...xs: Tensor[]) => readonly Tensor[],
  inputs: readonly Tensor[],
  tolerance: number,
  { label }: Sample,
): Promise<void> {
  const jitted = jit(f);
  const [eager, compiled, again] = withDevice(device, () => [
    f(...inputs),
    jitted(...inputs),
    jitted(...inputs),
  ]);
  for (const [i, expected] of eager!.entries()) {
    const { shape, dtype } = expected;
    const value = { shape, dtype, data: await read(expected) };
    for (const got of [compiled![i]!, again![i]!])
      expectClose(
        { shape: got.shape, dtype: got.dtype, data: await read(got) },
        value,
        tolerance,
        `jit of ${label}, result ${i}`,
      );
  }
  for (const x of [...eager!, ...compiled!, ...again!]) if (!inputs.includes(x)) x.dispose();
  jitted.dispose();
}
