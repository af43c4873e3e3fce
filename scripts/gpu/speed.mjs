import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { createDevice, info, setConvAlgorithm, withDevice } from '@adjoint/tensor';
import { launchCost } from './launchCost.mjs';
import { refuseLoss } from './loss.mjs';
import { workloads } from './workloads.mjs';

/** @typedef {import('@adjoint/tensor').Device} Device */
/** @typedef {import('./workloads.mjs').Workload} Workload */

/**
 * Times the main kernels beside wasm and, where it is installed, PyTorch on CUDA; then those that differ in other
 * variants, and what a launch costs the calling thread.
 * @param {Device} device
 * @param {readonly import('./variants.mjs').Variant[]} variants
 * @param {{ only: string }} options
 */
export async function timeKernels(device, variants, { only }) {
  const { isSoftware } = info(device);
  const size = isSoftware ? 'small' : 'full';
  const chosen = workloads(size).filter(({ name }) => name.includes(only));
  if (chosen.length === 0) return { rows: [], failed: 0 };
  const wasm = await createDevice({ device: 'wasm' });
  const torch = timesOfTorch(size, only);
  console.log(`\nspeed, medians${isSoftware ? '; small sizes: software says nothing about a GPU' : ''}`);
  console.log(torch.note);
  console.log(lineOf('kernel', 'webgpu', 'rate', 'wasm', ...(torch.seconds ? ['torch', 'torch/ours'] : [])));
  /** @type {Row[]} */
  const rows = [];
  for (const workload of chosen)
    rows.push(await rowOf(workload, device, { wasm, torchSeconds: torch.seconds?.[workload.name] }));
  for (const variant of variants) rows.push(...(await rowsOfVariant(variant, chosen)));
  wasm.dispose();
  const launch = await launchCost(device);
  console.log(
    `a replayed launch on the calling thread, of ${launch.launches} in a row: ${us(launch.least)} at best, median ${us(launch.median)}`,
  );
  return { torch: torch.note, rows, launch, failed: rows.filter(({ error }) => error).length };
}

/**
 * The workloads whose kernels are other ones.
 * @param {import('./variants.mjs').Variant} variant
 * @param {readonly Workload[]} chosen
 */
async function rowsOfVariant({ name, options, timings, convolutions }, chosen) {
  const changed = chosen.filter((workload) => timings?.test(workload.name));
  if (changed.length === 0) return [];
  const device = await createDevice({ device: 'webgpu', memoryBudget: 8 * 2 ** 30, ...options });
  setConvAlgorithm(convolutions ?? 'auto');
  const rows = [];
  for (const workload of changed)
    rows.push(await rowOf({ ...workload, name: `${workload.name}, ${name}` }, device));
  setConvAlgorithm('auto');
  device.dispose();
  return rows;
}

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {number} [flops]
 * @property {number} bytes
 * @property {number} [seconds]
 * @property {number} [wasmSeconds]
 * @property {number} [torchSeconds]
 * @property {string} [error]
 */

/**
 * Times a workload and prints the row.
 * @param {Workload} workload
 * @param {Device} device
 * @param {{ wasm?: Device, torchSeconds?: number }} [beside]
 * @returns {Promise<Row>}
 */
async function rowOf(workload, device, { wasm, torchSeconds } = {}) {
  const { name, flops, bytes } = workload;
  try {
    const seconds = await time(device, workload);
    const wasmSeconds = wasm && (await time(wasm, workload, 0.15));
    const ratio = torchSeconds ? (torchSeconds / seconds).toFixed(2) : '';
    console.log(
      lineOf(name, ms(seconds), rateOf(workload, seconds), ms(wasmSeconds), ms(torchSeconds), ratio),
    );
    return { name, flops, bytes, seconds, wasmSeconds, torchSeconds };
  } catch (error) {
    refuseLoss(error);
    const { message } = /** @type {Error} */ (error);
    console.log(`${name.padEnd(nameWidth)}FAIL ${message}`);
    return { name, flops, bytes, error: message };
  }
}

const nameWidth = 52;
/** @param {string} name @param {string[]} columns */
const lineOf = (name, ...columns) =>
  (name.padEnd(nameWidth) + columns.map((column) => column.padStart(14)).join('')).trimEnd();

/** @param {number} seconds */
const us = (seconds) => `${(seconds * 1e6).toFixed(1)} µs`;

/** @param {number | undefined} seconds */
const ms = (seconds) => (seconds === undefined ? '' : `${(seconds * 1e3).toFixed(3)} ms`);

/** @param {Workload} workload @param {number} seconds */
function rateOf({ flops, bytes }, seconds) {
  const rate = (flops ?? bytes) / seconds / 1e9;
  return `${rate.toFixed(rate < 10 ? 2 : 0)} ${flops ? 'GFLOP/s' : 'GB/s'}`;
}

/**
 * Median over samples of the time per call: each sample enqueues calls for about 20 ms, then waits.
 * @param {Device} device
 * @param {Workload} workload
 */
async function time(device, workload, budget = 0.5) {
  const { run, dispose } = withDevice(device, workload.prepare);
  const once = async (/** @type {number} */ calls) => {
    const started = performance.now();
    withDevice(device, () => {
      for (let i = 0; i < calls; i++) run();
    });
    await device.finish();
    return (performance.now() - started) / 1e3 / calls;
  };
  try {
    for (let i = 0; i < 3; i++) await once(1);
    const calls = Math.max(1, Math.min(200, Math.round(0.02 / (await once(2)))));
    const samples = [];
    for (let spent = 0; samples.length < 5 || (spent < budget && samples.length < 30); ) {
      const seconds = await once(calls);
      samples.push(seconds);
      spent += seconds * calls;
    }
    return samples.sort((a, b) => a - b)[samples.length >> 1];
  } finally {
    dispose();
  }
}

/**
 * Times by name, or none and a line that says why.
 * @param {string} size
 * @param {string} only
 * @returns {{ note: string, seconds?: Record<string, number> }}
 */
function timesOfTorch(size, only) {
  const python = process.env.ADJOINT_PYTHON ?? 'python3';
  const script = path.join(import.meta.dirname, 'torch_cuda.py');
  const result = spawnSync(python, [script, size, only], { encoding: 'utf8', timeout: 300_000 });
  if (result.status === 0) return JSON.parse(result.stdout);
  const why = (result.error?.message || result.stderr || 'it did not end in time').trim().split('\n').at(-1);
  return {
    note: `PyTorch on CUDA is not beside it: ${python}: ${why} (ADJOINT_PYTHON names another Python)`,
  };
}
