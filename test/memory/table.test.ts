import { createDevice, type Device, withDevice } from '@adjoint/tensor';
import {
  drawSample,
  type FunctionRow,
  families,
  listOf,
  placeInputs,
  seededDraw,
} from '@adjoint/tensor/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** Rows whose calls leave memory in use, and why. */
const keeping: Readonly<Record<string, string>> = {
  axisMap: 'every call of the row makes a matrix, whose table stays with the prepared kernel',
};

let device: Device;
beforeAll(async () => {
  device = await createDevice({ device: 'wasm', threads: 1 });
});
afterAll(() => device.dispose());

/** Bytes still live after a call whose inputs and results were disposed. */
function bytesLeft(row: FunctionRow, seed: number): number {
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

test.each(rows.map((row) => [row.name, row] as const))('%s frees its temporaries', async (_, row) => {
  for (let seed = 1; seed <= 6; seed++) expect(bytesLeft(row, seed)).toBeLessThanOrEqual(0);
  await device.finish();
});
