import type { WasmPlan, WasmStep, WasmTarget } from '../../backend/wasm/plan.js';
import type { KernelCall } from '../../op.js';
import { type Shape, sizeOf } from '../../shape.js';
import { gemmPlan } from '../matmul/gemm.wasm.js';
import { tileColumns } from '../matmul/tile.wasm.js';
import { zeroPlan } from '../matmul/zero.wasm.js';
import type { ConvAttrs } from './convolution.js';
import { directStep } from './direct.wasm.js';
import { kernelExtent, type Pair } from './geometry.js';
import {
  imageBytes,
  imagesPerPart,
  type PaddedImage,
  padStep,
  pixelOffset,
  planeFloats,
  rowFloats,
} from './paddedImage.wasm.js';
import { winogradFits, winogradPlan } from './winograd.wasm.js';

/** The copy of x that a convolution with these counts of window positions reads. */
export function inputImage(
  x: Shape,
  kernel: Pair,
  counts: Pair,
  { stride, padding, dilation }: ConvAttrs,
): PaddedImage {
  const [, channels, height, width] = x as [number, number, number, number];
  const columns = Math.max(counts[1], tileColumns) + Math.floor(((kernel[1] - 1) * dilation[1]) / stride[1]);
  return {
    ...{ channels, height, width, top: padding[0][0], left: padding[1][0] },
    rows: (counts[0] - 1) * stride[0] + kernelExtent(kernel[0], dilation[0]),
    runs: stride[1],
    runLength: Math.ceil(columns / 4) * 4,
  };
}

/** Byte offset in the padded image of every (channel of a group, i, j), the order of the weights. */
export function tapTable(image: PaddedImage, channels: number, kernel: Pair, dilation: Pair): Int32Array {
  const table = new Int32Array(channels * kernel[0] * kernel[1]);
  let k = 0;
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < kernel[0]; i++)
      for (let j = 0; j < kernel[1]; j++)
        table[k++] = 4 * (c * planeFloats(image) + pixelOffset(image, i * dilation[0], j * dilation[1]));
  return table;
}

/** conv2d: Winograd's algorithm, a matrix product for 1x1 kernels, or the GEMM micro-kernel over a padded copy. */
export function conv2dWasm(call: KernelCall<ConvAttrs>, target: WasmTarget): WasmPlan {
  const [x, w] = call.inputs.map((input) => input.shape) as [Shape, Shape];
  const y = call.outputs[0]!.shape;
  if (sizeOf(w) === 0) return zeroPlan(target, 4 * sizeOf(y));
  if (call.attrs.algorithm === 'winograd' && winogradFits(w[1]!, w[0]!))
    return winogradForward(target, x, w, y, call.attrs);
  return isMatrixProduct(w, call.attrs)
    ? pointwisePlan(target, x, w, call.attrs)
    : directPlan(target, x, w, y, call.attrs);
}

const winogradForward = (
  target: WasmTarget,
  x: Shape,
  w: Shape,
  y: Shape,
  { padding }: ConvAttrs,
): WasmPlan =>
  winogradPlan(target, {
    ...{ batch: x[0]!, summed: w[1]!, results: w[0]!, rotated: false },
    ...{ source: { height: x[2]!, width: x[3]! }, top: padding[0][0], left: padding[1][0] },
    result: { height: y[2]!, width: y[3]! },
  });

/** One tap, no padding, no stride: y = W x for every pixel. */
export const isMatrixProduct = (w: Shape, { stride, padding }: ConvAttrs): boolean =>
  w[2] === 1 && w[3] === 1 && stride.every((n) => n === 1) && padding.flat().every((n) => n === 0);

function pointwisePlan(target: WasmTarget, x: Shape, w: Shape, { groups }: ConvAttrs): WasmPlan {
  const [m, k, n] = [w[0]! / groups, w[1]!, x[2]! * x[3]!];
  const units = Array.from({ length: x[0]! * groups }, (_, unit) => unit);
  return gemmPlan(target, {
    ...{ complex: false, conjA: false, conjB: false, m, n, k },
    ...{ a: { input: 1 }, b: { input: 0 }, c: { output: 0 } },
    ...{ aRow: 4 * k, aStep: 4, bStep: 4 * n, bColumn: 4 },
    aOffsets: units.map((unit) => (unit % groups) * 4 * m * k),
    bOffsets: units.map((unit) => unit * 4 * k * n),
  });
}

function directPlan(target: WasmTarget, x: Shape, w: Shape, y: Shape, attrs: ConvAttrs): WasmPlan {
  const { groups, stride, dilation } = attrs;
  const kernel: Pair = [w[2]!, w[3]!];
  const image = inputImage(x, kernel, [y[2]!, y[3]!], attrs);
  const pixels = y[2]! * y[3]!;
  const part = imagesPerPart(image, x[0]!);
  const steps: WasmStep[] = [];
  for (let first = 0; first < x[0]!; first += part) {
    const count = Math.min(part, x[0]! - first);
    const source = { input: 0, offset: 4 * first * sizeOf(x.slice(1)) };
    steps.push(padStep(target, image, count * image.channels, source, { temp: 0 }));
    steps.push(
      directStep(target, {
        ...{ units: count * groups, groups, channels: w[0]! / groups, rows: y[2]!, columns: y[3]! },
        ...{ depth: sizeOf(w.slice(1)), image: { temp: 0 }, table: { table: 0 }, weights: { input: 1 } },
        ...{ imageUnit: imageBytes(image) / groups, imageRow: 4 * stride[0] * rowFloats(image) },
        result: { output: 0, offset: 4 * first * sizeOf(y.slice(1)) },
        ...{ resultUnit: (4 * pixels * w[0]!) / groups, resultChannel: 4 * pixels },
        ...{ resultRow: 4 * y[3]!, resultColumn: 4 },
      }),
    );
  }
  return { steps, temps: [part * imageBytes(image)], tables: [tapTable(image, w[1]!, kernel, dilation)] };
}
