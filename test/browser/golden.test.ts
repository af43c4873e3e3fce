import { createDevice } from '@adjoint/tensor';
import { describe, expect, test } from 'vitest';
import { backends } from '../backend/devices.js';
import { print } from '../environment.js';
import { runSuite } from '../golden/runSuite.js';
import { suites } from '../golden/suites.js';
import { Tally } from '../golden/tally.js';

describe.each(backends)('golden files on $name', ({ name, options }) => {
  const present = suites.filter(({ devices }) => devices?.some((covered) => covered === name) ?? true);
  test.each(present.map((suite) => [suite.file, suite] as const))('%s', async (file, suite) => {
    const tally = new Tally(print);
    const device = await createDevice(options);
    await runSuite(suite, `/test/golden/${file}.h5`, [device], tally);
    device.dispose();
    expect(tally).toMatchObject({ failed: 0 });
    expect(tally.passed).toBeGreaterThan(0);
  });
});
