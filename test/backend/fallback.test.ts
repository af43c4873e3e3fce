import { add, createDevice, info, tensor } from '@adjoint/tensor';
import { afterEach, expect, test, vi } from 'vitest';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.doUnmock('node:worker_threads');
});

test('without SharedArrayBuffer kernels run on the calling thread, and info says why', async () => {
  vi.stubGlobal('SharedArrayBuffer', undefined);
  const device = await createDevice();
  expect(info(device)).toMatchObject({ threads: 0 });
  expect(info(device).description).toMatch(/on the calling thread.*there is no SharedArrayBuffer here/);
  expect(await add(tensor([1, 2], { device }), 1).toArray()).toEqual([2, 3]);
});

test('workers that do not start are replaced by the calling thread, and info says why', async () => {
  vi.doMock('node:worker_threads', () => ({
    Worker: class {
      constructor() {
        throw new Error('no workers today');
      }
    },
  }));
  const device = await createDevice({ threads: 2 });
  expect(info(device).description).toMatch(/on the calling thread.*workers did not start: no workers today/);
  expect(await add(tensor([1, 2], { device }), 1).toArray()).toEqual([2, 3]);
});
