import { createDevice } from '@adjoint/tensor';
import { backendChecks, checkValue, families, seededDraw } from '@adjoint/tensor/testing';
import { refuseLoss } from './loss.mjs';

/** @typedef {{ name: string, passed: number, failed: number, worst: number | undefined, seconds: number }} Group */

/**
 * Runs the backend checks, and random calls of every function of the op table against the f64 reference.
 * @param {import('@adjoint/tensor').Device} device
 * @param {{ draws: number, only: string }} options
 */
export async function checkKernels(device, { draws, only }) {
  const reference = await createDevice({ device: 'reference' });
  /** @type {{ what: string, message: string }[]} */
  const failures = [];
  /** @type {Group[]} */
  const groups = [];
  /** @param {string} name @param {{ what: string, run: () => Promise<number | void> }[]} cases */
  const runGroup = async (name, cases) => {
    if (cases.length === 0) return;
    const group = {
      name,
      passed: 0,
      failed: 0,
      worst: /** @type {number | undefined} */ (undefined),
      seconds: 0,
    };
    const started = performance.now();
    for (const { what, run } of cases)
      try {
        const error = await run();
        if (error !== undefined) group.worst = Math.max(group.worst ?? 0, error);
        group.passed++;
      } catch (error) {
        refuseLoss(error);
        group.failed++;
        const { message } = /** @type {Error} */ (error);
        failures.push({ what, message });
        console.log(`FAIL ${what}: ${message}`);
      }
    group.seconds = (performance.now() - started) / 1000;
    groups.push(group);
    console.log(lineOf(group));
  };

  console.log('\ncorrectness, against f64; error: max|a − b| / max(1, max|b|)');
  console.log(`${'family'.padEnd(14)}${'passed'.padStart(8)}${'failed'.padStart(8)}${'error'.padStart(10)}`);
  const ofBackend = backendChecks.map(({ name, run }) => ({ what: name, run: () => run(device) }));
  await runGroup('queue, memory', only ? [] : ofBackend);
  for (const { name, functions } of families)
    await runGroup(
      name,
      functions
        .filter((row) => row.name.includes(only))
        .flatMap((row) => casesOf(row, draws, device, reference)),
    );
  reference.dispose();
  const passed = groups.reduce((sum, group) => sum + group.passed, 0);
  console.log(`${passed} passed, ${failures.length} failed`);
  return { passed, failed: failures.length, groups, failures };
}

/**
 * @param {import('@adjoint/tensor/testing').FunctionRow} row
 * @param {number} draws
 * @param {import('@adjoint/tensor').Device} device
 * @param {import('@adjoint/tensor').Device} reference
 */
const casesOf = (row, draws, device, reference) =>
  row.dtypes.flatMap((dtypes) =>
    Array.from({ length: draws }, (_, seed) => ({
      what: `${row.name} ${dtypes.join('×')} seed ${seed}`,
      run: () => checkValue(row, dtypes, seededDraw(seed), device, reference),
    })),
  );

/** @param {Group} group */
const lineOf = ({ name, passed, failed, worst, seconds }) =>
  `${name.padEnd(14)}${String(passed).padStart(8)}${String(failed).padStart(8)}` +
  `${(worst?.toExponential(0) ?? '').padStart(10)}   ${seconds.toFixed(1)} s`;
