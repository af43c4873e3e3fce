// Runs inside an empty project that has the packed packages installed (scripts/smokePackages.mjs).
import assert from 'node:assert/strict';
import { grad } from '@adjoint/autograd';
import { abs2, complexNormal, createDevice, fft2, info, init, key, memory, sub, sum } from '@adjoint/tensor';
import { backendChecks, families } from '@adjoint/tensor/testing';

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

for (const check of backendChecks) await check.run(device);
console.log(
  `${backendChecks.length} backend checks passed; ${families.length} families of ops; ${memory().liveBytes} bytes live`,
);

if (isWithGpu) await checkGpu();
else await assert.rejects(createDevice({ device: 'webgpu' }), /npm install webgpu/);

/** Needs an adapter, if only a software one; without it the check is skipped, but fails in continuous integration. */
async function checkGpu() {
  const gpu = await createDevice({ device: 'webgpu' }).catch((error) => {
    if (process.env.CI) throw error;
    console.log(`webgpu: SKIPPED, ${error.message}`);
  });
  if (!gpu) return;
  for (const check of backendChecks) await check.run(gpu);
  console.log(`${info(gpu).description}: ${backendChecks.length} backend checks passed`);
}
