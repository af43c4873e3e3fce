import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { createDevice, info, withDevice } from '@adjoint/tensor';
import { workloads } from './workloads.mjs';

/**
 * Times the main kernels beside wasm and, where it is installed, PyTorch on CUDA.
 * @param {import('@adjoint/tensor').Device} device
 * @param {{ only: string }} options
 */
export async function timeKernels(device, { only }) {
  const isSoftware = /software/.test(info(device).description);
  const chosen = workloads(isSoftware ? 'small' : 'full').filter(({ name }) => name.includes(only));
  const wasm = await createDevice({ device: 'wasm' });
  const torch = timesOfTorch(isSoftware ? 'small' : 'full', only);
  console.log(
    `\nspeed, medians${isSoftware ? ' (a software adapter: says nothing about a GPU)' : ''}; ${torch.note}`,
  );
  console.log(
    `${'kernel'.padEnd(34)}${'webgpu'.padStart(11)}${'rate'.padStart(14)}${'wasm'.padStart(11)}${'torch'.padStart(11)}${'torch/ours'.padStart(12)}`,
  );
  const rows = [];
  for (const workload of chosen) {
    const seconds = await time(device, workload);
    const onWasm = await time(wasm, workload, 0.15);
    const torchSeconds = torch.seconds[workload.name];
    const { flops, bytes } = workload;
    const rate = flops
      ? `${(flops / seconds / 1e9).toFixed(0)} GFLOP/s`
      : `${(bytes / seconds / 1e9).toFixed(0)} GB/s`;
    console.log(
      `${workload.name.padEnd(34)}${ms(seconds)}${rate.padStart(14)}${ms(onWasm)}${ms(torchSeconds)}` +
        `${(torchSeconds ? (torchSeconds / seconds).toFixed(2) : '').padStart(12)}`,
    );
    rows.push({ name: workload.name, seconds, wasmSeconds: onWasm, torchSeconds, flops, bytes });
  }
  wasm.dispose();
  return { torch: torch.note, rows };
}

/** @param {number | undefined} seconds */
const ms = (seconds) => (seconds === undefined ? '' : `${(seconds * 1e3).toFixed(3)} ms`).padStart(11);

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
  for (let i = 0; i < 3; i++) await once(1);
  const calls = Math.max(1, Math.min(200, Math.round(0.02 / (await once(2)))));
  const samples = [];
  for (let spent = 0; samples.length < 5 || (spent < budget && samples.length < 30); ) {
    const seconds = await once(calls);
    samples.push(seconds);
    spent += seconds * calls;
  }
  dispose();
  return samples.sort((a, b) => a - b)[samples.length >> 1];
}

/** @param {string} size @param {string} only @returns {{ note: string, seconds: Record<string, number> }} */
function timesOfTorch(size, only) {
  const script = path.join(import.meta.dirname, 'torch_cuda.py');
  const result = spawnSync(process.env.ADJOINT_PYTHON ?? 'python3', [script, size, only], {
    encoding: 'utf8',
    timeout: 300_000,
  });
  if (result.status !== 0) {
    const why = (result.stderr || result.error?.message || '').trim().split('\n').at(-1);
    return { note: `no PyTorch on CUDA beside it (${why})`, seconds: {} };
  }
  return JSON.parse(result.stdout);
}
