import { centredIfft, mul, read, type Tensor } from '@adjoint/tensor';
import { readCalibrationBlock } from '../../packages/mri/src/coils/calibrationBlock.js';
import { type EspiritOptions, espirit, espiritEigenmaps, rss } from '../../packages/mri/src/coils/index.js';
import { GoldenError, type Group, type Stored } from './h5.js';
import { type AsyncRun, place, type Result } from './suite.js';

/**
 * |⟨a, b⟩| of the unit vectors of a point is at least 0.99, says the file. Single precision reaches 1e-6, and 3e-4 for the phase
 * where the virtual coil it refers to is weak.
 */
const limit = 1e-3;

interface Calibration {
  readonly kspace: Tensor;
  readonly mask: Tensor | undefined;
  readonly options: EspiritOptions;
}

/** What the command of a case was given, by its options spelt out. */
function calibrationOf(group: Group): Calibration {
  const full = place(group.inherited('kspace_full'));
  const stored = group.inherited('mask');
  const mask = place({ ...stored, dtype: 'f32', data: Float32Array.from(stored.data) });
  group.only('num_maps', 1);
  const options = {
    kernel: group.number('kernel'),
    calibration: group.number('calib_max'),
    threshold: group.number('svd_threshold'),
    crop: group.number('crop'),
    rotatePhase: group.flag('rotate_phase'),
  };
  const isFull = group.text('kspace') === 'kspace_full';
  if (isFull) return { kspace: full, mask: undefined, options };
  if (group.text('kspace') !== 'kspace_full*mask')
    throw new GoldenError(`kspace ${group.text('kspace')} is unknown`);
  return { kspace: mul(full, mask), mask, options };
}

const numbers = (values: ArrayLike<number>): Stored => ({
  shape: [values.length],
  dtype: 'f64',
  data: Float64Array.from(values),
});

/**
 * Results for maps [coils, H, W]. At points where both are not 0: the modulus of their product, 1 for unit vectors that are equal
 * up to a phase; the maps, with the one phase that all points share undone. And at how many points only one is 0.
 */
function compareMaps(own: ArrayLike<number>, { data, shape }: Stored): Result[] {
  const [coils, height, width] = shape as [number, number, number];
  const count = height * width;
  const products = new Float64Array(2 * count);
  const [norms, ownNorms] = [new Float64Array(count), new Float64Array(count)];
  for (let i = 0; i < coils * count; i++) {
    const [re, im, p, q] = [own[2 * i]!, own[2 * i + 1]!, data[2 * i]!, data[2 * i + 1]!];
    const at = i % count;
    products[2 * at]! += re * p + im * q;
    products[2 * at + 1]! += re * q - im * p;
    norms[at]! += p * p + q * q;
    ownNorms[at]! += re * re + im * im;
  }
  const common = [...norms.keys()].filter((i) => norms[i]! > 0 && ownNorms[i]! > 0);
  const onlyOne = [...norms.keys()].filter((i) => norms[i]! > 0 !== ownNorms[i]! > 0).length;
  const turn = [0, 1].map((part) => common.reduce((sum, i) => sum + products[2 * i + part]!, 0));
  const size = Math.hypot(...turn);
  const [cos, sin] = [turn[0]! / size, turn[1]! / size];
  const places = common.flatMap((i) => Array.from({ length: coils }, (_, coil) => 2 * (coil * count + i)));
  const turned = places.flatMap((at) => [
    own[at]! * cos - own[at + 1]! * sin,
    own[at]! * sin + own[at + 1]! * cos,
  ]);
  return [
    {
      name: 'maps: products',
      got: numbers(common.map((i) => Math.hypot(products[2 * i]!, products[2 * i + 1]!))),
      expected: numbers(common.map(() => 1)),
      limit,
    },
    {
      name: 'maps',
      got: numbers(turned),
      expected: numbers(places.flatMap((at) => [data[at]!, data[at + 1]!])),
      limit,
    },
    // an eigenvalue may stand at the threshold to seven digits
    { name: 'maps: support', got: numbers([onlyOne]), expected: numbers([0]), limit: 3 },
  ];
}

/** Where the block was found, as `first row, first column, rows, columns`. */
async function blockResult(group: Group, { kspace, mask, options }: Calibration): Promise<Result> {
  const values = mask && (await read(mask));
  const found = await readCalibrationBlock('golden', kspace, values, options.calibration!);
  const expected = ['calib_first_row', 'calib_first_col', 'calib_rows', 'calib_cols'].map((name) =>
    group.number(name),
  );
  const got = [found.firstRow, found.firstColumn, found.rows, found.columns];
  return { name: 'calibration block', got: numbers(got), expected: numbers(expected), limit: 0 };
}

/** A case `ecalib/*`: maps as `bart ecalib` makes them, on the phase it gives, and eigenvalues. */
export function ecalibRun(group: Group): AsyncRun {
  return {
    start: async () => {
      const calibration = calibrationOf(group);
      const { kspace, mask, options } = calibration;
      const { crop, ...withoutCrop } = mask ? { ...options, mask } : options;
      const maps = espirit(kspace, { ...withoutCrop, crop });
      const eigenvalues = espiritEigenmaps(kspace, withoutCrop);
      const images = rss(centredIfft(place(group.inherited('kspace_full'))));
      const expected = group.dataset('ev');
      const values = await read((await eigenvalues).values);
      return [
        ...compareMaps(await read(await maps), group.dataset('maps')),
        await blockResult(group, calibration),
        { name: 'rss_full', got: images, expected: group.inherited('rss_full'), limit: 1e-5 },
        { name: 'ev', got: { ...expected, data: values }, expected, limit },
      ];
    },
  };
}
