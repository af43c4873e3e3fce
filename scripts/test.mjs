// Runs the checks of `npm test`, or with --full those of `npm run test:full`, one after the other. A failing
// step does not stop the others. Ends with a table and the line `N passed, N failed`, in which every test case
// counts, and every step that has no cases of its own counts as one. Exit code 0 only if nothing failed.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { installNode24 } from './node24.mjs';
import { root, toolPath } from './workspace.mjs';

// The reference files that `npm test` compares with; `npm run test:full` takes all of them.
const quickGolden = [
  ...['fft', 'complex_grad', 'nn_ops', 'wavelet', 'masks', 'metrics', 'solvers', 'bart'],
  ...['attack', 'robust_linear'],
];

const isFull = process.argv.includes('--full');
const stepLimitMs = (isFull ? 40 : 20) * 60_000;
const outFolder = path.join(root, 'out', 'test');
const golden = path.join(root, 'test', 'golden', 'run.ts');

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string[]} args arguments for Node
 * @property {string} [binary] Node to run it with, if not this one
 * @property {string} [report] JSON report that the step writes
 * @property {Record<string, string>} [env]
 * @property {string} [skip] why it is left out
 */
/** @typedef {{ name: string, passed: number, failed: number, seconds: number, skip?: string }} Outcome */

/** @returns {Step[]} */
function quickSteps() {
  return [
    { name: 'lint', args: [toolPath('@biomejs/biome', 'biome'), 'check', '--error-on-warnings'] },
    { name: 'types', args: [toolPath('typescript', 'tsc'), '-p', 'tsconfig.json'] },
    { name: 'imports', args: ['scripts/checkImports.mjs'] },
    vitestStep('unit tests'),
    browserStep('browser tests'),
    {
      name: 'golden files (small set)',
      args: ['--conditions=source', '--import', 'tsx', golden, ...quickGolden],
    },
  ];
}

/** @returns {Step[]} */
function fullSteps() {
  const node24 = installNode24();
  const skip = 'reason' in node24 ? node24.reason : undefined;
  const binary = 'path' in node24 ? node24.path : undefined;
  const noFull = existsSync(path.join(root, 'test', 'full')) ? undefined : 'there is no folder test/full';
  return [
    { name: 'packages (build, publint, types)', args: ['scripts/checkPackages.mjs'] },
    { name: `packed packages on ${process.version}`, args: ['scripts/smokePackages.mjs'] },
    { name: 'packed packages on Node 24', args: ['scripts/smokePackages.mjs'], binary, skip },
    { ...vitestStep('unit tests on Node 24', binary), skip },
    { ...vitestStep('long tests'), env: { ADJOINT_FULL: '1' }, skip: noFull },
    { ...browserStep('browser tests (all)'), env: { ADJOINT_PAGES: 'all' } },
    { name: 'golden files (all)', args: ['--conditions=source', '--import', 'tsx', golden] },
  ];
}

/**
 * @param {string} name
 * @param {string} [binary]
 * @returns {Step}
 */
function vitestStep(name, binary) {
  const report = path.join(outFolder, `${name.replaceAll(' ', '-')}.json`);
  const options = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  return { name, report, binary, args: [toolPath('vitest', 'vitest'), 'run', ...options] };
}

/**
 * Suites in pages of a headless Chromium. Without one they are skipped, but fail in continuous integration.
 * @param {string} name
 * @returns {Step}
 */
function browserStep(name) {
  const chromium = process.env.ADJOINT_CHROMIUM ?? '/usr/bin/chromium';
  const isAbsent = !process.env.CI && !existsSync(chromium);
  const step = vitestStep(name);
  return {
    ...step,
    args: [...step.args, '--config', 'vitest.browser.config.ts'],
    skip: isAbsent ? `there is no ${chromium}; ADJOINT_CHROMIUM names another` : undefined,
  };
}

/**
 * @param {Step} step
 * @returns {Promise<Outcome>}
 */
async function runStep(step) {
  const started = Date.now();
  console.log(`\n== ${step.name}${step.skip ? `: SKIPPED, ${step.skip}` : ''}`);
  if (step.skip) return { name: step.name, passed: 0, failed: 0, seconds: 0, skip: step.skip };
  if (step.report) rmSync(step.report, { force: true });
  const { code, output } = await runCommand(step);
  const counts = (step.report && readReport(step.report)) ||
    readCounts(output) || { passed: code === 0 ? 1 : 0, failed: 0 };
  // A step that ends badly without naming a failed case (a crash, a time-out, lint) is one failure.
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return { name: step.name, ...counts, seconds: (Date.now() - started) / 1000 };
}

/**
 * Runs a step, showing its output while keeping the end of it.
 * @param {Step} step
 * @returns {Promise<{ code: number, output: string }>}
 */
function runCommand({ args, binary = process.execPath, env }) {
  return new Promise((resolve) => {
    const child = spawn(binary, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const timer = setTimeout(() => {
      console.error(`step stopped after ${stepLimitMs / 60_000} minutes`);
      child.kill('SIGKILL');
    }, stepLimitMs);
    let output = '';
    child.stdout.on('data', (chunk) => {
      process.stdout.write(chunk);
      output = (output + chunk).slice(-4096);
    });
    child.on('error', (error) => console.error(error.message));
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? 1, output });
    });
  });
}

/**
 * Counts of vitest's JSON report; a test file that could not be loaded is one failure.
 * @param {string} file
 */
function readReport(file) {
  if (!existsSync(file)) return undefined;
  const report = JSON.parse(readFileSync(file, 'utf8'));
  /** @type {{ status: string, assertionResults: { status: string }[] }[]} */
  const results = report.testResults;
  const unloaded = results.filter(
    (result) =>
      result.status === 'failed' && !result.assertionResults.some((test) => test.status === 'failed'),
  );
  return { passed: report.numPassedTests, failed: report.numFailedTests + unloaded.length };
}

/**
 * Counts of a step that ends with its own line `N passed, N failed`.
 * @param {string} output
 */
function readCounts(output) {
  const lines = [...output.matchAll(/^(\d+) passed, (\d+) failed(?:, \d+ skipped)?$/gm)];
  const last = lines.at(-1);
  return last && { passed: Number(last[1]), failed: Number(last[2]) };
}

/** @param {Outcome[]} outcomes */
function printTable(outcomes) {
  const width = Math.max(...outcomes.map((outcome) => outcome.name.length));
  console.log('\n== summary');
  for (const { name, passed, failed, seconds, skip } of outcomes) {
    const result = skip ? `SKIPPED, ${skip}` : `${passed} passed, ${failed} failed, ${seconds.toFixed(1)} s`;
    console.log(`${failed > 0 ? 'FAIL' : skip ? 'skip' : 'ok  '}  ${name.padEnd(width)}  ${result}`);
  }
}

/** @param {Outcome[]} outcomes */
function sum(outcomes) {
  const total = { passed: 0, failed: 0 };
  for (const { passed, failed } of outcomes) {
    total.passed += passed;
    total.failed += failed;
  }
  return total;
}

mkdirSync(outFolder, { recursive: true });
const summaryFile = path.join(outFolder, isFull ? 'summary-full.json' : 'summary.json');
rmSync(summaryFile, { force: true });
/** @type {Outcome[]} */
const outcomes = [];
const steps = isFull ? fullSteps() : quickSteps();
for (const step of steps) {
  outcomes.push(await runStep(step));
  // Written after every step, so that a run that is stopped still tells how far it came.
  const summary = { ...sum(outcomes), isFinished: outcomes.length === steps.length, node: process.version };
  writeFileSync(summaryFile, `${JSON.stringify({ ...summary, steps: outcomes }, null, 2)}\n`);
}
printTable(outcomes);
const { passed, failed } = sum(outcomes);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
