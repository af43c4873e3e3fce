import * as autograd from '@adjoint/autograd';
import * as mri from '@adjoint/mri';
import * as tensor from '@adjoint/tensor';
import { checkError, families } from '@adjoint/tensor/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BadCall } from './badCall.js';
import { badCalls, exempt } from './badCalls.js';
import { type Given, makeGiven } from './given.js';

/** Names of exported functions; those of a namespace as `linalg.eigh`. */
const functionsOf = (module: object): string[] =>
  Object.entries(module).flatMap(([name, value]) => {
    if (typeof value === 'function') return [name];
    const isNamespace = Object.prototype.toString.call(value) === '[object Module]';
    return isNamespace ? functionsOf(value).map((inner) => `${name}.${inner}`) : [];
  });

const exported = new Set([...functionsOf(tensor), ...functionsOf(autograd), ...functionsOf(mri)]);
const rows = new Set(families.flatMap(({ functions }) => functions.map(({ name }) => name.split(':')[0]!)));

let given: Given;
beforeAll(async () => {
  given = await makeGiven();
});
afterAll(() => {
  const calls = Object.values(badCalls).reduce((sum, list) => sum + list.length, 0);
  process.stdout.write(
    `bad calls: ${calls} of ${Object.keys(badCalls).length} functions outside the op table\n`,
  );
  given.device.dispose();
});

describe('every exported function', () => {
  test('has a row in the op table, wrong calls in badCalls.ts, or a reason there to have none', () => {
    const missing = [...exported].filter(
      (name) => !rows.has(name) && !(name in badCalls) && !(name in exempt),
    );
    expect(missing, 'add wrong calls of these functions to test/api/badCalls.ts').toEqual([]);
  });

  test('stands in one of these lists, and nothing else does', () => {
    const gone = [...Object.keys(badCalls), ...Object.keys(exempt)].filter((name) => !exported.has(name));
    expect(gone, 'no longer exported: remove them from test/api').toEqual([]);
    expect(Object.keys(exempt).filter((name) => name in badCalls || rows.has(name))).toEqual([]);
    for (const reason of Object.values(exempt)) expect(reason).toMatch(/\w+ \w+/);
  });
});

describe.each(Object.entries(badCalls))('%s refuses', (name, calls) => {
  test.each(calls.map((call) => [call.what, call] as const))('%s', async (_, call) => {
    await checkCall(name, call);
  });
});

/** Requires an error of this library that names the function, and that no memory stays behind. */
async function checkCall(name: string, bad: BadCall): Promise<void> {
  // what a first call keeps may be a cache; what a second one keeps is lost
  const left = (await bytesLeftBy(name, bad)) && (await bytesLeftBy(name, bad));
  expect(left, 'bytes left allocated').toBe(0);
  expect(tensor.currentDevice('the test')).toBe(given.device);
}

async function bytesLeftBy(name: string, bad: BadCall): Promise<number> {
  const before = given.device.memory().liveBytes;
  const error = await Promise.resolve()
    .then(() => bad.call(given))
    .then(
      (result) => expect.fail(`no error was thrown; it returned ${tensor.describe(result)}`),
      (thrown: unknown) => thrown,
    );
  checkError(error, bad.names ?? name.split('.').at(-1)!, `${name} with ${bad.what}`);
  await given.device.finish(); // what was launched holds on to its operands until then
  // less than before is possible: tensors dropped earlier may be collected meanwhile
  return Math.max(0, given.device.memory().liveBytes - before);
}
