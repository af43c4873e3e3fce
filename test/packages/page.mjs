// What a user's page does: a gradient on wasm with threads and on WebGPU (scripts/smokePage.mjs opens it).
import { grad } from '@adjoint/autograd';
import { abs2, complexNormal, createDevice, fft2, info, key, sub, sum, withDevice } from '@adjoint/tensor';

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
  const error = Math.max(...Array.from(wasm.values, (v, i) => Math.abs(v - webgpu.values[i])));
  body.innerText = `${wasm.description}; ${webgpu.description}; they differ by ${error.toExponential(1)}`;
  body.dataset.done = error < 1e-2 && wasm.values.some((v) => v !== 0) ? 'ok' : 'wrong';
} catch (error) {
  body.innerText = String(error);
  body.dataset.done = 'failed';
}
