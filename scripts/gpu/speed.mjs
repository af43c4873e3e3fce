import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { createDevice, info, withDevice } from '@adjoint/tensor';
import { refuseLoss } from './loss.mjs';
import { workloads } from './workloads.mjs';

/**
 * Times the main kernels beside wasm and, where it is installed, PyTorch on CUDA.
 * @param {import('@adjoint/tensor').Device} device
 * @param {{ only: string }} options
 */
export async function timeKernels(device, { only }) {
  const { isSoftware } = info(device);
  const size = isSoftware ? 'small' : 'full';
  const chosen = workloads(size).filter(({ name }) => name.includes(only));
  if (chosen.length === 0) return { rows: [], failed: 0 };
  const wasm = await createDevice({ device: 'wasm' });
  const torch = timesOfTorch(size, only);
  console.log(`\nspeed, medians${isSoftware ? '; small sizes: software says nothing about a GPU' : ''}`);
  console.log(torch.note);
  console.log(lineOf('kernel', 'webgpu', 'rate', 'wasm', ...(torch.seconds ? ['torch', 'torch/ours'] : [])));
  const rows = [];
  for (const workload of chosen) {
    const row = await rowOf(workload, device, wasm, torch.seconds?.[workload.name]);
    rows.push(row);
    if (row.error) console.log(`${row.name.padEnd(34)}FAIL ${row.error}`);
    else
      console.log(
        lineOf(
          row.name,
          ms(row.seconds),
          rateOf(workload, row.seconds),
          ms(row.wasmSeconds),
          ms(row.torchSeconds),
          row.torchSeconds && row.seconds ? (row.torchSeconds / row.seconds).toFixed(2) : '',
        ),
      );
  }
  wasm.dispose();
  return { torch: torch.note, rows, failed: rows.filter(({ error }) => error).length };
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
 * @param {import('./workloads.mjs').Workload} workload
 * @param {import('@adjoint/tensor').Device} device
 * @param {import('@adjoint/tensor').Device} wasm
 * @param {number} [torchSeconds]
 * @returns {Promise<Row>}
 */
async function rowOf(workload, device, wasm, torchSeconds) {
  const { name, flops, bytes } = workload;
  try {
    const seconds = await time(device, workload);
    const wasmSeconds = await time(wasm, workload, 0.15);
    return { name, flops, bytes, seconds, wasmSeconds, torchSeconds };
  } catch (error) {
    refuseLoss(error);
    return { name, flops, bytes, error: /** @type {Error} */ (error).message };
  }
}

/** @param {string} name @param {string[]} columns */
const lineOf = (name, ...columns) =>
  (name.padEnd(34) + columns.map((column) => column.padStart(14)).join('')).trimEnd();

/** @param {number | undefined} seconds */
const ms = (seconds) => (seconds === undefined ? '' : `${(seconds * 1e3).toFixed(3)} ms`);

/** @param {import('./workloads.mjs').Workload} workload @param {number} [seconds] */
function rateOf({ flops, bytes }, seconds = Number.NaN) {
  const rate = (flops ?? bytes) / seconds / 1e9;
  return `${rate.toFixed(rate < 10 ? 2 : 0)} ${flops ? 'GFLOP/s' : 'GB/s'}`;
}

/**
 * Median over samples of the time per call: each sample enqueues calls for about 20 ms, then waits.
 * @param {import('@adjoint/tensor').Device} device
 * @param {import('./workloads.mjs').Workload} workload
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
