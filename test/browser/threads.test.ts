import { createDevice, info } from '@adjoint/tensor';
import { expect, test } from 'vitest';

test('a cross-origin isolated page runs wasm in workers', async () => {
  expect(globalThis.crossOriginIsolated).toBe(true);
  const device = await createDevice({ device: 'wasm', threads: 2 });
  expect(info(device)).toMatchObject({ threads: 2 });
  device.dispose();
});
