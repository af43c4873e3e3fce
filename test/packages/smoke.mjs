// Runs inside an empty project that has the packed packages installed (scripts/smokePackages.mjs).
import assert from 'node:assert/strict';

for (const entry of ['@adjoint/tensor', '@adjoint/tensor/testing', '@adjoint/autograd']) {
  const names = Object.keys(await import(entry));
  assert.ok(names.length > 0, `${entry} exports nothing`);
  console.log(`${entry}: ${names.length} exports on ${process.version}`);
}
