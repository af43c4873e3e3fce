import * as M from '@adjoint/mri';
import { type BadCall, bad, each, notCounts, notTensors } from '../badCall.js';
import { loose, notImages, notMeasurements, ofImages, optionsOf } from './badMri.js';

/** Where a function takes samples, or a measurement. */
const ofSource = (name: string): BadCall[] => [
  ...each(notMeasurements, (source) => loose[name]!(source)),
  bad('a disposed tensor', ({ disposed }) => loose[name]!(disposed)),
  bad('integers', ({ integers }) => loose[name]!(integers)),
  bad('samples without coils', ({ z }) => loose[name]!(z)),
  bad('NaN', ({ broken }) => loose[name]!(broken)),
  bad('no signal', ({ silent }) => loose[name]!(silent)),
];

const mapOptions = {
  'calibration 0': { calibration: 0 },
  'calibration a fraction': { calibration: 2.5 },
  'crop above 1': { crop: 2 },
  'crop NaN': { crop: Number.NaN },
  'mask a number': { mask: 3 },
};
const espiritOptions = {
  'kernel 0': { kernel: 0 },
  'kernel text': { kernel: '6' },
  'threshold 1': { threshold: 1 },
  'sets more than coils': { sets: 3 },
  'rotatePhase text': { rotatePhase: 'yes' },
};

export const coils: Record<string, BadCall[]> = {
  compressCoils: [
    ...ofImages('compressCoils'),
    ...each({ ...notCounts, 'more than there are': 3, zero: 0, text: '1' }, (n, { kspace }) =>
      loose.compressCoils!(kspace, n),
    ),
    bad('NaN', ({ broken }) => M.compressCoils(broken, 1)),
  ],
  espirit: [
    ...ofSource('espirit'),
    ...optionsOf({ ...mapOptions, ...espiritOptions }, (options, { kspace }) =>
      loose.espirit!(kspace, options),
    ),
    bad('a mask of another width', ({ kspace, x }) => M.espirit(kspace, { mask: x })),
    bad('a centre smaller than the kernel', ({ kspace }) => M.espirit(kspace, { kernel: 9 })),
  ],
  espiritEigenmaps: [
    ...ofSource('espiritEigenmaps'),
    ...optionsOf(espiritOptions, (options, { kspace }) => loose.espiritEigenmaps!(kspace, options)),
  ],
  lowResolutionMaps: [
    ...ofSource('lowResolutionMaps'),
    ...optionsOf(mapOptions, (options, { kspace }) => loose.lowResolutionMaps!(kspace, options)),
  ],
  rss: ofImages(
    'rss',
    bad('images without coils', ({ image }) => M.rss(image)),
  ),
  senseCombine: [
    ...each(notImages, (images, { maps }) => loose.senseCombine!(images, maps)),
    ...each(notImages, (maps, { kspace }) => loose.senseCombine!(kspace, maps)),
    bad('maps of another size', ({ kspace, maps }) => M.senseCombine(kspace, maps.slice([null, [0, 4]]))),
  ],
  whiten: [
    ...each(notImages, (kspace, { kspace: noise }) => loose.whiten!(kspace, noise)),
    ...each(notImages, (noise, { kspace }) => loose.whiten!(kspace, noise)),
    bad('noise of other coils', ({ kspace, image }) => M.whiten(kspace, image)),
    bad('silent noise', ({ kspace, silent }) => M.whiten(kspace, silent)),
  ],
};

const notSpaces = {
  null: null,
  'no shape': { dtype: 'c64' },
  'one axis': { shape: [4], dtype: 'c64' },
  'a negative size': { shape: [4, -1], dtype: 'c64' },
  integers: { shape: [4, 4], dtype: 'i32' },
  'an unknown dtype': { shape: [4, 4], dtype: 'f16' },
};
const ofSpace = (name: string, ...more: BadCall[]): BadCall[] => [
  ...each(notSpaces, (space) => loose[name]!(space)),
  ...more,
];
const coilOptions = {
  'sets text': { sets: 'yes' },
  'batch a number': { batch: 2 },
  'batch negative': { batch: [-1] },
};
const space = { shape: [8, 8], dtype: 'c64' } as const;

/** Wrong uses of a function of maps and mask. */
const ofSense = (name: string): BadCall[] => [
  ...each(notImages, (maps, { mask }) => loose[name]!(maps, mask)),
  ...each(notImages, (mask, { maps }) => loose[name]!(maps, mask)),
  bad('maps without coils', ({ image, mask }) => loose[name]!(image, mask)),
  bad('a complex mask', ({ maps, kspace }) => loose[name]!(maps, kspace)),
  bad('a mask of another width', ({ maps, x }) => loose[name]!(maps, x)),
  ...optionsOf(coilOptions, (options, { maps, mask }) => loose[name]!(maps, mask, options)),
];

export const operators: Record<string, BadCall[]> = {
  centredFftOperator: ofSpace(
    'centredFftOperator',
    bad('a real space', () => M.centredFftOperator({ shape: [4, 4], dtype: 'f32' })),
    ...optionsOf(
      { 'axes out of range': { axes: [2] }, 'axes twice': { axes: [0, 0] }, 'axes text': { axes: 'x' } },
      (o) => loose.centredFftOperator!(space, o),
    ),
  ),
  coilWeighting: [
    ...ofImages('coilWeighting'),
    bad('maps without coils', ({ image }) => M.coilWeighting(image)),
    ...optionsOf(coilOptions, (options, { maps }) => loose.coilWeighting!(maps, options)),
  ],
  dct2: ofImages('dct2'),
  idct2: ofImages('idct2'),
  dctOperator: ofSpace('dctOperator'),
  finiteDifference: ofImages(
    'finiteDifference',
    bad('integers', ({ integers }) => M.finiteDifference(integers)),
  ),
  finiteDifferenceOperator: ofSpace('finiteDifferenceOperator'),
  toHybrid: ofImages('toHybrid'),
  fromHybrid: ofImages('fromHybrid'),
  sense: ofSense('sense'),
  senseHybrid: [
    ...ofSense('senseHybrid'),
    bad('a mask of rows and columns', ({ maps, image }) => M.senseHybrid(maps, image)),
  ],
  senseSystem: [
    ...each(notImages, (maps, { mask, kspace }) => loose.senseSystem!(maps, mask, kspace)),
    ...each(notImages, (mask, { maps, kspace }) => loose.senseSystem!(maps, mask, kspace)),
    ...each(notImages, (kspace, { maps, mask }) => loose.senseSystem!(maps, mask, kspace)),
    bad('samples of another size', ({ maps, mask, z }) => M.senseSystem(maps, mask, z)),
    ...optionsOf(coilOptions, (o, { maps, mask, kspace }) => loose.senseSystem!(maps, mask, kspace, o)),
  ],
  sampling: [
    ...each(notImages, (mask) => loose.sampling!(mask, space)),
    ...each(notSpaces, (wrong, { mask }) => loose.sampling!(mask, wrong)),
    bad('a mask of another width', ({ x }) => M.sampling(x, space)),
    bad('a complex mask', ({ z }) => M.sampling(z, space)),
  ],
  waveletOperator: ofSpace(
    'waveletOperator',
    ...optionsOf(
      {
        'wavelet unknown': { wavelet: 'db99' },
        'wavelet a number': { wavelet: 4 },
        'level negative': { level: -1 },
        'level a fraction': { level: 1.5 },
        'mode unknown': { mode: 'mirror' },
      },
      (options) => loose.waveletOperator!(space, options),
    ),
  ),
};

const notMasks = { ...notTensors, 'a number': 3, 'no values': { shape: [8] } };
const lines = { width: 32, acceleration: 4, centerFraction: 0.08, seed: 1 };
const lineOptions = {
  'width missing': { acceleration: 4, centerFraction: 0.08 },
  'width 0': { ...lines, width: 0 },
  'width a fraction': { ...lines, width: 31.5 },
  'acceleration missing': { width: 32, centerFraction: 0.08 },
  'acceleration below 1': { ...lines, acceleration: 0.5 },
  'acceleration text': { ...lines, acceleration: '4' },
  'acceleration an empty list': { ...lines, acceleration: [] },
  'centerFraction above 1': { ...lines, centerFraction: 1.5 },
  'centerFraction NaN': { ...lines, centerFraction: Number.NaN },
  'lists of different lengths': { ...lines, acceleration: [4, 8], centerFraction: [0.08] },
  'seed negative': { ...lines, seed: -1 },
  'seed null': { ...lines, seed: {} },
};
const ofLines = (name: string, more: Readonly<Record<string, unknown>> = {}): BadCall[] =>
  optionsOf({ missing: undefined, ...lineOptions, ...more }, (options) => loose[name]!(options));
const offsets = {
  'offset negative': { ...lines, offset: -1 },
  'offset a fraction': { ...lines, offset: 0.5 },
};
const plane = { height: 16, width: 16, acceleration: 4 };
const mask = (): M.Mask => M.randomMask(lines);

export const samplings: Record<string, BadCall[]> = {
  randomMask: ofLines('randomMask'),
  equispacedMask: ofLines('equispacedMask', offsets),
  equispacedFractionMask: ofLines('equispacedFractionMask', offsets),
  magicMask: ofLines('magicMask', offsets),
  magicFractionMask: ofLines('magicFractionMask', offsets),
  gaussianMask2d: optionsOf(
    {
      missing: undefined,
      'height missing': { width: 16, acceleration: 4 },
      'width 0': { ...plane, width: 0 },
      'acceleration below 1': { ...plane, acceleration: 0.5 },
      'centerFraction too large': { ...plane, centerFraction: 0.9 },
      'standardDeviation 0': { ...plane, standardDeviation: 0 },
      'seed an object': { ...plane, seed: {} },
    },
    (options) => loose.gaussianMask2d!(options),
  ),
  studyMask: optionsOf(
    {
      missing: undefined,
      'width missing': { acceleration: 4 },
      'acceleration 0': { width: 32, acceleration: 0 },
      'type unknown': { width: 32, type: 'spiral' },
      'mode unknown': { width: 32, mode: 'exact' },
      'acquiredColumns too many': { width: 32, acquiredColumns: 33 },
    },
    (options) => loose.studyMask!(options),
  ),
  detectMask: [...ofImages('detectMask'), bad('zeros', ({ silent }) => M.detectMask(silent))],
  maskTensor: [
    ...each(notMasks, (wrong) => loose.maskTensor!(wrong)),
    ...optionsOf({ 'device a name': { device: 'wasm' } }, (options) => loose.maskTensor!(mask(), options)),
  ],
  NumpyRandom: each(
    {
      missing: undefined,
      null: null,
      negative: -1,
      'a fraction': 0.5,
      'an empty list': [],
      'too large': 2 ** 32,
    },
    (seed) => new M.NumpyRandom(seed as number),
  ),
  undersample: [
    ...each(notMeasurements, (measurement, given) => loose.undersample!(measurement, given.mask)),
    ...each(notMasks, (wrong, { kspace, mask: all }) => loose.undersample!({ kspace, mask: all }, wrong)),
    bad('a mask of another width', ({ kspace, mask: all, x }) => M.undersample({ kspace, mask: all }, x)),
  ],
  zeroOutside: [
    ...each(notMasks, (wrong) => loose.zeroOutside!(wrong, 0, 8)),
    ...each({ ...notCounts, 'behind the end': 8 }, (first) => loose.zeroOutside!(mask(), first, 8)),
    ...each({ ...notCounts, 'beyond the mask': 33 }, (end) => loose.zeroOutside!(mask(), 0, end)),
  ],
};

export const general: Record<string, BadCall[]> = {
  breathing: each({ null: null, 'a number': 3, 'a signal that is none': { signal: 1 } }, (options) =>
    loose.breathing!(options),
  ),
  cropCentre: [
    ...each(notImages, (x) => loose.cropCentre!(x, [2, 2])),
    bad('a vector', ({ mask: all }) => M.cropCentre(all, [2, 2])),
    ...each(
      {
        missing: undefined,
        null: null,
        'a number': 4,
        'one size': [4],
        zero: [0, 4],
        'a fraction': [1.5, 2],
      },
      (crop, { image }) => loose.cropCentre!(image, crop),
    ),
  ],
  colourMap: each({ unknown: 'jet', null: null, 'a method of objects': 'toString' }, (name) =>
    loose.colourMap!(name),
  ),
  paint: [
    ...each({ null: null, 'a number': 3 }, (values) => loose.paint!(values, { low: 0, high: 1 }, 'gray')),
    ...each({ null: null, 'no low': { high: 1 }, 'NaN high': { low: 0, high: Number.NaN } }, (window) =>
      loose.paint!([1], window, 'gray'),
    ),
    bad('an unknown map', () => loose.paint!([1], { low: 0, high: 1 }, 'jet')),
  ],
};
