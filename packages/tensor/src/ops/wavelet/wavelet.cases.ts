import type { HostValue } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { pad } from '../resample/index.js';
import { type Draw, type FunctionRow, functionRow } from '../row.js';
import { unsqueeze } from '../view/index.js';
import { dwt, idwt } from './dwt.js';
import { dwt2, idwt2 } from './dwt2.js';
import { type WaveletMode, waveletModes } from './filterBank.js';
import { arrayToCoeffs, type CoefficientShapes, coefficientShapes, coeffsToArray } from './layout.js';
import { type WaveletCoefficients, wavedec2, waverec2 } from './multilevel.js';
import { waveletFilters, waveletNames } from './wavelet.js';
import {
  dwt2Reference,
  dwtReference,
  idwt2Reference,
  idwtReference,
  windowReference,
} from './wavelet.reference.js';

const floating: FunctionRow['dtypes'] = [['f32'], ['c64']];

interface Choice {
  wavelet: string;
  mode: WaveletMode;
}
const choose = (draw: Draw): Choice => ({ wavelet: draw.pick(waveletNames), mode: draw.pick(waveletModes) });

/** Short filters only: long ones make many coefficients of a small image. `dwt` and `idwt` see them all. */
const chooseShort = (draw: Draw): Choice => ({
  wavelet: draw.pick(['haar', 'db2', 'bior2.2', 'sym4']),
  mode: draw.pick(waveletModes),
});

/** A band length that the wavelet can be inverted from. */
function bandLength(draw: Draw, { wavelet, mode }: Choice): number {
  const least = mode === 'periodization' ? 1 : waveletFilters(wavelet).decompositionLow.length / 2;
  return draw.int(0, 9) === 9 ? 0 : least + draw.int(0, 4);
}

const badNames: FunctionRow<Choice>['bad'] = [
  { what: 'an unknown wavelet', call: ([x]) => dwt(unsqueeze(x!, 0), 'db11') },
  { what: 'a wavelet that is no name', call: ([x]) => dwt(unsqueeze(x!, 0), 4 as never) },
  { what: 'an unknown mode', call: ([x]) => dwt(unsqueeze(x!, 0), 'db2', { mode: 'reflect' as never }) },
  { what: 'an unknown option', call: ([x]) => dwt(unsqueeze(x!, 0), 'db2', { axes: [0] } as never) },
];

const dwtRow = functionRow<Choice & { axis: number }>({
  name: 'dwt',
  dtypes: floating,
  linear: 'complex',
  call: ([x], { wavelet, mode, axis }) => {
    const { approximation, detail } = dwt(x!, wavelet, { mode, axis });
    return [approximation, detail];
  },
  reference: ([x], { wavelet, mode, axis }) => dwtReference(x!, wavelet, mode, axis),
  sample: (draw) => {
    const shape = draw.shape({ minRank: 1, maxRank: 2, maxSize: 11 });
    return { inputs: [{ shape }], params: { ...choose(draw), axis: draw.int(0, shape.length - 1) } };
  },
  bad: badNames,
});

const idwtRow = functionRow<Choice & { axis: number }>({
  name: 'idwt',
  dtypes: floating,
  linear: 'complex',
  call: ([a, d], { wavelet, mode, axis }) => idwt(a!, d!, wavelet, { mode, axis }),
  reference: ([a, d], { wavelet, mode, axis }) => idwtReference(a!, d!, wavelet, mode, axis),
  sample: (draw) => {
    const choice = choose(draw);
    const shape = draw.shape({ minRank: 1, maxRank: 3, maxSize: 5 });
    const axis = draw.int(0, shape.length - 1);
    shape[axis] = bandLength(draw, choice);
    return { inputs: [{ shape }, { shape }], params: { ...choice, axis } };
  },
  bad: [
    { what: 'bands of different shape', call: ([a, d]) => idwt(unsqueeze(a!, 0), d!, 'haar') },
    {
      what: 'bands too short for the filter',
      call: ([a]) => idwt(unsqueeze(a!, 0), unsqueeze(a!, 0), 'db4', { axis: 0, mode: 'zero' }),
    },
  ],
});

const dwt2Row = functionRow<Choice & { axes: [number, number] }>({
  name: 'dwt2',
  dtypes: floating,
  linear: 'complex',
  call: ([x], { wavelet, mode, axes }) => {
    const { approximation, horizontal, vertical, diagonal } = dwt2(x!, wavelet, { mode, axes });
    return [approximation, horizontal, vertical, diagonal];
  },
  reference: ([x], { wavelet, mode, axes }) => dwt2Reference(x!, wavelet, mode, axes),
  sample: (draw) => {
    const shape = draw.shape({ minRank: 2, maxRank: 3, maxSize: 5 });
    const first = draw.int(0, shape.length - 1);
    const second = (first + draw.int(1, shape.length - 1)) % shape.length;
    return { inputs: [{ shape }], params: { ...chooseShort(draw), axes: [first, second] } };
  },
  bad: [
    { what: 'one axis twice', call: ([x]) => dwt2(x!, 'haar', { axes: [0, 0] }) },
    { what: 'three axes', call: ([x]) => dwt2(x!, 'haar', { axes: [0, 1, 2] as never }) },
  ],
});

const idwt2Row = functionRow<Choice>({
  name: 'idwt2',
  dtypes: floating,
  linear: 'complex',
  call: ([approximation, horizontal, vertical, diagonal], { wavelet, mode }) =>
    idwt2(
      { approximation: approximation!, horizontal: horizontal!, vertical: vertical!, diagonal: diagonal! },
      wavelet,
      { mode },
    ),
  reference: (bands, { wavelet, mode }) => {
    const rank = bands[0]!.shape.length;
    return idwt2Reference(bands, wavelet, mode, [rank - 2, rank - 1]);
  },
  sample: (draw) => {
    const choice = chooseShort(draw);
    const shape = [
      ...draw.shape({ maxRank: 1, maxSize: 2 }),
      bandLength(draw, choice),
      bandLength(draw, choice),
    ];
    return { inputs: [1, 2, 3, 4].map(() => ({ shape })), params: choice };
  },
  bad: [{ what: 'no bands', call: () => idwt2(null as never, 'haar') }],
});

interface LevelChoice extends Choice {
  level: number;
}
const chooseLevels = (draw: Draw): LevelChoice => ({ ...chooseShort(draw), level: draw.int(0, 2) });

/** Approximation first, then cH, cV, cD from the coarsest level to the finest. */
const listBands = ({ approximation, details }: WaveletCoefficients): Tensor[] => [
  approximation,
  ...details.flatMap(({ horizontal, vertical, diagonal }) => [horizontal, vertical, diagonal]),
];

function gatherBands(bands: readonly Tensor[]): WaveletCoefficients {
  const details = [];
  for (let i = 1; i + 2 < bands.length; i += 3)
    details.push({ horizontal: bands[i]!, vertical: bands[i + 1]!, diagonal: bands[i + 2]! });
  return { approximation: bands[0]!, details };
}

function wavedec2Reference(x: HostValue, { wavelet, mode, level }: LevelChoice): HostValue[] {
  if (level === 0) return [x];
  const rank = x.shape.length;
  const [approximation, ...details] = dwt2Reference(x, wavelet, mode, [rank - 2, rank - 1]);
  return [...wavedec2Reference(approximation, { wavelet, mode, level: level - 1 }), ...details];
}

const wavedec2Row = functionRow<LevelChoice>({
  name: 'wavedec2',
  dtypes: floating,
  linear: 'complex',
  call: ([x], { wavelet, mode, level }) => listBands(wavedec2(x!, wavelet, { mode, level })),
  reference: ([x], params) => wavedec2Reference(x!, params),
  sample: (draw) => ({
    inputs: [{ shape: draw.shape({ minRank: 2, maxRank: 3, maxSize: 6 }) }],
    params: chooseLevels(draw),
  }),
  bad: [{ what: 'a negative level', call: ([x]) => wavedec2(x!, 'haar', { level: -1 }) }],
});

interface BandParams extends Choice {
  shapes: CoefficientShapes;
}

/** Inputs that have the band shapes of an image. */
function sampleBands(draw: Draw): {
  inputs: { shape: number[] }[];
  params: BandParams;
} {
  const { wavelet, mode, level } = chooseLevels(draw);
  const batch = draw.shape({ maxRank: 1, maxSize: 2 });
  const shapes = coefficientShapes([draw.int(1, 7), draw.int(1, 7)], wavelet, { mode, level });
  const sizes = [shapes.approximation, ...shapes.details.flatMap((size) => [size, size, size])];
  return { inputs: sizes.map((size) => ({ shape: [...batch, ...size] })), params: { wavelet, mode, shapes } };
}

const waverec2Row = functionRow<BandParams>({
  name: 'waverec2',
  dtypes: floating,
  linear: 'complex',
  call: (bands, { wavelet, mode }) => waverec2(gatherBands(bands), wavelet, { mode }),
  reference: ([approximation, ...details], { wavelet, mode }) => {
    const rank = approximation!.shape.length;
    let x = approximation!;
    for (let i = 0; 3 * i < details.length; i++) {
      const bands = details.slice(3 * i, 3 * i + 3);
      const size = bands[0]!.shape.slice(-2) as [number, number];
      x = idwt2Reference([windowReference(x, [0, 0], size), ...bands], wavelet, mode, [rank - 2, rank - 1]);
    }
    return x;
  },
  sample: sampleBands,
  bad: [
    { what: 'no coefficients', call: () => waverec2(null as never, 'haar') },
    {
      what: 'details that are no list',
      call: ([x]) => waverec2({ approximation: x!, details: {} as never }, 'haar'),
    },
    {
      what: 'a missing band',
      call: ([x]) => waverec2({ approximation: x!, details: [{ horizontal: x! } as never] }, 'haar'),
    },
  ],
});

/** Upper left corners of cH, cV, cD of every level. */
function corners({ approximation, details }: CoefficientShapes): [number, number][] {
  let [r, c] = approximation;
  return details.flatMap(([h, w]) => {
    const found: [number, number][] = [
      [r, 0],
      [0, c],
      [r, c],
    ];
    r += h;
    c += w;
    return found;
  });
}

const totalSize = ({ approximation, details }: CoefficientShapes): [number, number] => [
  details.reduce((sum, [h]) => sum + h, approximation[0]),
  details.reduce((sum, [, w]) => sum + w, approximation[1]),
];

const coeffsToArrayRow = functionRow<BandParams>({
  name: 'coeffsToArray',
  dtypes: floating,
  linear: 'complex',
  call: (bands) => coeffsToArray(gatherBands(bands)),
  reference: (bands, { shapes }) => {
    const places = [[0, 0] as [number, number], ...corners(shapes)];
    const parts = bands.map((band, i) => {
      const [r, c] = places[i]!;
      return windowReference(band, [-r, -c], totalSize(shapes));
    });
    const data = parts[0]!.data.map((_, i) => parts.reduce((sum, part) => sum + part.data[i]!, 0));
    return { ...parts[0]!, data };
  },
  sample: sampleBands,
  bad: [
    {
      what: 'details larger than the coarser levels',
      call: ([x]) => {
        const wide = unsqueeze(unsqueeze(x!, 0), 0);
        const bands = { horizontal: pad(wide, [[0, 9]]), vertical: pad(wide, [[0, 9]]), diagonal: wide };
        return coeffsToArray({ approximation: wide, details: [bands] });
      },
    },
  ],
});

const arrayToCoeffsRow = functionRow<BandParams>({
  name: 'arrayToCoeffs',
  dtypes: floating,
  linear: 'complex',
  call: ([array], { shapes }) => listBands(arrayToCoeffs(array!, shapes)),
  reference: ([array], { shapes }) => {
    const places = corners(shapes);
    const sizes = shapes.details.flatMap((size) => [size, size, size]);
    return [
      windowReference(array!, [0, 0], shapes.approximation),
      ...places.map((place, i) => windowReference(array!, place, sizes[i]!)),
    ];
  },
  sample: (draw) => {
    const { params, inputs } = sampleBands(draw);
    const batch = inputs[0]!.shape.slice(0, -2);
    return { inputs: [{ shape: [...batch, ...totalSize(params.shapes)] }], params };
  },
  bad: [
    {
      what: 'an array of another size',
      call: ([x]) =>
        arrayToCoeffs(x!, { approximation: [x!.shape.at(-2)! + 1, x!.shape.at(-1)!], details: [] }),
    },
    { what: 'no shapes', call: ([x]) => arrayToCoeffs(x!, null as never) },
  ],
});

export const waveletRows: FunctionRow[] = [
  dwtRow,
  idwtRow,
  dwt2Row,
  idwt2Row,
  wavedec2Row,
  waverec2Row,
  coeffsToArrayRow,
  arrayToCoeffsRow,
];
