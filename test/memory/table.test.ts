import { createDevice, type Device, withDevice } from '@adjoint/tensor';
import {
  drawSample,
  type FunctionRow,
  families,
  listOf,
  placeInputs,
  seededDraw,
} from '@adjoint/tensor/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backends } from '../backend/devices.js';

/** Rows whose calls leave memory in use, and why. */
const keeping: Readonly<Record<string, string>> = {
  axisMap: 'every call of the row makes a matrix, whose table stays with the prepared kernel',
};

/** Bytes still live after a call whose inputs and results were disposed. */
function bytesLeft(device: Device, row: FunctionRow, seed: number): number {
  const sample = drawSample(row, row.dtypes[seed % row.dtypes.length]!, seededDraw(seed));
  const run = () => {
    const before = device.memory().liveBytes;
    const inputs = placeInputs(sample, device, false);
    const outputs = listOf(withDevice(device, () => row.call(inputs, sample.params)));
    for (const tensor of new Set([...outputs, ...inputs])) tensor.dispose();
    return device.memory().liveBytes - before;
  };
  // the first call prepares kernels, whose tables stay
  run();
  return run();
}

const rows = families.flatMap(({ functions }) => functions).filter(({ name }) => !(name in keeping));

/** Samples of a row; a GPU compiles kernels for each. */
const samplesOn: Record<string, number> = { wasm: 6, webgpu: 1 };

describe.each(backends.filter(({ name }) => name in samplesOn))('on $name', ({ name, options }) => {
  let device: Device;
  beforeAll(async () => {
    device = await createDevice(options);
  });
  afterAll(() => device.dispose());

  test.each(rows.map((row) => [row.name, row] as const))('%s frees its temporaries', async (_, row) => {
    for (let seed = 1; seed <= samplesOn[name]!; seed++)
      expect(bytesLeft(device, row, seed)).toBeLessThanOrEqual(0);
    await device.finish();
  });
});
