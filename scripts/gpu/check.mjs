import { createDevice, setConvAlgorithm } from '@adjoint/tensor';
import { backendChecks, checkValue, families, seededDraw } from '@adjoint/tensor/testing';
import { refuseLoss } from './loss.mjs';

/** @typedef {import('@adjoint/tensor').Device} Device */
/** @typedef {{ name: string, passed: number, failed: number, worst: number | undefined, seconds: number }} Group */
/** @typedef {{ what: string, run: () => Promise<number | void> }} Case */

/** Cases by group, counted and printed. */
class Report {
  /** @type {Group[]} */
  groups = [];
  /** @type {{ what: string, message: string }[]} */
  failures = [];

  /** @param {string} name @param {Case[]} cases */
  async run(name, cases) {
    if (cases.length === 0) return;
    const started = performance.now();
    const errors = [];
    let failed = 0;
    for (const { what, run } of cases)
      try {
        const error = await run();
        if (error !== undefined) errors.push(error);
      } catch (error) {
        refuseLoss(error);
        failed++;
        const { message } = /** @type {Error} */ (error);
        this.failures.push({ what, message });
        console.log(`FAIL ${what}: ${message}`);
      }
    const worst = errors.length > 0 ? Math.max(...errors) : undefined;
    const seconds = (performance.now() - started) / 1000;
    const group = { name, passed: cases.length - failed, failed, worst, seconds };
    this.groups.push(group);
    console.log(lineOf(group));
  }
}

/**
 * Runs the backend checks, and random calls of every function of the op table against the f64 reference; then what
 * differs in other variants of the kernels.
 * @param {Device} device
 * @param {readonly import('./variants.mjs').Variant[]} variants
 * @param {{ draws: number, only: string }} options
 */
export async function checkKernels(device, variants, { draws, only }) {
  const reference = await createDevice({ device: 'reference' });
  const report = new Report();
  /** @param {Device} on @param {string} family @param {number} [tolerance] */
  const casesOf = (on, family, tolerance) =>
    families
      .filter(({ name }) => name === family)
      .flatMap(({ functions }) => functions.filter(({ name }) => name.includes(only)))
      .flatMap((row) => calls({ ...row, tolerance: tolerance ?? row.tolerance }, draws, on, reference));

  console.log('\ncorrectness, against f64; error: max|a − b| / max(1, max|b|)');
  console.log(`${'family'.padEnd(28)}${'passed'.padStart(8)}${'failed'.padStart(8)}${'error'.padStart(10)}`);
  await report.run('queue, memory', only ? [] : backendCases(device));
  for (const { name } of families) await report.run(name, casesOf(device, name));
  for (const variant of variants) {
    const other = await createDevice({ device: 'webgpu', ...variant.options });
    setConvAlgorithm(variant.convolutions ?? 'auto');
    await report.run(`queue, memory: ${variant.name}`, only ? [] : backendCases(other));
    for (const family of variant.families)
      await report.run(`${family}: ${variant.name}`, casesOf(other, family, variant.tolerance));
    setConvAlgorithm('auto');
    other.dispose();
  }
  reference.dispose();
  const { groups, failures } = report;
  const passed = groups.reduce((sum, group) => sum + group.passed, 0);
  console.log(`${passed} passed, ${failures.length} failed`);
  return { passed, failed: failures.length, groups, failures };
}

/** @param {Device} device @returns {Case[]} */
const backendCases = (device) =>
  backendChecks.map(({ name, run }) => ({ what: name, run: () => run(device) }));

/**
 * @param {import('@adjoint/tensor/testing').FunctionRow} row
 * @param {number} draws
 * @param {Device} device
 * @param {Device} reference
 * @returns {Case[]}
 */
const calls = (row, draws, device, reference) =>
  row.dtypes.flatMap((dtypes) =>
    Array.from({ length: draws }, (_, seed) => ({
      what: `${row.name} ${dtypes.join('×')} seed ${seed}`,
      run: () => checkValue(row, dtypes, seededDraw(seed), device, reference),
    })),
  );

/** @param {Group} group */
const lineOf = ({ name, passed, failed, worst, seconds }) =>
  `${name.padEnd(28)}${String(passed).padStart(8)}${String(failed).padStart(8)}` +
  `${(worst?.toExponential(0) ?? '').padStart(10)}   ${seconds.toFixed(1)} s`;
