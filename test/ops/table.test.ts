import { dotTest, gradcheck } from '@adjoint/autograd';
import { createDevice, type Device, type DType, dtypeInfo, init, type Tensor } from '@adjoint/tensor';
import {
  type BadCall,
  checkBadCall,
  checkOtherDType,
  checkValue,
  type Draw,
  drawFrom,
  drawSample,
  type FunctionRow,
  families,
  genericBadCalls,
  listOf,
  placeInputs,
  seededDraw,
} from '@adjoint/tensor/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backends } from '../backend/devices.js';
import { isPage, print, setting } from '../environment.js';

/** Draws per row, dtypes and backend; raise with ADJOINT_RUNS for a longer search. */
const runs = Number(setting('ADJOINT_RUNS') ?? 25);
/** A GPU compiles kernels for almost every draw: software takes some tenths of a second for each. */
const gpuRuns = Number(setting('ADJOINT_GPU_RUNS') ?? 3);
const seed = Number(setting('ADJOINT_SEED') ?? 20261121);

let reference: Device;
const devices = new Map<string, Device>();
const counts = { value: 0, gradient: 0, second: 0, dot: 0, bad: 0, otherDType: 0, withoutGradient: 0 };

beforeAll(async () => {
  reference = await init({ device: 'reference' });
  for (const { name, options } of backends) devices.set(name, await createDevice(options));
});

afterAll(() => {
  const rows = families.reduce((sum, family) => sum + family.functions.length, 0);
  print(
    `op table: ${rows} rows of ${families.length} families; ${counts.value} value checks, ${counts.gradient} gradient, ` +
      `${counts.second} second-derivative and ${counts.dot} dot-test rows, ${counts.bad} bad calls, ${counts.otherDType} calls with dtypes not listed; ` +
      `${counts.withoutGradient} rows have no gradient, each with its reason`,
  );
  for (const device of devices.values()) device.dispose();
});

/** A property over drawn samples; failures are shrunk and print seed and path. */
async function property(numRuns: number, check: (draw: Draw) => Promise<void>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (gen) => check(drawFrom((min, max) => gen(fc.integer, { min, max })))),
    { numRuns, seed, endOnFailure: true },
  );
}

const floating = (dtype: DType) => ['float', 'complex'].includes(dtypeInfo[dtype].kind);
const dtypeName = (dtypes: readonly DType[]) => dtypes.join('×');

for (const family of families)
  describe(family.name, () => {
    for (const row of family.functions) describe(row.name, () => rowTests(row));
  });

function rowTests(row: FunctionRow): void {
  for (const dtypes of row.dtypes) {
    for (const { name } of backends)
      test(`${dtypeName(dtypes)} on ${name} equals f64`, async () => {
        await property(name === 'webgpu' ? gpuRuns : runs, async (draw) => {
          await checkValue(row, dtypes, draw, devices.get(name)!, reference);
          counts.value++;
        });
      });
    // derivatives are computed in f64 on the reference device: nothing that a page does differently
    if (!dtypes.some(floating) || isPage) continue;
    if (typeof row.gradient === 'string') {
      test(`${dtypeName(dtypes)} has no gradient: ${row.gradient}`, () => {
        expect(row.gradient).toMatch(/\w+ \w+/);
        counts.withoutGradient++;
      });
      continue;
    }
    test(`${dtypeName(dtypes)}: first and second derivatives, dot test, in f64`, async () => {
      await property(Math.ceil(runs / 4), (draw) => checkDerivatives(row, dtypes, draw));
      counts.gradient++;
      counts.second++;
      if (row.linear) counts.dot++;
    });
  }
  test('bad input gives a typed error', async () => {
    const device = [...devices.values()][0]!;
    const draw = seededDraw(seed);
    const sample = drawSample(row, row.dtypes[0]!, draw);
    const bad: BadCall[] = [...genericBadCalls(row, sample, device), ...(row.bad ?? [])];
    for (const call of bad) checkBadCall(row, call, sample, device);
    counts.bad += bad.length;
  });
  test('another dtype works or gives a DTypeError', async () => {
    const device = [...devices.values()][0]!;
    const sample = drawSample(row, row.dtypes[0]!, seededDraw(seed));
    for (const i of sample.values.keys())
      for (const dtype of device.backend.dtypes) {
        const isListed = row.dtypes.some((list) => (list[i] ?? list.at(-1)) === dtype);
        if (isListed) continue;
        await checkOtherDType(row, sample, i, dtype, device, reference);
        counts.otherDType++;
      }
  });
}

async function checkDerivatives(row: FunctionRow, dtypes: readonly DType[], draw: Draw): Promise<void> {
  const sample = drawSample(row, dtypes, draw);
  const inputs = placeInputs(sample, reference, true);
  const listed = Array.isArray(row.gradient) ? row.gradient : inputs.map((_, i) => i);
  const active = listed.filter((i) => i < inputs.length && floating(sample.dtypes[i]!));
  const f = (...variables: Tensor[]) => {
    const all = [...inputs];
    active.forEach((i, k) => {
      all[i] = variables[k]!;
    });
    return listOf(row.call(all, sample.params)).filter((output) => floating(output.dtype));
  };
  const variables = active.map((i) => inputs[i]!);
  const options = { seed: draw.int(0, 2 ** 30), name: sample.label };
  await gradcheck(f, variables, { ...options, order: 1 });
  await gradcheck(f, variables, { ...options, order: 2 });
  if (row.linear && variables.every(({ size }) => size > 0))
    await dotTest(f, { ...options, domain: variables, linearity: row.linear, device: reference });
  for (const tensor of inputs) tensor.dispose();
}
