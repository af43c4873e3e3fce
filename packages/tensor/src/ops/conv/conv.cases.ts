import { type DType, isComplex } from '../../dtype.js';
import type { HostValue } from '../../op.js';
import { sizeOf } from '../../shape.js';
import { type Draw, type FunctionRow, functionRow } from '../row.js';
import { reshape } from '../view/index.js';
import { conv1d, convTranspose1d } from './conv1d.js';
import { conv2d, convTranspose2d } from './conv2d.js';
import { maxPool2d } from './maxPool.js';

interface ConvParams {
  stride: [number, number];
  padding: [[number, number], [number, number]];
  dilation: [number, number];
  groups: number;
}

/** Complex entries one by one: real data has imaginary part 0. */
const entry = (x: HostValue, i: number): [number, number] =>
  isComplex(x.dtype) ? [x.data[2 * i]!, x.data[2 * i + 1]!] : [x.data[i]!, 0];

function complexSums(shape: number[], complex: boolean) {
  const data = new Float64Array(sizeOf(shape) * (complex ? 2 : 1));
  const addProduct = (at: number, [ar, ai]: [number, number], [br, bi]: [number, number]) => {
    if (!complex) data[at]! += ar * br;
    else {
      data[2 * at]! += ar * br - ai * bi;
      data[2 * at + 1]! += ar * bi + ai * br;
    }
  };
  const value: HostValue = { shape, dtype: complex ? 'c128' : 'f64', data };
  return { value, addProduct };
}

/**
 * The definition, from the side of the input pixel: each pixel and tap find the one output they belong to.
 * `transposed` exchanges the roles: each pixel is spread over the outputs.
 */
function convFormula(
  [x, w, bias]: readonly HostValue[],
  params: ConvParams,
  shape: number[],
  transposed: boolean,
): HostValue {
  const { stride, padding, dilation, groups } = params;
  const [batch, channels, height, width] = x!.shape as [number, number, number, number];
  const [, , kh, kw] = w!.shape as [number, number, number, number];
  const [inPerGroup, outPerGroup] = [channels / groups, shape[1]! / groups];
  const complex = [x!, w!].some((value) => isComplex(value.dtype));
  const { value, addProduct } = complexSums(shape, complex);
  const place = (at: number, tap: number, axis: 0 | 1): number =>
    transposed
      ? at * stride[axis] + tap * dilation[axis] - padding[axis][0]
      : (at + padding[axis][0] - tap * dilation[axis]) / stride[axis];
  for (let n = 0; n < batch; n++)
    for (let ci = 0; ci < channels; ci++)
      for (let iy = 0; iy < height; iy++)
        for (let ix = 0; ix < width; ix++)
          for (let i = 0; i < kh; i++)
            for (let j = 0; j < kw; j++) {
              const [oy, ox] = [place(iy, i, 0), place(ix, j, 1)];
              if (![oy, ox].every(Number.isInteger) || oy < 0 || ox < 0 || oy >= shape[2]! || ox >= shape[3]!)
                continue;
              for (let c = 0; c < outPerGroup; c++) {
                const co = Math.floor(ci / inPerGroup) * outPerGroup + c;
                const [a, b] = transposed ? [ci, c] : [co, ci % inPerGroup];
                addProduct(
                  ((n * shape[1]! + co) * shape[2]! + oy) * shape[3]! + ox,
                  entry(x!, ((n * channels + ci) * height + iy) * width + ix),
                  entry(w!, ((a * w!.shape[1]! + b) * kh + i) * kw + j),
                );
              }
            }
  if (bias)
    for (let i = 0; i < sizeOf(shape); i++)
      addProduct(i, entry(bias, Math.floor(i / (shape[2]! * shape[3]!)) % shape[1]!), [1, 0]);
  return value;
}

/** A window; one in three as networks have them most, dense and 3 x 3: what Winograd's algorithm is for. */
function sampleWindow(draw: Draw): { params: ConvParams; kernel: [number, number] } {
  const pair = (min: number, max: number): [number, number] => [draw.int(min, max), draw.int(min, max)];
  const padding: ConvParams['padding'] = [pair(0, 3), pair(0, 3)];
  if (draw.int(0, 2) === 0)
    return { params: { stride: [1, 1], padding, dilation: [1, 1], groups: 1 }, kernel: [3, 3] };
  const stride = pair(1, 3);
  const dilation: ConvParams['dilation'] = draw.bool() ? [1, 1] : pair(1, 3);
  return { params: { stride, padding, dilation, groups: draw.int(1, 2) }, kernel: pair(1, 3) };
}

const forwardSize = (
  { stride, padding, dilation }: ConvParams,
  image: readonly number[],
  kernel: readonly number[],
) =>
  [0, 1].map((axis) => {
    const padded = image[axis]! + padding[axis]![0] + padding[axis]![1];
    return Math.floor((padded - (kernel[axis]! - 1) * dilation[axis]! - 1) / stride[axis]!) + 1;
  });

function sampleConv(draw: Draw) {
  const { params, kernel } = sampleWindow(draw);
  const image = [0, 1].map((axis) => {
    const pads = params.padding[axis]![0] + params.padding[axis]![1];
    const least = (kernel[axis]! - 1) * params.dilation[axis]! + 1 - pads;
    return draw.int(Math.max(1, least), Math.max(1, least) + 9);
  });
  const [a, b] = [draw.int(1, 2), draw.int(1, 4)];
  const x = { shape: [draw.pick([1, 1, 2, 0]), a * params.groups, ...image] };
  const w = { shape: [b * params.groups, a, ...kernel] };
  return { inputs: [x, w, { shape: [b * params.groups] }], params };
}

function sampleTranspose(draw: Draw) {
  const { params, kernel } = sampleWindow(draw);
  const outputPadding = [0, 1].map((axis) =>
    draw.int(0, Math.max(params.stride[axis]!, params.dilation[axis]!) - 1),
  );
  const image = [0, 1].map((axis) => {
    const pads = params.padding[axis]![0] + params.padding[axis]![1];
    const rest = pads - (kernel[axis]! - 1) * params.dilation[axis]! - 1;
    const least = Math.max(1, Math.ceil(rest / params.stride[axis]!) + 1);
    return draw.int(least, least + 4);
  });
  const [a, b] = [draw.int(1, 2), draw.int(1, 3)];
  return {
    inputs: [
      { shape: [draw.pick([1, 1, 2, 0]), a * params.groups, ...image] },
      { shape: [a * params.groups, b, ...kernel] },
      { shape: [b * params.groups] },
    ],
    params: { ...params, outputPadding: outputPadding as [number, number] },
  };
}

const sampleRow =
  <P>(sample: (draw: Draw) => { inputs: { shape: number[] }[]; params: P }) =>
  (draw: Draw) => {
    const { inputs, params } = sample(draw);
    const flat = inputs.map(({ shape }) => ({
      shape: shape.length === 4 ? [...shape.slice(0, 2), shape[3]!] : shape,
    }));
    return { inputs: flat, params };
  };

/** A signal as an image of one row. */
const asImages = (inputs: readonly HostValue[]): HostValue[] =>
  inputs.map((x) => (x.shape.length === 3 ? { ...x, shape: [x.shape[0]!, x.shape[1]!, 1, x.shape[2]!] } : x));
const asSignal = (y: HostValue): HostValue => ({ ...y, shape: [y.shape[0]!, y.shape[1]!, y.shape[3]!] });
const rowParams = (params: ConvParams): ConvParams => ({
  ...{ stride: [1, params.stride[1]], padding: [[0, 0], params.padding[1]] },
  ...{ dilation: [1, params.dilation[1]], groups: params.groups },
});

const forwardShape = ([x, w]: readonly HostValue[], params: ConvParams): number[] => [
  ...[x!.shape[0]!, w!.shape[0]!],
  ...forwardSize(params, x!.shape.slice(2), w!.shape.slice(2)),
];

function transposeShape(
  [x, w]: readonly HostValue[],
  params: ConvParams,
  outputPadding: readonly number[],
): number[] {
  const { stride, padding, dilation, groups } = params;
  const size = [0, 1].map((axis) => {
    const pads = padding[axis]![0] + padding[axis]![1];
    const extent = (w!.shape[2 + axis]! - 1) * dilation[axis]! + 1;
    return (x!.shape[2 + axis]! - 1) * stride[axis]! + extent - pads + outputPadding[axis]!;
  });
  return [x!.shape[0]!, w!.shape[1]! * groups, ...size];
}

const dtypes: DType[][] = [
  ['f32', 'f32', 'f32'],
  ['c64', 'c64', 'c64'],
  ['c64', 'f32', 'c64'],
];

type TransposeParams = ConvParams & { outputPadding: [number, number] };

export const convRows: FunctionRow[] = [
  functionRow<ConvParams>({
    name: 'conv2d',
    dtypes,
    call: ([x, w, bias], params) => conv2d(x!, w!, { ...params, bias: bias! }),
    reference: (inputs, params) => convFormula(inputs, params, forwardShape(inputs, params), false),
    sample: sampleConv,
    bad: [
      { what: 'an unknown option', call: ([x, w]) => conv2d(x!, w!, { strides: 2 } as never) },
      { what: 'a negative padding', call: ([x, w]) => conv2d(x!, w!, { padding: -1 }) },
      { what: 'stride 0', call: ([x, w]) => conv2d(x!, w!, { stride: 0 }) },
      { what: 'a fractional stride', call: ([x, w]) => conv2d(x!, w!, { stride: [1, 1.5] }) },
      {
        what: 'a dilation of three numbers',
        call: ([x, w]) => conv2d(x!, w!, { dilation: [1, 1, 1] as never }),
      },
      { what: 'more groups than channels', call: ([x, w]) => conv2d(x!, w!, { groups: 100 }) },
      {
        what: 'a kernel larger than the image',
        call: ([x, w]) => conv2d(x!, w!, { dilation: 10000, padding: 0, stride: 1, groups: 7919 }),
      },
      { what: 'an image of rank 3', call: ([x, w]) => conv2d(reshape(x!, [-1, 1, 1]), w!) },
    ],
  }),
  functionRow<TransposeParams>({
    name: 'convTranspose2d',
    dtypes,
    call: ([x, w, bias], params) => convTranspose2d(x!, w!, { ...params, bias: bias! }),
    reference: (inputs, params) =>
      convFormula(inputs, params, transposeShape(inputs, params, params.outputPadding), true),
    sample: sampleTranspose,
    bad: [
      {
        what: 'an output padding as large as the stride',
        call: ([x, w]) => convTranspose2d(x!, w!, { outputPadding: 1 }),
      },
      {
        what: 'a result of negative size',
        call: ([x, w], p) => convTranspose2d(x!, w!, { groups: p.groups, padding: 10000 }),
      },
    ],
  }),
  functionRow<ConvParams>({
    name: 'conv1d',
    dtypes: [
      ['f32', 'f32', 'f32'],
      ['c64', 'c64', 'c64'],
    ],
    call: ([x, w, bias], { stride, padding, dilation, groups }) =>
      conv1d(x!, w!, { stride: stride[1], padding: padding[1], dilation: dilation[1], groups, bias: bias! }),
    reference: (inputs, params) => {
      const images = asImages(inputs);
      return asSignal(convFormula(images, rowParams(params), forwardShape(images, rowParams(params)), false));
    },
    sample: sampleRow(sampleConv),
    bad: [{ what: 'an image', call: ([x, w]) => conv1d(reshape(x!, [-1, 1, 1, 1]), w!) }],
  }),
  functionRow<TransposeParams>({
    name: 'convTranspose1d',
    dtypes: [
      ['f32', 'f32', 'f32'],
      ['c64', 'c64', 'c64'],
    ],
    call: ([x, w, bias], { stride, padding, dilation, groups, outputPadding }) =>
      convTranspose1d(x!, w!, {
        ...{ stride: stride[1], padding: padding[1], dilation: dilation[1], groups },
        ...{ outputPadding: outputPadding[1], bias: bias! },
      }),
    reference: (inputs, params) => {
      const images = asImages(inputs);
      const shape = transposeShape(images, rowParams(params), [0, params.outputPadding[1]]);
      return asSignal(convFormula(images, rowParams(params), shape, true));
    },
    sample: sampleRow(sampleTranspose),
  }),
  functionRow<{ kernel: [number, number]; stride: [number, number]; padding: [number, number] }>({
    name: 'maxPool2d',
    dtypes: [['f32']],
    call: ([x], params) => maxPool2d(x!, params),
    reference: ([x], params) => maxFormula(x!, params.kernel, params.stride, params.padding),
    sample: (draw) => {
      const kernel: [number, number] = [draw.int(1, 4), draw.int(1, 4)];
      const padding = kernel.map((k) => draw.int(0, Math.floor(k / 2))) as [number, number];
      const size = kernel.map((k, axis) => draw.int(Math.max(1, k - 2 * padding[axis]!), 9));
      const shape = [...draw.shape({ maxRank: 2, maxSize: 3 }), ...size];
      return {
        inputs: [{ shape, values: 'distinct' }],
        params: { kernel, stride: [draw.int(1, 3), draw.int(1, 3)], padding },
      };
    },
    bad: [
      { what: 'no kernel', call: ([x]) => maxPool2d(x!, {} as never) },
      { what: 'too much padding', call: ([x]) => maxPool2d(x!, { kernel: 2, padding: 2 }) },
      { what: 'a window larger than the image', call: ([x]) => maxPool2d(x!, { kernel: 1000 }) },
      { what: 'no options', call: ([x]) => maxPool2d(x!, undefined as never) },
    ],
  }),
];

/** Maxima of the image with −∞ around it. */
function maxFormula(x: HostValue, kernel: number[], stride: number[], padding: number[]): HostValue {
  const [height, width] = x.shape.slice(-2) as [number, number];
  const size = [height, width].map(
    (n, axis) => Math.floor((n + 2 * padding[axis]! - kernel[axis]!) / stride[axis]!) + 1,
  );
  const shape = [...x.shape.slice(0, -2), ...size];
  const pixel = (plane: number, i: number, j: number) =>
    i < 0 || j < 0 || i >= height || j >= width
      ? Number.NEGATIVE_INFINITY
      : x.data[(plane * height + i) * width + j]!;
  const data = Float64Array.from({ length: sizeOf(shape) }, (_, at) => {
    const plane = Math.floor(at / (size[0]! * size[1]!));
    const top = (Math.floor(at / size[1]!) % size[0]!) * stride[0]! - padding[0]!;
    const left = (at % size[1]!) * stride[1]! - padding[1]!;
    const taps = Array.from({ length: kernel[0]! * kernel[1]! }, (_, tap) =>
      pixel(plane, top + Math.floor(tap / kernel[1]!), left + (tap % kernel[1]!)),
    );
    return Math.max(...taps);
  });
  return { shape, dtype: 'f64', data };
}
