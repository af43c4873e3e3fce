// What a user's page does: a gradient on wasm with threads and on WebGPU (scripts/smokePage.mjs opens it). What needs
// Node says so.
import { grad } from '@adjoint/autograd';
import {
  abs2,
  complexNormal,
  createDevice,
  fft2,
  info,
  key,
  loadNpy,
  sub,
  sum,
  withDevice,
} from '@adjoint/tensor';

/** @param {'wasm' | 'webgpu'} name */
async function gradientOn(name) {
  const device = await createDevice({ device: name });
  const gradient = withDevice(device, () => {
    const y = complexNormal(key(1), [16, 12]);
    return grad((/** @type {import('@adjoint/tensor').Tensor} */ z) => sum(abs2(sub(fft2(z), y))))(
      complexNormal(key(0), [16, 12]),
    );
  });
  return { values: await gradient.data(), description: info(device).description };
}

const { body } = document;
try {
  const wasm = await gradientOn('wasm');
  const webgpu = await gradientOn('webgpu');
  const largest = Math.max(...wasm.values.map(Math.abs));
  const error = Math.max(...wasm.values.map((v, i) => Math.abs(v - webgpu.values[i]))) / largest;
  const refusal = await loadNpy('/kspace.npy').then(String, (error) => error.message);
  body.innerText = `${wasm.description}; ${webgpu.description}; they differ by ${error.toExponential(0)}; ${refusal}`;
  body.dataset.done = error < 2e-6 && /loadNpy: paths need Node/.test(refusal) ? 'ok' : 'wrong';
} catch (error) {
  body.innerText = String(error);
  body.dataset.done = 'failed';
}
