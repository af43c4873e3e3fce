import {
  abs,
  add,
  arrayToCoeffs,
  type CoefficientShapes,
  coefficientShapes,
  coeffsToArray,
  dwt,
  dwt2,
  idwt,
  idwt2,
  sum,
  type Tensor,
  type WaveletCoefficients,
  type WaveletMode,
  wavedec2,
  waveletFilters,
  waverec2,
} from '@adjoint/tensor';
import { GoldenError, type Group, type Stored } from './h5.js';
import { isProse, place, type Result, type Suite } from './suite.js';

/** Single precision reaches 3e-7. */
const limit = 1e-5;
/** Filters are f64 numbers on both sides; PyWavelets' own tables of sym4 and bior4.4 are exact to about 1e-12. */
const filterLimit = 1e-11;

/** The mode as the file says it: the library refuses those it does not have. */
const settings = (group: Group) => ({
  wavelet: group.text('wavelet'),
  mode: group.text('mode') as WaveletMode,
});

const bandNames = { cA: 'approximation', cH: 'horizontal', cV: 'vertical', cD: 'diagonal' } as const;
const bandEntries = Object.entries(bandNames) as [
  keyof typeof bandNames,
  (typeof bandNames)[keyof typeof bandNames],
][];

function filterBank(group: Group): Result[] {
  const filters = waveletFilters(group.text('wavelet'));
  if (filters.orthogonal !== group.flag('orthogonal'))
    throw new GoldenError('is orthogonal in one place only');
  if (filters.decompositionLow.length !== group.number('length'))
    throw new GoldenError('filters differ in length');
  const stored = (values: readonly number[]): Stored => ({
    shape: [values.length],
    dtype: 'f64',
    data: Float64Array.from(values),
  });
  const named = {
    dec_lo: filters.decompositionLow,
    dec_hi: filters.decompositionHigh,
    rec_lo: filters.reconstructionLow,
    rec_hi: filters.reconstructionHigh,
  };
  return Object.entries(named).map(([name, values]) => ({
    name,
    got: stored(values),
    expected: group.dataset(name),
    limit: filterLimit,
  }));
}

function line(group: Group): Result[] {
  const { wavelet, mode } = settings(group);
  group.only('levels', 1);
  const x = place(group.dataset('x'));
  if (group.has('n') && group.number('n') !== x.size)
    throw new GoldenError('attribute n is not the length of x');
  const { approximation, detail } = dwt(x, wavelet, { mode });
  const [cA, cD] = [group.dataset('cA'), group.dataset('cD')];
  return [
    { name: 'cA', got: approximation, expected: cA, limit },
    { name: 'cD', got: detail, expected: cD, limit },
    {
      name: 'idwt',
      got: idwt(place(cA), place(cD), wavelet, { mode }),
      expected: group.dataset('idwt'),
      limit,
    },
  ];
}

/** One level: the forward's bands, and the inverse of either those (`idwt2`) or of `inv_*` bands (`inv_out`). */
function plane(group: Group): Result[] {
  const { wavelet, mode } = settings(group);
  group.only('levels', 1);
  const bands = dwt2(place(group.dataset('x')), wavelet, { mode });
  const results = bandEntries.map(
    ([name, band]): Result => ({ name, got: bands[band], expected: group.dataset(name), limit }),
  );
  for (const [name, prefix] of [
    ['inv_out', 'inv_'],
    ['idwt2', ''],
  ] as const) {
    if (!group.hasDataset(name)) continue;
    const [approximation, horizontal, vertical, diagonal] = bandEntries.map(([band]) =>
      place(group.dataset(prefix + band)),
    ) as [Tensor, Tensor, Tensor, Tensor];
    const got = idwt2({ approximation, horizontal, vertical, diagonal }, wavelet, { mode });
    results.push({ name, got, expected: group.dataset(name), limit });
  }
  if (results.length === 4) throw new GoldenError('has no inverse');
  return results;
}

/** Bands in the file's order: cA, then cH, cV, cD from the coarsest level to the finest. */
const bandsOf = ({ approximation, details }: WaveletCoefficients): Tensor[] => [
  approximation,
  ...details.flatMap(({ horizontal, vertical, diagonal }) => [horizontal, vertical, diagonal]),
];

/** The rectangle [row0, row1) × [column0, column1) of a stored matrix. */
function cut({ shape, dtype, data }: Stored, [row0, row1, column0, column1]: readonly number[]): Stored {
  const parts = data.length / (shape[0]! * shape[1]!);
  const values: number[] = [];
  for (let row = row0!; row < row1!; row++)
    for (let k = column0! * parts; k < column1! * parts; k++) values.push(data[row * shape[1]! * parts + k]!);
  const array = data.constructor as Float32ArrayConstructor;
  return { shape: [row1! - row0!, column1! - column0!], dtype, data: array.from(values) };
}

/** Band sizes as the file lists them (every band of a level), required to be what the library predicts. */
function fileShapes(group: Group, size: readonly number[]): CoefficientShapes {
  const { wavelet, mode } = settings(group);
  const flat = group.list('shapes');
  const shapes = coefficientShapes([size[0]!, size[1]!], wavelet, { mode, level: group.number('levels') });
  const predicted = [
    ...shapes.approximation,
    ...shapes.details.flatMap((band) => [...band, ...band, ...band]),
  ];
  if (flat.join() !== predicted.join()) throw new GoldenError(`shapes are ${flat}, predicted ${predicted}`);
  return shapes;
}

function multilevel(group: Group): Result[] {
  const { wavelet, mode } = settings(group);
  const x = place(group.dataset('x'));
  const shapes = fileShapes(group, x.shape);
  const coefficients = wavedec2(x, wavelet, { mode, level: group.number('levels') });
  const bands = bandsOf(coefficients);
  const array = group.dataset('coeffs_array');
  const slices = group.list('band_slices');
  const holes = array.shape[0]! * array.shape[1]! - bands.reduce((count, band) => count + band.size, 0);
  if (holes !== group.number('num_holes') || slices.length !== 4 * bands.length)
    throw new GoldenError(
      `has ${holes} holes and ${slices.length / 4} bands, against num_holes and band_slices`,
    );
  const inverted = arrayToCoeffs(place(group.dataset('inv_in_array')), shapes);
  return [
    { name: 'coeffs_array', got: coeffsToArray(coefficients), expected: array, limit },
    ...bands.map((got, i): Result => {
      const place = slices.slice(4 * i, 4 * i + 4);
      return { name: `coeffs_array[${place}]`, got, expected: cut(array, place), limit };
    }),
    {
      name: 'l1_norm',
      got: bands.map((band) => sum(abs(band))).reduce((total, norm) => add(total, norm)),
      expected: group.dataset('l1_norm'),
      limit,
    },
    {
      name: 'inv_out',
      got: waverec2(inverted, wavelet, { mode }),
      expected: group.dataset('inv_out'),
      limit,
    },
  ];
}

const kinds: Record<string, (group: Group) => Result[]> = {
  filters: filterBank,
  dwt1: line,
  dwt2: plane,
  wavedec2: multilevel,
};

export const waveletSuite: Suite = {
  file: 'wavelet',
  // how exact PyWavelets' filter tables are, and a sentence about which inverse was taken
  ignored: (name) => isProse(name) || name === 'roundtrip_maxabs' || name === 'inverse',
  plan(group) {
    const run = kinds[group.parts[0]!];
    if (!run || group.parts.length < 2) throw new GoldenError('is not a kind of case this suite knows');
    return () => run(group);
  },
};
