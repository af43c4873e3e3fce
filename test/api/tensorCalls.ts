import * as T from '@adjoint/tensor';
import {
  type BadCall,
  bad,
  each,
  type Loose,
  notCounts,
  notDevices,
  notNumbers,
  notOptions,
  notShapes,
  notTensors,
} from './badCall.js';
import type { Given } from './given.js';

const loose = T as unknown as Record<string, Loose>;

/** Wrong tensors for a function of one. */
const ofTensor = (name: string): BadCall[] => [
  ...each(notTensors, (value) => loose[name]!(value)),
  bad('a disposed tensor', ({ disposed }) => loose[name]!(disposed)),
];

/** Wrong options for a creation function; `args` come before them. */
const ofCreation = (name: string, ...args: unknown[]): BadCall[] => [
  ...each({ ...notOptions, ...notDevices, 'an unknown dtype': { dtype: 'f16' } }, (options) =>
    loose[name]!(...args, options),
  ),
  bad('a dtype of double precision', () => loose[name]!(...args, { dtype: 'f64' })),
  bad('a dtype named like a method', () => loose[name]!(...args, { dtype: 'toString' })),
  bad('a disposed device', ({ disposedDevice }) => loose[name]!(...args, { device: disposedDevice })),
];

const creation: Record<string, BadCall[]> = {
  tensor: [
    ...each(
      { null: null, text: 'x', 'a function': () => 0, undefined, 'big integers': new BigInt64Array(2) },
      (x) => loose.tensor!(x),
    ),
    bad('ragged arrays', () => T.tensor([[1, 2], [3]])),
    bad('text inside', () => loose.tensor!([1, 'x'])),
    bad('a complex number in a real dtype', () => T.tensor([{ re: 0, im: 1 }], { dtype: 'f32' })),
    bad('an odd number of parts', () => T.tensor(new Float32Array(3), { dtype: 'c64' })),
    bad('a shape of other size', () => T.tensor([1, 2, 3], { shape: [2, 2] })),
    ...each(notShapes, (shape) => loose.tensor!([1, 2], { shape })),
    bad('more than the budget', () => T.tensor(new Float32Array(2 ** 21))),
    ...ofCreation('tensor', [1, 2]),
  ],
  scalar: [
    ...each({ null: null, text: 'x', 'an array': [1] }, (x) => loose.scalar!(x)),
    ...ofCreation('scalar', 1),
  ],
  ...Object.fromEntries(
    ['zeros', 'ones'].map((name) => [
      name,
      [
        ...each(notShapes, (shape) => loose[name]!(shape)),
        bad('more than the budget', () => loose[name]!([2 ** 21])),
        ...ofCreation(name, [2]),
      ],
    ]),
  ),
  ...Object.fromEntries(
    ['zerosLike', 'onesLike'].map((name) => [
      name,
      [
        ...ofTensor(name),
        ...each({ ...notOptions, ...notDevices, 'an unknown dtype': { dtype: 'f16' } }, (options, { x }) =>
          loose[name]!(x, options),
        ),
      ],
    ]),
  ),
  full: [
    ...each({ text: 'x', null: null, 'an array': [1] }, (value) => loose.full!([2], value)),
    bad('a complex value in a real dtype', () => T.full([2], { re: 0, im: 1 }, { dtype: 'f32' })),
    ...ofCreation('full', [2], 1),
  ],
  iota: [
    ...each(notCounts, (n) => loose.iota!(n)),
    bad('more than the budget', () => T.iota(2 ** 21)),
    ...each({ ...notOptions, ...notDevices }, (options) => loose.iota!(3, options)),
  ],
  arange: [
    ...each(notNumbers, (x) => loose.arange!(x)),
    ...each({ NaN: Number.NaN, text: '3' }, (x) => loose.arange!(0, x)),
    bad('step 0', () => T.arange(0, 3, 0)),
    bad('step NaN', () => T.arange(0, 3, Number.NaN)),
    bad('more than any memory', () => T.arange(0, 1e300)),
    bad('more than the budget', () => T.arange(0, 2 ** 40, 0.5)),
    ...ofCreation('arange', 0, 3, 1),
  ],
  linspace: [
    ...each(notNumbers, (x) => loose.linspace!(x, 1, 3)),
    ...each(notNumbers, (x) => loose.linspace!(0, x, 3)),
    ...each(notCounts, (n) => loose.linspace!(0, 1, n)),
    bad('more than the budget', () => T.linspace(0, 1, 2 ** 50)),
    ...ofCreation('linspace', 0, 1, 3),
  ],
  eye: [
    ...each(notCounts, (n) => loose.eye!(n)),
    ...each(notCounts, (m) => loose.eye!(2, m)),
    bad('more than the budget', () => T.eye(2 ** 30)),
    ...ofCreation('eye', 2, 2),
  ],
  toDevice: [
    ...each(notTensors, (x, { device }) => loose.toDevice!(x, device)),
    bad('a disposed tensor', ({ disposed, device }) => T.toDevice(disposed, device)),
    ...each({ null: null, 'a name': 'wasm', undefined }, (device, { x }) => loose.toDevice!(x, device)),
    bad('a disposed device', ({ x, disposedDevice }) => T.toDevice(x, disposedDevice)),
  ],
  key: [...each({ ...notOptions, ...notDevices }, (options) => loose.key!(7, options))],
  ...Object.fromEntries(
    ['uniform', 'normal', 'complexNormal'].map((name) => [
      name,
      each({ ...notOptions, 'an integer dtype': { dtype: 'i32' } }, (options, { key }) =>
        loose[name]!(key, [2], options),
      ),
    ]),
  ),
};

const devices: Record<string, BadCall[]> = {
  ...Object.fromEntries(
    ['init', 'createDevice'].map((name) => [
      name,
      each(
        {
          ...notOptions,
          'an unknown device': { device: 'gpu' },
          'negative threads': { threads: -1 },
          'NaN threads': { threads: Number.NaN },
          'budget 0': { memoryBudget: 0 },
          'an infinite budget': { memoryBudget: Number.POSITIVE_INFINITY },
          'text for a flag': { deterministic: 'yes' },
        },
        (options) => loose[name]!(options),
      ),
    ]),
  ),
  withDevice: [
    ...each({ null: null, 'a name': 'wasm' }, (device) => loose.withDevice!(device, () => 0)),
    bad('no function', ({ device }) => loose.withDevice!(device, 3)),
    bad('a disposed device', ({ disposedDevice }) => T.withDevice(disposedDevice, () => 0)),
    bad('an asynchronous function', ({ device }) => T.withDevice(device, async () => 0)),
  ],
  currentDevice: [
    bad('a device disposed meanwhile', async () => {
      const device = await T.createDevice({ device: 'reference' });
      return T.withDevice(device, () => {
        device.dispose();
        return T.currentDevice('currentDevice');
      });
    }),
  ],
  info: each({ null: null, 'a name': 'wasm' }, (device) => loose.info!(device)),
  memory: each({ null: null, 'a name': 'wasm' }, (device) => loose.memory!(device)),
  jit: [
    ...each({ null: null, 'a value': 3 }, (fn) => loose.jit!(fn)),
    ...each(
      { ...notOptions, 'a list of no indices': { donate: [-1] }, 'one index': { donate: 0 } },
      (options) => loose.jit!((x: T.Tensor) => x, options),
    ),
    bad('check that is no boolean', () => loose.jit!((x: T.Tensor) => x, { check: 1 })),
    bad('an asynchronous function', ({ x }) => T.jit(async (y: T.Tensor) => y)(x)),
    bad('a disposed argument', ({ disposed }) => T.jit((y: T.Tensor) => y)(disposed)),
    bad('arguments of two devices', ({ x, elsewhere }) =>
      T.jit((y: T.Tensor, z: T.Tensor) => [y, z])(x, elsewhere),
    ),
    ...each({ 'a map': new Map(), 'a typed array': new Float32Array(2), 'a function': () => 0 }, (value) =>
      loose.jit!((y: unknown) => y)(value),
    ),
  ],
  explain: [
    ...each({ null: null, 'a function that is not compiled': () => 0 }, (fn) => loose.explain!(fn)),
    bad('a disposed argument', ({ disposed }) =>
      T.explain(
        T.jit((y: T.Tensor) => y),
        disposed,
      ),
    ),
  ],
  scope: [
    ...each({ null: null, 'a value': 3 }, (fn) => loose.scope!(fn)),
    bad('an asynchronous function', () => T.scope(async () => 0)),
  ],
  setConvAlgorithm: each({ unknown: 'fft', undefined, null: null }, (name) => loose.setConvAlgorithm!(name)),
};

const reading: Record<string, BadCall[]> = {
  read: ofTensor('read'),
  toArray: ofTensor('toArray'),
  item: [...ofTensor('item'), bad('several elements', ({ x }) => T.item(x))],
  stopGradient: ofTensor('stopGradient'),
  Tensor: [
    bad('x.add of text', ({ x }) => (x as unknown as Record<string, Loose>).add!('x'), 'add'),
    bad('x.matmul of another shape', ({ x }) => x.matmul(x), 'matmul'),
    bad('x.sum over an axis that is not there', ({ x }) => x.sum({ axes: 2 }), 'sum'),
    bad('data of a disposed tensor', ({ disposed }) => disposed.data(), 'data'),
    bad('item of several elements', ({ x }) => x.item(), 'item'),
  ],
};

const files: Record<string, BadCall[]> = {
  ...Object.fromEntries(
    ['decodeNpy', 'decodeNpz', 'decodeSafetensors'].map((name) => [
      name,
      [
        ...each(
          {
            null: null,
            text: 'x',
            'an array': [1],
            empty: new Uint8Array(),
            'other bytes': new Uint8Array(99),
          },
          (x) => loose[name]!(x),
        ),
        ...each({ ...notOptions, ...notDevices }, (options, { npy }) => loose[name]!(npy, options)),
      ],
    ]),
  ),
  ...Object.fromEntries(
    ['loadNpy', 'loadNpz', 'loadSafetensors'].map((name) => [
      name,
      [
        ...each({ null: null, 'a number': 3, 'no such file': '/nowhere/x.npy', 'a folder': '/' }, (path) =>
          loose[name]!(path),
        ),
        ...each(notOptions, (options) => loose[name]!('/nowhere/x.npy', options)),
      ],
    ]),
  ),
  encodeNpy: ofTensor('encodeNpy'),
  saveNpy: [
    ...each(notTensors, (x) => loose.saveNpy!('/nowhere/x.npy', x)),
    ...each({ null: null, 'a number': 3, 'no such folder': '/nowhere/x.npy' }, (path, { x }) =>
      loose.saveNpy!(path, x),
    ),
  ],
  ...Object.fromEntries(
    ['encodeNpz', 'encodeSafetensors'].map((name) => [
      name,
      [
        ...each({ null: null, text: 'x', 'a list': [1], 'numbers by name': { a: 1 } }, (tensors) =>
          loose[name]!(tensors),
        ),
        bad('a disposed tensor', ({ disposed }) => loose[name]!({ disposed })),
      ],
    ]),
  ),
  ...Object.fromEntries(
    ['saveNpz', 'saveSafetensors'].map((name) => [
      name,
      [
        ...each({ null: null, 'numbers by name': { a: 1 } }, (tensors) =>
          loose[name]!('/nowhere/x', tensors),
        ),
        ...each({ null: null, 'no such folder': '/nowhere/x' }, (path, { x }) => loose[name]!(path, { x })),
      ],
    ]),
  ),
};
files.decodeNpz!.push(
  ...each({ 'names no list': { names: 3 }, 'negative maxBytes': { maxBytes: -1 } }, (options, { npy }) =>
    loose.decodeNpz!(npy, options),
  ),
);
files.encodeNpz!.push(
  ...each({ ...notOptions, 'text for a flag': { compress: 'yes' } }, (options, { x }) =>
    loose.encodeNpz!({ x }, options),
  ),
  bad('an empty name', ({ x }) => T.encodeNpz({ '': x })),
);
files.encodeSafetensors!.push(
  ...each({ null: null, 'a number': 3, 'numbers by name': { a: 1 } }, (metadata, { x }) =>
    loose.encodeSafetensors!({ x }, metadata),
  ),
);

const { linalg } = loose as unknown as { linalg: Record<string, Loose> };
/** Wrong matrices for a function of one. */
const ofMatrix = (name: string, ...more: BadCall[]): BadCall[] => [
  ...each(notTensors, (a) => linalg[name]!(a)),
  bad('a disposed tensor', ({ disposed }) => linalg[name]!(disposed)),
  bad('a scalar', ({ scalar }) => linalg[name]!(scalar)),
  bad('integers', ({ integers }) => linalg[name]!(integers)),
  bad('NaN', ({ nan }) => linalg[name]!(nan)),
  ...more,
];
const notSquare = (name: string) => bad('not square', ({ x }: Given) => linalg[name]!(x));
/** Wrong pairs for A x = b. */
const ofPair = (name: string): BadCall[] => [
  ...each(notTensors, (b, { square }) => linalg[name]!(square, b)),
  ...each(notTensors, (a, { square }) => linalg[name]!(a, square)),
  bad('a right side of another length', ({ square, integers }) => linalg[name]!(square, integers)),
  bad('a right side of three rows', ({ square, z }) => linalg[name]!(square, z.transpose())),
  bad('a right side elsewhere', ({ square, elsewhere }) => linalg[name]!(square, elsewhere)),
];

const linearAlgebra: Record<string, BadCall[]> = {
  'linalg.eigh': ofMatrix(
    'eigh',
    notSquare('eigh'),
    bad('not Hermitian', ({ square }) => linalg.eigh!(square)),
  ),
  'linalg.cholesky': ofMatrix(
    'cholesky',
    notSquare('cholesky'),
    bad('not positive definite', ({ singular }) => linalg.cholesky!(singular)),
  ),
  'linalg.svd': ofMatrix('svd'),
  'linalg.qr': ofMatrix('qr'),
  'linalg.solve': [
    ...ofPair('solve'),
    bad('a singular matrix', ({ singular, square }) => linalg.solve!(singular, square)),
  ],
  'linalg.lstsq': [
    ...ofPair('lstsq'),
    ...each(
      { ...notOptions, 'negative rcond': { rcond: -1 }, 'NaN rcond': { rcond: Number.NaN } },
      (options, { square }) => linalg.lstsq!(square, square, options),
    ),
  ],
};

const wavelets: Record<string, BadCall[]> = {
  waveletFilters: each({ unknown: 'db99', null: null, 'a method of objects': 'toString' }, (name) =>
    loose.waveletFilters!(name),
  ),
  dwtMaxLevel: [
    ...each(notCounts, (n) => loose.dwtMaxLevel!(n, 'haar')),
    bad('an unknown wavelet', () => T.dwtMaxLevel(8, 'db99')),
  ],
  coefficientShapes: [
    ...each({ ...notShapes, 'three sizes': [2, 2, 2] }, (size) => loose.coefficientShapes!(size, 'haar')),
    bad('an unknown wavelet', () => T.coefficientShapes([8, 8], 'db99')),
    ...each(
      { ...notOptions, 'an unknown mode': { mode: 'mirror' }, 'a negative level': { level: -1 } },
      (options) => loose.coefficientShapes!([8, 8], 'haar', options),
    ),
  ],
  sparseMatrix: [
    ...each(notCounts, (n) => loose.sparseMatrix!(n, 2, [])),
    ...each(notCounts, (n) => loose.sparseMatrix!(2, n, [])),
    ...each(
      {
        'no list': 3,
        'entries that are no triples': [[0, 1]],
        'an entry outside': [[0, 2, 1]],
        'a negative row': [[-1, 0, 1]],
        'a weight that is not finite': [[0, 0, Number.NaN]],
      },
      (entries) => loose.sparseMatrix!(2, 2, entries),
    ),
  ],
};

/** Functions for those who write ops. */
const extending: Record<string, BadCall[]> = {
  apply: [
    bad('a disposed tensor', ({ disposed }) => T.apply(identityLike, [disposed], undefined), 'mine'),
    bad('no tensor', () => loose.apply!(identityLike, [3], undefined), 'mine'),
    bad('two devices', ({ x, elsewhere }) => T.apply(identityLike, [x, elsewhere], undefined), 'mine'),
  ],
  apply1: [bad('no tensor', () => loose.apply1!(identityLike, ['x'], undefined), 'mine')],
  checkTensor: [
    ...each(notTensors, (x) => loose.checkTensor!('checkTensor', 'x', x)),
    bad('a disposed tensor', ({ disposed }) => T.checkTensor('checkTensor', 'x', disposed)),
  ],
  checkInteger: each(notCounts, (n) => loose.checkInteger!('checkInteger', 'n', n, { min: 0 })),
  checkNumber: each(notNumbers, (x) => loose.checkNumber!('checkNumber', 'x', x)),
  checkChoice: each({ unknown: 'c', null: null }, (x) =>
    loose.checkChoice!('checkChoice', 'x', x, ['a', 'b']),
  ),
  checkFloating: [
    ...each(notTensors, (x) => loose.checkFloating!('checkFloating', 'x', x)),
    bad('integers', ({ integers }) => T.checkFloating('checkFloating', 'x', integers)),
  ],
  checkFunction: each({ null: null, text: 'f' }, (f) => loose.checkFunction!('checkFunction', 'f', f)),
  refusePromise: [
    bad('a promise', () => T.refusePromise('refusePromise', 'f', Promise.reject(new Error('unheard')))),
  ],
  checkDevice: [
    ...each({ null: null, 'a name': 'wasm' }, (device) => loose.checkDevice!('checkDevice', 'x', device)),
    bad('a disposed device', ({ disposedDevice }) => T.checkDevice('checkDevice', 'x', disposedDevice)),
  ],
  deviceOption: each({ null: null, 'a name': 'wasm' }, (device) =>
    loose.deviceOption!('deviceOption', device),
  ),
  checkBoolean: each({ text: 'yes', 'a number': 1, null: null }, (x) =>
    loose.checkBoolean!('checkBoolean', 'x', x),
  ),
  checkOptions: each(notOptions, (x) => loose.checkOptions!('checkOptions', x, ['a'])),
  checkShape: each(notShapes, (shape) => loose.checkShape!('checkShape', 'shape', shape)),
  normaliseAxis: each({ ...notNumbers, 'too large': 2, 'too small': -3 }, (axis) =>
    loose.normaliseAxis!('normaliseAxis', axis, 2),
  ),
  normaliseAxes: each({ text: 'x', 'named twice': [0, -2], 'too large': [2], null: null }, (axes) =>
    loose.normaliseAxes!('normaliseAxes', axes, 2),
  ),
  broadcastShapes: [bad('sizes that do not fit', () => T.broadcastShapes('broadcastShapes', [2, 3], [2]))],
  ...Object.fromEntries(
    ['isComplex', 'isDifferentiable', 'isDouble', 'realOf', 'complexOf', 'promote'].map((name) => [
      name,
      each({ unknown: 'f16', null: null, 'a method of objects': 'toString' }, (dtype) =>
        loose[name]!(dtype, 'f32'),
      ),
    ]),
  ),
};

const identityLike = T.defineOp<undefined>({
  name: 'mine',
  infer: ([x]) => [x!],
  view: ({ shape, strides, offset }) => ({ shape, strides, offset }),
});

/** Wrong calls of the functions of `@adjoint/tensor` that no row of the op table covers. */
export const tensorCalls: Readonly<Record<string, readonly BadCall[]>> = {
  ...creation,
  ...devices,
  ...reading,
  ...files,
  ...linearAlgebra,
  ...wavelets,
  ...extending,
};
