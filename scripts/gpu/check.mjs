import { createDevice } from '@adjoint/tensor';
import { backendChecks, checkValue, families, seededDraw } from '@adjoint/tensor/testing';

/**
 * Runs the backend checks, and random calls of every function of the op table against the f64 reference.
 * @param {import('@adjoint/tensor').Device} device
 * @param {{ draws: number, only: string }} options
 */
export async function checkKernels(device, { draws, only }) {
  const reference = await createDevice({ device: 'reference' });
  /** @type {{ what: string, message: string }[]} */
  const failures = [];
  let passed = 0;
  /** @param {string} what @param {() => Promise<unknown>} run */
  const attempt = async (what, run) => {
    try {
      await run();
      passed++;
    } catch (error) {
      failures.push({ what, message: /** @type {Error} */ (error).message });
      console.log(`FAIL ${what}: ${/** @type {Error} */ (error).message}`);
    }
  };
  console.log('\ncorrectness, against f64:');
  if (!only) for (const check of backendChecks) await attempt(check.name, () => check.run(device));
  for (const family of families) {
    const before = { passed, failed: failures.length };
    const started = performance.now();
    for (const row of family.functions.filter(({ name }) => name.includes(only)))
      for (const dtypes of row.dtypes)
        for (let seed = 0; seed < draws; seed++)
          await attempt(`${row.name} ${dtypes.join('×')} seed ${seed}`, () =>
            checkValue(row, dtypes, seededDraw(seed), device, reference),
          );
    if (passed === before.passed && failures.length === before.failed) continue;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(
      `  ${family.name.padEnd(12)} ${String(passed - before.passed).padStart(5)} passed, ${failures.length - before.failed} failed, ${seconds} s`,
    );
  }
  reference.dispose();
  console.log(`${passed} passed, ${failures.length} failed`);
  return { passed, failed: failures.length, failures };
}
