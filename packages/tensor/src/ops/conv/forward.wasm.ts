import type { WasmPlan, WasmStep, WasmTarget } from '../../backend/wasm/plan.js';
import type { Fusable, KernelCall } from '../../op.js';
import { type Shape, sizeOf, type TensorType } from '../../shape.js';
import { launchInput } from '../elementwise/block.wasm.js';
import { fusedStore } from '../matmul/fusedStore.wasm.js';
import { gemmFinishes, gemmPlan } from '../matmul/gemm.wasm.js';
import { tileColumns } from '../matmul/tile.wasm.js';
import { zeroPlan } from '../matmul/zero.wasm.js';
import type { ConvAttrs } from './convolution.js';
import { directFinishes, directStep } from './direct.wasm.js';
import { fusedEnds, imagesFrom } from './fusedEnds.wasm.js';
import { kernelExtent, type Pair } from './geometry.js';
import {
  imageBytes,
  imagesPerPart,
  loadsRows,
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
  if (call.attrs.algorithm === 'winograd' && winogradFits(w[1]!, w[0]!)) return winogradForward(call, target);
  return isMatrixProduct(w, call.attrs)
    ? pointwisePlan(call, target, x, w)
    : directPlan(call, target, x, w, y);
}

/** The image is computed where it is padded, if it is. */
export const conv2dFuses = ([x, w]: readonly TensorType[], attrs: ConvAttrs): Fusable => ({
  loads:
    !isMatrixProduct(w!.shape, attrs) && loadsRows({ width: x!.shape[3]!, runs: attrs.stride[1] }) ? [0] : [],
  store: true,
});

function winogradForward(call: KernelCall<ConvAttrs>, target: WasmTarget): WasmPlan {
  const [x, w] = call.inputs.map((input) => input.shape) as [Shape, Shape];
  const { padding } = call.attrs;
  const y = call.outputs[0]!.shape;
  return winogradPlan(call, target, {
    ...{ batch: x[0]!, summed: w[1]!, results: w[0]!, rotated: false },
    ...{ source: { height: x[2]!, width: x[3]! }, top: padding[0][0], left: padding[1][0] },
    result: { height: y[2]!, width: y[3]! },
  });
}

/** One tap, no padding, no stride: y = W x for every pixel. */
export const isMatrixProduct = (w: Shape, { stride, padding }: ConvAttrs): boolean =>
  w[2] === 1 && w[3] === 1 && stride.every((n) => n === 1) && padding.flat().every((n) => n === 0);

function pointwisePlan(call: KernelCall<ConvAttrs>, target: WasmTarget, x: Shape, w: Shape): WasmPlan {
  const { groups } = call.attrs;
  const [m, k, n] = [w[0]! / groups, w[1]!, x[2]! * x[3]!];
  const units = Array.from({ length: x[0]! * groups }, (_, unit) => unit);
  return gemmPlan(target, {
    ...{ complex: false, conjA: false, conjB: false, m, n, k },
    ...{
      a: { input: 1 },
      b: { input: 0 },
      c: { output: 0 },
      store: fusedStore(call, target, 2, gemmFinishes(n, false)),
    },
    ...{ aRow: 4 * k, aStep: 4, bStep: 4 * n, bColumn: 4 },
    aOffsets: units.map((unit) => (unit % groups) * 4 * m * k),
    bOffsets: units.map((unit) => unit * 4 * k * n),
  });
}

function directPlan(call: KernelCall<ConvAttrs>, target: WasmTarget, x: Shape, w: Shape, y: Shape): WasmPlan {
  const { groups, stride, dilation } = call.attrs;
  const kernel: Pair = [w[2]!, w[3]!];
  const image = inputImage(x, kernel, [y[2]!, y[3]!], call.attrs);
  const pixels = y[2]! * y[3]!;
  const sums = {
    ...{ channels: w[0]! / groups, rows: y[2]!, columns: y[3]!, depth: sizeOf(w.slice(1)) },
  };
  const ends = fusedEnds(call, target, 1, directFinishes(sums));
  const part = imagesPerPart(image, x[0]!);
  const steps: WasmStep[] = [];
  for (let first = 0; first < x[0]!; first += part) {
    const count = Math.min(part, x[0]! - first);
    const source = imagesFrom(ends, first * sizeOf(x.slice(1)));
    steps.push(padStep(target, image, count * image.channels, source, { temp: 0 }));
    const storeFirst = first * sizeOf(y.slice(1));
    steps.push(
      directStep(target, {
        ...{ ...sums, units: count * groups, groups, image: { temp: 0 }, table: { table: 0 } },
        weights: { input: launchInput(call, 1) },
        ...{ imageUnit: imageBytes(image) / groups, imageRow: 4 * stride[0] * rowFloats(image) },
        ...{ result: { output: 0, offset: 4 * storeFirst }, storeFirst, store: ends.store.block },
        ...{ resultUnit: (4 * pixels * w[0]!) / groups, resultChannel: 4 * pixels },
        ...{ resultRow: 4 * y[3]!, resultColumn: 4 },
      }),
    );
  }
  const tables = [tapTable(image, w[1]!, kernel, dilation), ...ends.tables];
  return { steps: [...steps, ...ends.store.steps], temps: [part * imageBytes(image)], tables };
}
