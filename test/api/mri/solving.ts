import { identityOperator } from '@adjoint/autograd';
import * as M from '@adjoint/mri';
import { abs2, identity, mul, sum, type Tensor } from '@adjoint/tensor';
import { type BadCall, bad, each, notCounts, notTensors } from '../badCall.js';
import type { Given } from '../given.js';
import { loose, notImages, notMeasurements, optionsOf } from './badMri.js';

const limits = {
  'maxIterations negative': { maxIterations: -1 },
  'maxIterations a fraction': { maxIterations: 1.5 },
  'tolerance NaN': { tolerance: Number.NaN },
  'checkEvery 0': { checkEvery: 0 },
};
const weight = { 'lambda negative': { lambda: -1 }, 'lambda text': { lambda: '1' } };
const notOperators = { null: null, 'a number': 3, 'an object': {} };
const notPenalties = { null: null, 'a number': 3, 'no proximal map': { value: sum } };
const notSmooth = { null: null, 'a number': 3, 'no gradient': { value: sum } };

const penalty = M.l1Penalty({ apply: identity, adjoint: identity });
const operatorOf = ({ x }: Given) => identityOperator({ shape: x.shape, dtype: 'f32' });
const problemOf = (given: Given): M.LeastSquares => ({ operator: operatorOf(given), data: given.x });
const smooth: M.SmoothTerm = { value: (x) => sum(abs2(x)), gradient: (x) => mul(x, 1) };
const notProblems = {
  null: null,
  'a number': 3,
  'no data': { operator: identityOperator({ shape: [2], dtype: 'f32' }) },
};
const square = (x: Tensor): Tensor => sum(abs2(x));

const solvers: Record<string, BadCall[]> = {
  conjugateGradient: [
    ...each(notOperators, (operator, { x }) => loose.conjugateGradient!(operator, x)),
    ...each(notImages, (b) => loose.conjugateGradient!(identity, b)),
    bad('a disposed tensor', ({ disposed }) => M.conjugateGradient(identity, disposed)),
    bad('NaN', ({ nan }) => M.conjugateGradient(identity, nan)),
    ...optionsOf({ ...limits, 'x0 a number': { x0: 3 } }, (options, { x }) =>
      loose.conjugateGradient!(identity, x, options),
    ),
    bad('x0 of another shape', ({ x, square: x0 }) => M.conjugateGradient(identity, x, { x0 })),
  ],
  fista: [
    ...each(notSmooth, (wrong, { x }) => loose.fista!(wrong, penalty, x)),
    ...each(notPenalties, (wrong, { x }) => loose.fista!(smooth, wrong, x)),
    ...each(notImages, (x0) => loose.fista!(smooth, penalty, x0)),
    ...optionsOf(
      {
        ...limits,
        ...weight,
        'stepSize 0': { stepSize: 0 },
        'restart text': { restart: 'yes' },
        'monotone a number': { monotone: 1 },
        'averageAfter negative': { averageAfter: -1 },
      },
      (options, { x }) => loose.fista!(smooth, penalty, x, options),
    ),
  ],
  admm: [
    ...each(notProblems, (problem, given) => loose.admm!(problem, penalty, operatorOf(given))),
    ...each(notPenalties, (wrong, given) => loose.admm!(problemOf(given), wrong, operatorOf(given))),
    ...each(notOperators, (K, given) => loose.admm!(problemOf(given), penalty, K)),
    ...optionsOf(
      {
        ...limits,
        ...weight,
        'rho 0': { rho: 0 },
        'relaxation 2': { relaxation: 2 },
        'innerIterations 0': { innerIterations: 0 },
        'x0 a number': { x0: 3 },
      },
      (options, given) => loose.admm!(problemOf(given), penalty, operatorOf(given), options),
    ),
  ],
  pdhg: [
    ...each(notSmooth, (wrong, given) => loose.pdhg!(wrong, penalty, operatorOf(given), given.x)),
    ...each(notPenalties, (wrong, given) => loose.pdhg!(smooth, wrong, operatorOf(given), given.x)),
    ...each(notOperators, (K, { x }) => loose.pdhg!(smooth, penalty, K, x)),
    ...each(notImages, (x0, given) => loose.pdhg!(smooth, penalty, operatorOf(given), x0)),
    ...optionsOf(
      {
        ...limits,
        ...weight,
        'lipschitz negative': { lipschitz: -1 },
        'normSquared negative': { normSquared: -1 },
        'ratio 0': { ratio: 0 },
      },
      (options, given) => loose.pdhg!(smooth, penalty, operatorOf(given), given.x, options),
    ),
  ],
  gradientDescent: [
    ...each({ null: null, 'a number': 3 }, (objective, { x }) => loose.gradientDescent!(objective, x)),
    ...each({ null: null, 'a number': 3, 'an object without tensors': { a: 1 } }, (start) =>
      loose.gradientDescent!(square, start),
    ),
    ...optionsOf(
      {
        ...limits,
        'stepSize NaN': { stepSize: Number.NaN },
        'stepSize text': { stepSize: '1' },
        'optimiser a name': { optimiser: 'adam' },
      },
      (options, { x }) => loose.gradientDescent!(square, x, options),
    ),
  ],
  powerIteration: [
    ...each(notOperators, (operator, { x }) => loose.powerIteration!(operator, x)),
    ...each(notImages, (like) => loose.powerIteration!(identity, like)),
    bad('a function without a space', () => M.powerIteration(identity)),
    ...optionsOf({ ...limits, 'key a number': { key: 3 } }, (options, { x }) =>
      loose.powerIteration!(identity, x, options),
    ),
  ],
  golubKahan: [
    ...each(notOperators, (operator) => loose.golubKahan!(operator, 1)),
    ...each({ ...notCounts, zero: 0, 'more than there are': 7 }, (count, given) =>
      loose.golubKahan!(operatorOf(given), count),
    ),
    ...optionsOf({ 'steps too few': { steps: 1 }, 'key a number': { key: 3 } }, (options, given) =>
      loose.golubKahan!(operatorOf(given), 2, options),
    ),
  ],
  leastSquares: each(notProblems, (problem) => loose.leastSquares!(problem)),
  normalLeastSquares: [
    ...each(notProblems, (problem, { x }) => loose.normalLeastSquares!(problem, x)),
    ...each(notImages, (adjointData, given) => loose.normalLeastSquares!(problemOf(given), adjointData)),
  ],
  l1Penalty: each({ ...notOperators, 'no adjoint': { apply: identity } }, (transform) =>
    loose.l1Penalty!(transform),
  ),
};

const notLevels = { null: null, text: '1', NaN: Number.NaN, negative: -1 };
/** Wrong uses of a proximal map with one level. */
const ofLevel = (name: string, ...more: BadCall[]): BadCall[] => [
  ...each({ ...notTensors, 'a number': 3 }, (x) => loose[name]!(x, 1)),
  bad('integers', ({ integers }) => loose[name]!(integers, 1)),
  ...each(notLevels, (level, { x }) => loose[name]!(x, level)),
  bad('a complex level', ({ x, z }) => loose[name]!(x, z)),
  ...more,
];
const ofGroups = (name: string): BadCall[] =>
  ofLevel(
    name,
    ...optionsOf({ 'axis out of range': { axis: 2 }, 'axis a fraction': { axis: 0.5 } }, (o, { x }) =>
      loose[name]!(x, 1, o),
    ),
  );

const proximal: Record<string, BadCall[]> = {
  softThreshold: ofLevel('softThreshold'),
  groupThreshold: ofGroups('groupThreshold'),
  projectGroups: ofGroups('projectGroups'),
  projectBall: ofLevel('projectBall'),
  projectBox: [
    ...each({ ...notTensors, 'a number': 3 }, (x) => loose.projectBox!(x, 0, 1)),
    ...each({ null: null, text: '1', NaN: Number.NaN }, (low, { x, z }) =>
      [x, z].map((y) => loose.projectBox!(y, low, 1)),
    ),
    ...each({ null: null, text: '1', NaN: Number.NaN, 'below low': -1 }, (high, { z }) =>
      loose.projectBox!(z, 0, high),
    ),
  ],
};

const common = {
  'maps a number': { maps: 3 },
  'iterations 0': { iterations: 0 },
  'tolerance negative': { tolerance: -1 },
  'output unknown': { output: 'phase' },
};
const scaled = { ...common, ...weight, 'scaling unknown': { scaling: 'same' } };

/** Wrong options of a method, and wrong measurements for it. */
const ofMethod = (name: string, options: Readonly<Record<string, unknown>>): BadCall[] => [
  ...optionsOf(options, (wrong, { kspace, mask, maps }) =>
    loose[name]!(wrong).reconstruct({ kspace, mask, maps }),
  ),
  ...each(notMeasurements, (measurement) => loose[name]!().reconstruct(measurement)),
  bad('samples without coils', ({ z, mask }) => loose[name]!().reconstruct({ kspace: z, mask })),
  bad('real samples', ({ image, mask }) => loose[name]!().reconstruct({ kspace: image, mask })),
  bad('a mask of another width', ({ kspace, x }) => loose[name]!().reconstruct({ kspace, mask: x })),
  bad('an empty mask', ({ kspace, noMask }) => loose[name]!().reconstruct({ kspace, mask: noMask })),
  bad('NaN', ({ broken, mask }) => loose[name]!().reconstruct({ kspace: broken, mask })),
  bad('no signal', ({ silent, mask }) => loose[name]!().reconstruct({ kspace: silent, mask })),
  bad('a crop of one size', ({ kspace, mask, maps }) =>
    loose[name]!().reconstruct({ kspace, mask, maps, crop: [4] }),
  ),
];
const unknownTransform = { 'transform unknown': { transform: 'curvelet' } };
const rateable = async ({ kspace, mask, maps, image: reference }: Given) => ({
  kspace,
  mask,
  maps,
  reference,
});

const reconstructors: Record<string, BadCall[]> = {
  zeroFilled: ofMethod('zeroFilled', {
    'maps a number': { maps: 3 },
    'combine unknown': { combine: 'mean' },
  }),
  cgSense: ofMethod('cgSense', { ...common, ...weight }),
  totalVariation: ofMethod('totalVariation', scaled),
  l1: ofMethod('l1', {
    ...scaled,
    ...unknownTransform,
    'mode unknown': { mode: 'exact' },
    'wavelet unknown': { wavelet: 'db99' },
    'wavelet biorthogonal': { wavelet: 'bior4.4' },
    'level negative': { level: -1 },
    'boundary unknown': { boundary: 'mirror' },
    'cycleSpinning text': { cycleSpinning: 'yes' },
    'dataStep a number': { dataStep: 1 },
    'start a number': { start: 3 },
    'faithful learningRate 0': { mode: 'faithful', learningRate: 0 },
    'faithful transform unknown': { mode: 'faithful', ...unknownTransform },
  }),
  checkMeasurement: [
    ...each(notMeasurements, (measurement) => loose.checkMeasurement!('checkMeasurement', measurement)),
    bad('NaN', ({ broken, mask }) => M.checkMeasurement('checkMeasurement', { kspace: broken, mask })),
  ],
  tune: [
    ...each({ null: null, 'a method': M.zeroFilled() }, async (method, given) =>
      loose.tune!(method, [1], [await rateable(given)]),
    ),
    ...each({ null: null, empty: [], negative: [-1], text: ['1'] }, async (lambdas, given) =>
      loose.tune!(() => M.zeroFilled(), lambdas, [await rateable(given)]),
    ),
    ...each({ null: null, empty: [], 'null inside': [null], 'a number inside': [3] }, (measurements) =>
      loose.tune!(() => M.zeroFilled(), [1], measurements),
    ),
    bad('no reference', ({ kspace, mask }) => M.tune(() => M.zeroFilled(), [1], [{ kspace, mask }])),
    bad('a function that makes no method', async (given) =>
      loose.tune!(() => 3, [1], [await rateable(given)]),
    ),
    ...optionsOf(
      { 'metric unknown': { metric: 'beauty' }, 'refine negative': { refine: -1 } },
      async (options, given) => loose.tune!(() => M.zeroFilled(), [1], [await rateable(given)], options),
    ),
  ],
};

export const solvingCalls: Readonly<Record<string, readonly BadCall[]>> = {
  ...solvers,
  ...proximal,
  ...reconstructors,
};
