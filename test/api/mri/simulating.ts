import * as M from '@adjoint/mri';
import { type BadCall, bad, each, notCounts } from '../badCall.js';
import { loose, notImages, ofImages, optionsOf } from './badMri.js';

const notGrids = {
  null: null,
  missing: undefined,
  'a number': 8,
  'one size': [8],
  zero: [0, 8],
  'a fraction': [1.5, 8],
};
const grids = Object.fromEntries(
  Object.entries(notGrids).map(([what, shape]) => [`shape ${what}`, { shape }]),
);
const ring = {
  'coils 0': { coils: 0 },
  'coils text': { coils: '8' },
  'seed a fraction': { seed: 0.5 },
  'model unknown': { model: 'birdcage' },
  'radius 0': { radius: 0 },
  'width NaN': { width: Number.NaN },
  'phaseSlope text': { phaseSlope: '2' },
};
const withShape = (options: Readonly<Record<string, object>>) =>
  Object.fromEntries(Object.entries(options).map(([what, values]) => [what, { shape: [8, 8], ...values }]));

const ellipse = { y: 0, x: 0, along: 0.2, across: 0.1, value: 1 };
const notPhantoms = {
  null: null,
  empty: [],
  'one ellipse': ellipse,
  'no value': [{ ...ellipse, value: undefined }],
  'a radius of 0': [{ ...ellipse, along: 0 }],
  'NaN for a position': [{ ...ellipse, x: Number.NaN }],
  'a misspelt part': [{ ...ellipse, valeu: 1 }],
};
const head = M.sheppLogan();

const phantoms: Record<string, BadCall[]> = {
  sheppLogan: each({ null: null, unknown: 'high' }, (contrast) => loose.sheppLogan!(contrast)),
  ellipsePhantom: optionsOf(
    {
      'subject a fraction': { subject: 0.5 },
      'subject text': { subject: '1' },
      'details negative': { details: -1 },
    },
    (options) => loose.ellipsePhantom!(options),
  ),
  ellipseKspace: [
    ...each(notPhantoms, (phantom) => loose.ellipseKspace!(phantom, [8, 8])),
    ...each(notGrids, (shape) => loose.ellipseKspace!(head, shape)),
  ],
  rasterise: [
    ...each(notPhantoms, (phantom) => loose.rasterise!(phantom, [8, 8])),
    ...each(notGrids, (shape) => loose.rasterise!(head, shape)),
    ...each({ ...notCounts, zero: 0 }, (fine) => loose.rasterise!(head, [8, 8], fine)),
  ],
  ...Object.fromEntries(
    ['brainPhantom', 'kneePhantom'].map((name) => [
      name,
      optionsOf(
        {
          'subject text': { subject: '1' },
          'contrast unknown': { contrast: 'bright' },
          'slices 0': { slices: 0 },
          'size a fraction': { size: 1.5 },
        },
        (options) => loose[name]!(options),
      ),
    ]),
  ),
  builtinImages: [
    ...each({ missing: undefined, null: null, unknown: 'foot' }, (name) => loose.builtinImages!(name)),
    ...optionsOf(
      {
        'plane unknown': { plane: 'oblique' },
        'volume 3': { volume: 3 },
        'slices a number': { slices: 3 },
        'slices none': { slices: [] },
      },
      (options) => loose.builtinImages!('head', options),
    ),
  ],
  headSplit: each({ null: null, unknown: 'oblique' }, (plane) => loose.headSplit!(plane)),
};

const acquisitions: Record<string, BadCall[]> = {
  coilMaps: optionsOf({ missing: undefined, ...grids, ...withShape(ring) }, (options) =>
    loose.coilMaps!(options),
  ),
  smoothPhase: optionsOf(
    {
      missing: undefined,
      ...grids,
      ...withShape({
        'seed a fraction': { seed: 0.5 },
        'strength negative': { strength: -1 },
        'modes 0': { modes: 0 },
      }),
    },
    (options) => loose.smoothPhase!(options),
  ),
  cropKspace: [
    ...ofImages('cropKspace'),
    ...each({ ...notGrids, 'larger than the samples': [9, 8], negative: [-1, 8] }, (shape, { kspace }) =>
      loose.cropKspace!(kspace, shape),
    ),
  ],
  kspaceSupport: ofImages(
    'kspaceSupport',
    bad('images that are too small', ({ image }) => M.kspaceSupport(image)),
  ),
  addNoise: [
    ...each(notImages, (kspace, { key }) => loose.addNoise!(kspace, 20, key)),
    bad('real samples', ({ image, key }) => M.addNoise(image, 20, key as never)),
    bad('samples without coils', ({ z, key }) => M.addNoise(z, 20, key as never)),
    ...each({ NaN: Number.NaN, text: '20', null: null }, (snr, { kspace, key }) =>
      loose.addNoise!(kspace, snr, key),
    ),
    ...each({ missing: undefined, 'a seed': 7 }, (key, { kspace }) => loose.addNoise!(kspace, 20, key)),
  ],
  simulate: optionsOf(
    {
      missing: undefined,
      'images a number': { images: 3 },
      'phantom null': { phantom: null },
      'phantom empty': { phantom: [] },
      ...Object.fromEntries(
        Object.entries({
          ...ring,
          'shape one size': { shape: [8] },
          'shape 0': { shape: [0, 8] },
          'snr NaN': { snr: Number.NaN },
          'snr text': { snr: '30' },
          'phase negative': { phase: -1 },
          'inverseCrime text': { inverseCrime: 'yes' },
        }).map(([what, values]) => [what, { phantom: head, shape: [8, 8], ...values }]),
      ),
    },
    (options) => loose.simulate!(options),
  ),
  stanfordLike: each(
    {
      missing: undefined,
      null: null,
      'images a number': { images: 3 },
      'shape one size': { shape: [8] },
      'snr text': { snr: '30' },
    },
    (options) => loose.stanfordLike!(options),
  ),
  splitBySubject: [
    ...each(
      { null: null, 'a number': 3, empty: [], 'one subject': ['a', 'a'], numbers: [1, 2] },
      (subjects) => loose.splitBySubject!(subjects),
    ),
    ...optionsOf(
      { 'testFraction above 1': { testFraction: 2 }, 'seed a fraction': { seed: 0.5 } },
      (options) => loose.splitBySubject!(['a', 'b'], options),
    ),
  ],
  splitWithinSubject: [
    ...each({ ...notCounts, 'too few': 3 }, (count) => loose.splitWithinSubject!(count, { spacing: 1 })),
    ...optionsOf(
      {
        missing: undefined,
        'spacing 0': { spacing: 0 },
        'spacing missing': {},
        'testFraction NaN': { spacing: 1, testFraction: Number.NaN },
      },
      (options) => loose.splitWithinSubject!(100, options),
    ),
  ],
};

export const simulatingCalls: Readonly<Record<string, readonly BadCall[]>> = { ...phantoms, ...acquisitions };
