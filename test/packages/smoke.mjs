// Runs inside an empty project that has the packed packages installed (scripts/smokePackages.mjs).
import assert from 'node:assert/strict';
import { grad } from '@adjoint/autograd';
import { abs2, complexNormal, fft2, info, init, key, memory, sub, sum } from '@adjoint/tensor';
import { backendChecks, families } from '@adjoint/tensor/testing';

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
