// Runs inside an empty project that has the packed packages installed (scripts/smokePackages.mjs).
import assert from 'node:assert/strict';
import { grad } from '@adjoint/autograd';
import {
  abs2,
  complexNormal,
  createDevice,
  Device,
  fft2,
  info,
  init,
  key,
  memory,
  sub,
  sum,
} from '@adjoint/tensor';
import { backendChecks, checkValue, families, seededDraw } from '@adjoint/tensor/testing';

// the command line says whether the optional package `webgpu` is installed
const isWithGpu = process.argv[2] === 'with-webgpu';
const device = await init();
console.log(`${info().description} on Node ${process.version}`);

const y = complexNormal(key(1), [8, 8]);
const x = complexNormal(key(0), [8, 8]);
/** @param {import('@adjoint/tensor').Tensor} z */
const loss = (z) => sum(abs2(sub(fft2(z), y)));
const gradient = await grad(loss)(x).data();
assert.equal(gradient.length, 128);
assert.ok(gradient.every(Number.isFinite));

const reference = await createDevice({ device: 'reference' });
console.log(`${await checkDevice(device)} checks passed, ${memory().liveBytes} bytes live`);

// a backend of one's own passes the same checks: here one that counts launches
let launches = 0;
const counting = new Proxy(device.backend, {
  get: (backend, name) => {
    const value = Reflect.get(backend, name);
    if (name === 'run') launches++;
    return typeof value === 'function' ? value.bind(backend) : value;
  },
});
console.log(
  `own backend: ${await checkDevice(new Device(counting), 'fft')} checks passed, ${launches} launches`,
);
assert.ok(launches > 0);

if (isWithGpu) await checkGpu();
else await assert.rejects(createDevice({ device: 'webgpu' }), /npm install webgpu/);

/** Needs an adapter, if only a software one; without it the check is skipped, but fails in continuous integration. */
async function checkGpu() {
  const gpu = await createDevice({ device: 'webgpu' }).catch((error) => {
    if (process.env.CI) throw error;
    console.log(`webgpu: SKIPPED, ${error.message}`);
  });
  if (!gpu) return;
  console.log(`${info(gpu).description}: ${await checkDevice(gpu, 'fft')} checks passed`);
}

/**
 * The backend checks, and one call per dtype of every function of one family or all: as the README shows.
 * @param {Device} device
 * @param {string} [only]
 */
async function checkDevice(device, only) {
  let checks = 0;
  for (const check of backendChecks) {
    await check.run(device);
    checks++;
  }
  for (const { name, functions } of families) {
    if (only && name !== only) continue;
    for (const row of functions)
      for (const dtypes of row.dtypes) {
        await checkValue(row, dtypes, seededDraw(checks), device, reference);
        checks++;
      }
  }
  return checks;
}
