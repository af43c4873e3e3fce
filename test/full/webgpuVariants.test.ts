// Every way in which kernels can be made for a GPU passes the backend checks and the families of the op table that it
// changes. The default takes the whole table, in table.test.ts.
import { createDevice, type Device, info, setConvAlgorithm } from '@adjoint/tensor';
import { backendChecks, checkValue, families, seededDraw } from '@adjoint/tensor/testing';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { variantsOf } from '../../scripts/gpu/variants.mjs';
import { webgpu } from '../backend/devices.js';

const runs = 12;
const memoryBudget = 256 * 2 ** 20;

const byDefault = webgpu[0] ? await createDevice(webgpu[0].options) : undefined;
const variants = byDefault ? variantsOf(info(byDefault)) : [];
byDefault?.dispose();

let reference: Device;
beforeAll(async () => {
  reference = await createDevice({ device: 'reference' });
});
afterAll(() => reference.dispose());

describe.each(variants)('webgpu, $name', (variant) => {
  let device: Device;
  beforeAll(async () => {
    device = await createDevice({ device: 'webgpu', memoryBudget, ...variant.options });
    setConvAlgorithm(variant.convolutions ?? 'auto');
  });
  afterAll(() => {
    setConvAlgorithm('auto');
    device.dispose();
  });

  test.each(backendChecks.map((check) => [check.name, check] as const))('%s', async (_, check) => {
    await check.run(device);
  });

  const changed = families.filter(({ name }) => variant.families.includes(name));
  for (const row of changed.flatMap(({ functions }) => functions))
    for (const dtypes of row.dtypes)
      test(`${row.name} of ${dtypes.join('×')} equals f64`, async () => {
        const { tolerance = row.tolerance } = variant;
        for (let seed = 0; seed < runs; seed++)
          await checkValue({ ...row, tolerance }, dtypes, seededDraw(seed), device, reference);
      });
});
