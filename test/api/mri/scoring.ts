import * as M from '@adjoint/mri';
import { type BadCall, bad, each } from '../badCall.js';
import { loose, notImages, optionsOf } from './badMri.js';

const matching = { 'matching unknown': { matching: 'both' } };
const range = {
  'dataRange unknown': { dataRange: 'pixel' },
  'dataRange 0': { dataRange: 0 },
  'dataRange NaN': { dataRange: Number.NaN },
};
const region = {
  'region unknown': { region: 'background' },
  'region outside': { region: { row: 4, column: 4, height: 8, width: 8 } },
  'region of another shape': { region: [[1, 0]] },
  'region empty': { region: Array.from({ length: 8 }, () => Array(8).fill(0)) },
};

/** Wrong uses of a score of two images. */
const ofPair = (name: string, options: Readonly<Record<string, unknown>>): BadCall[] => [
  ...each(notImages, (reference, { image }) => loose[name]!(reference, image)),
  ...each(notImages, (image, { image: reference }) => loose[name]!(reference, image)),
  ...each(
    {
      'uneven rows': [[1, 2], [3]],
      'text inside': [['a']],
      'data that do not fill a shape': { shape: [8, 8], data: [1] },
    },
    (images, { image }) => loose[name]!(images, image),
  ),
  bad('complex images', ({ z, x }) => loose[name]!(x, z)),
  bad('images of another size', ({ x, image }) => loose[name]!(image, x)),
  bad('vectors', ({ mask }) => loose[name]!(mask, mask)),
  bad('a disposed tensor', ({ disposed, image }) => loose[name]!(image, disposed)),
  ...optionsOf(options, (wrong, { image }) => loose[name]!(image, image, wrong)),
];

const scoring: Record<string, BadCall[]> = {
  mse: ofPair('mse', region),
  nmse: ofPair('nmse', region),
  psnr: ofPair('psnr', { ...matching, ...range, ...region }),
  ssim: [
    ...ofPair('ssim', { ...matching, ...range, ...region }),
    bad('images smaller than the window', ({ square }) => M.ssim(square, square)),
  ],
  ssimMap: ofPair('ssimMap', { ...matching, ...range }),
  msSsim: ofPair('msSsim', { ...matching, ...range }),
  vif: ofPair('vif', { ...matching, 'noiseVariance negative': { noiseVariance: -1 } }),
  scores: ofPair('scores', { ...matching, ...range, 'noiseVariance text': { noiseVariance: 'most' } }),
  regionError: [
    ...each(notImages, (reference, { image }) => loose.regionError!(reference, image, 'foreground')),
    ...each(notImages, (image, { image: reference }) => loose.regionError!(reference, image, 'foreground')),
    ...each({ missing: undefined, null: null, unknown: 'background' }, (wrong, { image }) =>
      loose.regionError!(image, image, wrong),
    ),
  ],
  matchedTo: [
    ...each({ null: null, 'a number': 3, empty: [], 'text inside': ['a'] }, (reference) =>
      loose.matchedTo!(reference, [1, 2]),
    ),
    ...each({ null: null, 'a number': 3, empty: [], 'text inside': ['a'] }, (image) =>
      loose.matchedTo!([1, 2], image),
    ),
  ],
  ssimLoss: [
    ...each(notImages, (reference, { image }) => loose.ssimLoss!(reference, image)),
    ...each(notImages, (image, { image: reference }) => loose.ssimLoss!(reference, image)),
    bad('complex images', ({ kspace }) => M.ssimLoss(kspace, kspace)),
    bad('another size', ({ image, x }) => M.ssimLoss(image, x)),
    bad('images smaller than the window', ({ square }) => M.ssimLoss(square, square)),
    ...optionsOf(
      { 'dataRange 0': { dataRange: 0 }, 'dataRange text': { dataRange: '1' } },
      (wrong, { image }) => loose.ssimLoss!(image, image, wrong),
    ),
  ],
};

const notSamples = {
  null: null,
  'a number': 3,
  empty: [],
  'NaN inside': [1, 2, Number.NaN],
  'text inside': [1, 'a', 3],
};
const numbers = [1, 2, 4, 3];
const levels = { 'level 0': { level: 0 }, 'level 95': { level: 95 }, 'level NaN': { level: Number.NaN } };
const resampling = {
  ...levels,
  'resamples 0': { resamples: 0 },
  'resamples a fraction': { resamples: 1.5 },
  'seed an object': { seed: {} },
  'clusters too few': { clusters: [1] },
};

/** Wrong pairs of samples. */
const ofSamples = (name: string, options?: Readonly<Record<string, unknown>>): BadCall[] => [
  ...each(notSamples, (x) => loose[name]!(x, numbers)),
  ...each(notSamples, (y) => loose[name]!(numbers, y)),
  bad('another length', () => loose[name]!(numbers, [1, 2])),
  ...(options ? optionsOf(options, (wrong) => loose[name]!(numbers, numbers, wrong)) : []),
];
const labels = [true, false, true, false];

const statistics: Record<string, BadCall[]> = {
  auc: [
    ...each(notSamples, (scores) => loose.auc!(scores, labels)),
    ...each(
      { null: null, 'too few': [true], 'of one kind': [true, true, true, true], numbers: [1, 0, 1, 0] },
      (wrong) => loose.auc!(numbers, wrong),
    ),
    ...optionsOf(resampling, (options) => loose.auc!(numbers, labels, options)),
  ],
  bootstrap: [
    ...each({ null: null, 'a number': 3, empty: [] }, (items) => loose.bootstrap!(items, () => 0)),
    ...each({ null: null, 'a number': 3, 'of text': () => 'x', 'of NaN': () => Number.NaN }, (statistic) =>
      loose.bootstrap!(numbers, statistic),
    ),
    ...optionsOf(resampling, (options) => loose.bootstrap!(numbers, () => 0, options)),
  ],
  coefficientOfVariation: each(notSamples, (values) => loose.coefficientOfVariation!(values)),
  normalInterval: each(notSamples, (values) => loose.normalInterval!(values)),
  tInterval: [
    ...each(notSamples, (values) => loose.tInterval!(values)),
    ...optionsOf(levels, (options) => loose.tInterval!(numbers, options)),
  ],
  kendallTau: ofSamples('kendallTau'),
  spearman: ofSamples('spearman'),
  ols: ofSamples('ols', levels),
  leaveOneFamilyOut: [
    ...each(notSamples, (x) => loose.leaveOneFamilyOut!(x, numbers, ['a', 'b', 'a', 'b'])),
    ...each(notSamples, (y) => loose.leaveOneFamilyOut!(numbers, y, ['a', 'b', 'a', 'b'])),
    ...each({ null: null, 'too few': ['a'], numbers: [1, 2, 1, 2] }, (families) =>
      loose.leaveOneFamilyOut!(numbers, numbers, families),
    ),
  ],
  pairedDifference: ofSamples('pairedDifference', { ...resampling, 'method unknown': { method: 'sign' } }),
};

export const scoringCalls: Readonly<Record<string, readonly BadCall[]>> = { ...scoring, ...statistics };
