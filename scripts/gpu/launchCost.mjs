import { cumsum, jit, key, normal, withDevice } from '@adjoint/tensor';

const launches = 100;
const calls = 200;

/**
 * Seconds that the calling thread spends on one launch of a compiled function, the driver's part included. The GPU is
 * idle meanwhile, and nothing is waited for.
 * @param {import('@adjoint/tensor').Device} device
 */
export async function launchCost(device) {
  const many = jit((/** @type {import('@adjoint/tensor').Tensor} */ x) => {
    for (let i = 0; i < launches; i++) x = cumsum(x, { axis: 0 });
    return x;
  });
  const x = withDevice(device, () => normal(key(0), [16]));
  const samples = [];
  for (let i = 0; i < calls; i++) {
    await device.finish();
    const started = performance.now();
    many(x).dispose();
    samples.push((performance.now() - started) / 1e3 / launches);
  }
  await device.finish();
  many.dispose();
  x.dispose();
  samples.sort((a, b) => a - b);
  return {
    launches,
    least: /** @type {number} */ (samples[0]),
    median: /** @type {number} */ (samples[calls >> 1]),
  };
}
