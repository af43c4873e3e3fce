import { dotTest, type LinearOperator } from '@adjoint/autograd';
import {
  complexNormal,
  type Device,
  type DType,
  init,
  key,
  normal,
  type Tensor,
  withDevice,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, it } from 'vitest';
import {
  centredFftOperator,
  coilWeighting,
  dctOperator,
  finiteDifferenceOperator,
  sampling,
  sense,
  senseHybrid,
  waveletOperator,
} from '../../../packages/mri/src/operators/index.js';

const devices: Device[] = [];
beforeAll(async () => {
  devices.push(await init({ device: 'reference' }), await init({ device: 'wasm', threads: 2 }));
});
afterAll(() => {
  for (const device of devices) device.dispose();
});

/** How an operator is made, where tensors and spaces are of the given precision. */
interface Maker {
  real(...shape: number[]): Tensor;
  complex(...shape: number[]): Tensor;
  space(...shape: number[]): { shape: number[]; dtype: DType };
  realSpace(...shape: number[]): { shape: number[]; dtype: DType };
}

function maker(isDouble: boolean): Maker {
  const [realType, complexType] = isDouble ? (['f64', 'c128'] as const) : (['f32', 'c64'] as const);
  let seed = 0;
  return {
    real: (...shape) => normal(key(seed++), shape, { dtype: realType }),
    complex: (...shape) => complexNormal(key(seed++), shape, { dtype: complexType }),
    space: (...shape) => ({ shape, dtype: complexType }),
    realSpace: (...shape) => ({ shape, dtype: realType }),
  };
}

const wavelets = ['haar', 'db2', 'db5', 'db10', 'sym2', 'sym8', 'bior4.4'];
const modes = ['periodization', 'zero', 'symmetric', 'periodic'] as const;

const operators: Record<string, (make: Maker) => LinearOperator[]> = {
  centredFft: (make) => [
    centredFftOperator(make.space(7, 5)),
    centredFftOperator(make.space(2, 1, 6)),
    centredFftOperator(make.space(3, 4, 9), { axes: [-1] }),
  ],
  sampling: (make) => [
    sampling(make.real(6), make.space(3, 5, 6)),
    sampling(make.real(5, 6), make.space(3, 5, 6)),
    sampling(make.real(1), make.realSpace(4, 1)),
  ],
  coilWeighting: (make) => [
    coilWeighting(make.complex(3, 5, 4)),
    coilWeighting(make.complex(2, 1, 5, 1)),
    coilWeighting(make.real(3, 5, 4)),
    coilWeighting(make.complex(2, 3, 5, 4), { sets: true }),
    coilWeighting(make.complex(3, 5, 4), { batch: [2] }),
    coilWeighting(make.complex(1, 2, 3, 5, 4), { sets: true, batch: [2] }),
  ],
  'sense of whole columns': (make) => [
    sense(make.complex(3, 7, 5), make.real(5)),
    sense(make.complex(2, 3, 7, 6), make.real(6)),
    sense(make.complex(1, 1, 5), make.real(5)),
    sense(make.complex(4, 6, 1), make.real(1)),
    sense(make.complex(2, 3, 7, 5), make.real(5), { sets: true }),
  ],
  'sense of a 2-D pattern': (make) => [
    sense(make.complex(3, 7, 5), make.real(7, 5)),
    sense(make.complex(2, 3, 4, 6), make.real(4, 6)),
    sense(make.complex(3, 4, 6), make.real(4, 6), { batch: [2] }),
    sense(make.complex(1, 2, 3, 4, 6), make.real(4, 6), { sets: true }),
  ],
  senseHybrid: (make) => [
    senseHybrid(make.complex(3, 7, 5), make.real(5)),
    senseHybrid(make.complex(2, 2, 3, 4, 6), make.real(6), { sets: true }),
  ],
  finiteDifference: (make) => [
    finiteDifferenceOperator(make.space(7, 5)),
    finiteDifferenceOperator(make.realSpace(2, 1, 4)),
    finiteDifferenceOperator(make.space(1, 1)),
  ],
  dct: (make) => [
    dctOperator(make.space(7, 6)),
    dctOperator(make.realSpace(2, 5, 1)),
    dctOperator(make.space(3, 1, 8)),
  ],
  ...Object.fromEntries(
    modes.map((mode) => [
      `wavelet, ${mode}`,
      (make: Maker) => [
        ...wavelets.map((wavelet) => waveletOperator(make.space(12, 20), { wavelet, level: 2, mode })),
        ...wavelets.map((wavelet) => waveletOperator(make.realSpace(13, 10), { wavelet, level: 3, mode })),
        waveletOperator(make.space(2, 1, 7), { wavelet: 'db4', level: 1, mode }),
        waveletOperator(make.space(9, 6), { wavelet: 'db2', level: 0, mode }),
        waveletOperator(make.space(40, 24), { mode }),
      ],
    ]),
  ),
};

describe.each([
  ['reference, f64', 0],
  ['wasm, f32', 1],
] as const)('adjoint, linearity, normal and pullbacks on %s', (_, which) => {
  it.each(Object.keys(operators))('%s', async (name) => {
    const device = devices[which]!;
    for (const operator of withDevice(device, () => operators[name]!(maker(which === 0))))
      await dotTest(operator, { device, name: `${name} of ${operator.domain.shape}` });
  });
});
