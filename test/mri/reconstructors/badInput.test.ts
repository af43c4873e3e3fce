import {
  abs,
  type Device,
  greater,
  init,
  mul,
  NumericalError,
  real,
  slice,
  type Tensor,
  tensor,
  where,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cgSense, l1, totalVariation, zeroFilled } from '../../../packages/mri/src/reconstructors/index.js';
import { type Scene, scene } from './scene.js';

let device: Device;
let at: Scene;
beforeAll(async () => {
  device = await init({ device: 'wasm' });
  at = scene();
});
afterAll(() => device.dispose());

const methods = { zeroFilled, cgSense, l1, totalVariation };
const names = Object.keys(methods) as (keyof typeof methods)[];

describe.each(names)('%s refuses', (name) => {
  const refusal = (changes: object): Promise<Error> =>
    methods[name]()
      .reconstruct({ ...at, ...changes })
      .then(
        () => new Error('nothing was refused'),
        (error: Error) => error,
      );
  /** k-space with another value where it is large. */
  const spoilt = (value: number): Tensor => where(greater(abs(at.kspace), 3), tensor(value), at.kspace);

  it('NaN and infinite samples', async () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const error = await refusal({ kspace: spoilt(value) });
      expect(error).toBeInstanceOf(NumericalError);
      expect(error.message).toContain(`${name}: kspace must be finite where it is sampled`);
    }
  });

  it('data that are all 0', async () => {
    const error = await refusal({ kspace: mul(at.kspace, 0) });
    expect(error.message).toContain(`${name}: kspace must be not all 0 where it is sampled; got only zeros.`);
  });

  it('an empty mask', async () => {
    const error = await refusal({ mask: mul(at.mask, 0) });
    expect(error.message).toBe(`${name}: mask must be to keep at least one sample; got only zeros.`);
  });

  it('a mask of another width', async () => {
    const error = await refusal({ mask: slice(at.mask, [[0, 30]]) });
    expect(error.message).toBe(
      `${name}: mask must be [40] or [48, 40] to match kspace [4, 48, 40]; got [30].`,
    );
  });

  it('maps of other coils', async () => {
    const error = await refusal({ maps: slice(at.maps, [[0, 3]]) });
    expect(error.message).toContain(`${name}: maps must be [4, 48, 40] to match kspace; got [3, 48, 40].`);
  });

  it('real k-space', async () => {
    const error = await refusal({ kspace: real(at.kspace) });
    expect(error.message).toContain(
      `${name}: kspace must be complex [..., coils, H, W]; got f32 [4, 48, 40].`,
    );
  });
});

it('what is NaN where nothing was sampled does not count', async () => {
  const broken = where(at.mask, at.kspace, tensor(Number.NaN));
  for (const name of names) {
    const method = methods[name]();
    const [a, b] = [await method.reconstruct({ ...at, kspace: broken }), await method.reconstruct(at)];
    expect(await a.data()).toEqual(await b.data());
  }
});
