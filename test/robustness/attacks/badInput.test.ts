import { cgSense, type Measurement, type Reconstructor, zeroFilled } from '@adjoint/mri';
import { type AttackOptions, assess, attack, convertBudget, transferMatrix } from '@adjoint/robustness';
import { type Device, init, mul, slice, tensor, zeros } from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AttackScene, attackScene } from './scene.js';

let device: Device;
let at: AttackScene;
beforeAll(async () => {
  device = await init({ device: 'wasm' });
  at = await attackScene();
});
afterAll(() => device.dispose());

const refusal = (method: Reconstructor, options: object, measurement: Measurement = at.m): Promise<Error> =>
  attack(method, measurement, { epsilon: 0.05, steps: 2, full: at.full, ...options } as AttackOptions).then(
    () => new Error('accepted'),
    (error) => error as Error,
  );

describe('options', () => {
  test.each([
    [{ epsilon: -0.1 }, 'attack: option epsilon must be a finite number >= 0; got -0.1.'],
    [{ epsilon: Number.NaN }, 'attack: option epsilon must be a finite number >= 0; got NaN.'],
    [{ epsilon: '0.1' }, 'attack: option epsilon must be a finite number >= 0; got "0.1".'],
    [
      { epsilon: 2 },
      /option epsilon must be at most 0\.\d+, where the perturbation is as large as the samples; got 2/,
    ],
    [{ steps: 0 }, /option steps/],
    [{ restarts: 0 }, /option restarts/],
    [{ norm: 'l1' }, /option norm/],
    [{ method: 'magic' }, /option method must be one of 'auto'/],
    [{ method: ['apgd', 'magic'] }, /option method\[1\] must be one of 'auto'/],
    [{ method: ['apgd', { method: 'magic' }] }, /option method\[1\]\.method must be one of 'auto'/],
    [{ method: ['apgd', { method: 'pgd', steps: 0 }] }, /option method\[1\]\.steps must be an integer >= 1/],
    [{ method: ['apgd', { method: 'pgd', epsilon: 1 }] }, /options must be made of/],
    [{ method: ['apgd', 3] }, /option method\[1\] must be a name, or \{ method, \.\.\. \}; got 3/],
    [{ method: [] }, /option method must be at least one attack; got \[\]/],
    [{ method: ['apgd', 'joint'] }, /the method zero-filled must be one with problem for 'joint'/],
    [{ through: 3 }, /the method must be \{ name, reconstruct/],
    [{ momentum: 2 }, /option momentum/],
    [{ stepSize: -1 }, /option stepSize/],
    [{ epsilonn: 1 }, /options must be made of/],
  ])('%j', async (options, message) => {
    expect((await refusal(zeroFilled(), options)).message).toMatch(message);
  });
});

describe('methods', () => {
  const zero = zeroFilled();
  const odd = (parts: Partial<Reconstructor>): Reconstructor => ({ ...zero, name: 'odd', ...parts });

  test.each<[string, () => Partial<Reconstructor>, RegExp]>([
    [
      'nothing to follow',
      () => ({ differentiable: undefined as never }),
      /the method odd must be one with differentiable/,
    ],
    [
      'throws',
      () => ({ reconstruct: () => Promise.reject(new Error('no licence')) }),
      /attack: odd failed on the clean samples: no licence/,
    ],
    [
      'throws in differentiable',
      () => ({
        differentiable: () => {
          throw new Error('no gradient today');
        },
      }),
      /no gradient today/,
    ],
    [
      'a wrong shape',
      () => ({ reconstruct: async () => zeros([5, 5]) }),
      /the image of odd from the clean samples must be a tensor \[32, 32\], as the reference; got \[5, 5\]/,
    ],
    ['no tensor', () => ({ reconstruct: async () => 3 as never }), /must be a tensor \[32, 32\]/],
    [
      'NaN',
      () => ({ reconstruct: async () => mul(zeros([32, 32]), Number.NaN) }),
      /the image of odd from the clean samples must be finite; got NaN or infinite pixels/,
    ],
    [
      'NaN in differentiable',
      () => ({ differentiable: (k, m) => mul(zero.differentiable!(k, m), Number.NaN) }),
      /the objective at the start must be finite/,
    ],
    [
      'a wrong shape in differentiable',
      () => ({ differentiable: (k, m) => slice(zero.differentiable!(k, m), [0]) }),
      /the image of odd must be \[height, width\], one for each slice/,
    ],
  ])('%s', async (_, parts, message) => {
    expect((await refusal(odd(parts()), {})).message).toMatch(message);
  });

  test('no method at all', async () => {
    expect((await refusal(undefined as never, {})).message).toMatch(
      /the method must be \{ name, reconstruct/,
    );
  });
});

describe('data', () => {
  test('NaN among the samples', async () => {
    const kspace = mul(at.m.kspace, Number.NaN);
    expect((await refusal(zeroFilled(), { full: undefined }, { ...at.m, kspace })).message).toMatch(/NaN/);
  });

  test('no reference and no full k-space', async () => {
    const { reference: _, ...rest } = at.m;
    const { message } = await refusal(zeroFilled(), { full: undefined }, rest);
    expect(message).toMatch(/the reference of the measurement must be an image to compare with/);
  });

  test('full k-space of another shape', async () => {
    expect((await refusal(cgSense(), { full: zeros([2, 32, 32], { dtype: 'c64' }) })).message).toMatch(
      /option full/,
    );
  });

  test('a perturbation of another shape, or with NaN', async () => {
    const wrong = (e: Parameters<typeof assess>[2]) => assess(zeroFilled(), at.m, e, { full: at.full });
    await expect(wrong(tensor([1, 2]))).rejects.toThrow(/the perturbation must be c64 \[4, 32, 32\]/);
    await expect(wrong(mul(at.full, Number.NaN))).rejects.toThrow(/the perturbation must be finite/);
  });

  test('transfer among methods of one name', async () => {
    const twice = [zeroFilled(), zeroFilled()];
    await expect(transferMatrix(twice, [at.m], { epsilons: [0.1] })).rejects.toThrow(/of different names/);
    await expect(transferMatrix([], [at.m], { epsilons: [0.1] })).rejects.toThrow(/methods must be an array/);
  });

  test('budgets', () => {
    const size = { full: 2, sampled: 1, maximum: 1, pixels: 4 };
    expect(() => convertBudget(-1, { from: 'kspace', to: 'snr' }, size)).toThrow(/value/);
    expect(() => convertBudget(1, { from: 'dB' as never, to: 'snr' }, size)).toThrow(/from must be one of/);
    expect(() => convertBudget(1, { from: 'snr', to: 'kspace' }, { ...size, full: 0 })).toThrow(
      /signal.full/,
    );
  });
});
