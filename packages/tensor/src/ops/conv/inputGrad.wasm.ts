import type { WasmPlan, WasmStep, WasmTarget } from '../../backend/wasm/plan.js';
import type { Fusable, KernelCall } from '../../op.js';
import { type Shape, sizeOf, type TensorType } from '../../shape.js';
import { type Block, launchInput } from '../elementwise/block.wasm.js';
import { tileColumns } from '../matmul/tile.wasm.js';
import { zeroPlan } from '../matmul/zero.wasm.js';
import type { InputGradAttrs } from './convolution.js';
import { directFinishes, directStep } from './direct.wasm.js';
import { fusedEnds, imagesFrom } from './fusedEnds.wasm.js';
import {
  imageBytes,
  imagesPerPart,
  loadsRows,
  type PaddedImage,
  padStep,
  rowFloats,
} from './paddedImage.wasm.js';
import { borders, type Phase, phasesOf, phaseTables } from './phases.js';
import { rearrangeStep } from './rearrange.wasm.js';
import { winogradFits, winogradPlan } from './winograd.wasm.js';

/** conv2dInputGrad: by Winograd's algorithm with the weights turned by 180°, or directly. */
export function inputGradWasm(call: KernelCall<InputGradAttrs>, target: WasmTarget): WasmPlan {
  const { inputs, outputs, attrs } = call;
  const [g, w] = inputs.map((input) => input.shape) as [Shape, Shape];
  const x = outputs[0]!.shape;
  if (sizeOf(g) * sizeOf(w) === 0) return zeroPlan(target, 4 * sizeOf(x));
  if (attrs.algorithm === 'direct' || !winogradFits(w[0]!, w[1]!)) return directPlan(call, target, g, w, x);
  return winogradPlan(call, target, {
    ...{ batch: x[0]!, summed: w[0]!, results: w[1]!, rotated: true },
    source: { height: g[2]!, width: g[3]! },
    ...{ top: 2 - attrs.padding[0][0], left: 2 - attrs.padding[1][0] },
    result: { height: x[2]!, width: x[3]! },
  });
}

/** g is computed where it is padded. */
export const inputGradFuses = ([g]: readonly TensorType[]): Fusable => ({
  loads: loadsRows({ width: g!.shape[3]!, runs: 1 }) ? [0] : [],
  store: true,
});

/**
 * Every remainder of the pixel coordinates modulo the stride is a convolution of g with its own few taps,
 * in place of a stride-1 convolution of a g full of zeros.
 */
function directPlan(
  call: KernelCall<InputGradAttrs>,
  target: WasmTarget,
  g: Shape,
  w: Shape,
  x: Shape,
): WasmPlan {
  const { stride, dilation, padding, groups } = call.attrs;
  const source = { input: launchInput(call, 1) };
  const vertical = phasesOf(x[2]!, w[2]!, stride[0], dilation[0], padding[0][0]);
  const horizontal = phasesOf(x[3]!, w[3]!, stride[1], dilation[1], padding[1][0]);
  const [rows, columns] = [borders(vertical, 1), borders(horizontal, tileColumns)];
  const image: PaddedImage = {
    ...{ channels: g[1]!, height: g[2]!, width: g[3]!, top: rows.before, left: columns.before },
    ...{ rows: rows.length, runs: 1, runLength: Math.ceil(columns.length / 4) * 4 },
  };
  const all = vertical.flatMap((v) => horizontal.map((h) => ({ v, h })));
  const phases = placePhases(
    all
      .filter(({ v, h }) => v.taps.length * h.taps.length > 0)
      .map(({ v, h }) => ({ v, h, ...phaseTables(image, v, h, w, groups) })),
    sizeOf(w) / (w[2]! * w[3]!),
  );
  const steps: WasmStep[] = phases.length < all.length ? [...zeroPlan(target, 4 * sizeOf(x)).steps] : [];
  for (const { taps, tapsAt, weights } of phases)
    steps.push(rearrangeStep(target, w, groups, taps.length, source, { table: 1, offset: tapsAt }, weights));
  const ends = fusedEnds(call, target, 2, finishesInside(phases, x, call.attrs));
  const part = imagesPerPart(image, g[0]!);
  for (let first = 0; first < g[0]!; first += part) {
    const count = Math.min(part, g[0]! - first);
    const images = imagesFrom(ends, first * sizeOf(g.slice(1)));
    steps.push(padStep(target, image, count * image.channels, images, { temp: 0 }));
    for (const phase of phases)
      steps.push(phaseStep(target, phase, image, count, first, x, call.attrs, ends.store.block));
  }
  const tables = [phases.flatMap(({ pixels }) => pixels), phases.flatMap(({ taps }) => taps)];
  return {
    steps: [...steps, ...ends.store.steps],
    temps: [part * imageBytes(image), 4 * sizeOf(w)],
    tables: [...tables.map((table) => Int32Array.from(table)), ...ends.tables],
  };
}

/** With a stride, pixels are written in several passes. */
const finishesInside = (
  phases: readonly PhaseWork[],
  x: Shape,
  { groups, stride }: InputGradAttrs,
): boolean =>
  stride.every((n) => n === 1) &&
  directFinishes({
    ...{ channels: x[1]! / groups, rows: x[2]!, columns: x[3]! },
    depth: phases[0]!.pixels.length,
  });

type PhaseWork = { v: Phase; h: Phase } & ReturnType<typeof phaseTables>;

/** Byte offsets of every phase's part of the tables, and its rearranged weights. */
function placePhases(phases: readonly PhaseWork[], channelPairs: number) {
  let [pixelsAt, tapsAt] = [0, 0];
  return phases.map((phase) => {
    const placed = { ...phase, pixelsAt, tapsAt, weights: { temp: 1, offset: tapsAt * channelPairs } };
    pixelsAt += 4 * phase.pixels.length;
    tapsAt += 4 * phase.taps.length;
    return placed;
  });
}

/** The pixels of one phase in images first … first + count − 1. */
function phaseStep(
  target: WasmTarget,
  { v, h, pixels, pixelsAt, weights }: ReturnType<typeof placePhases>[number],
  image: PaddedImage,
  count: number,
  first: number,
  x: Shape,
  { groups, stride }: InputGradAttrs,
  store: Block | undefined,
): WasmStep {
  const [, inChannels, height, width] = x as [number, number, number, number];
  const start = first * sizeOf(x.slice(1)) + v.start * width + h.start;
  const channels = inChannels / groups;
  return directStep(target, {
    ...{ units: count * groups, groups, channels, rows: v.count, columns: h.count, depth: pixels.length },
    ...{ image: { temp: 0 }, imageUnit: imageBytes(image) / groups, imageRow: 4 * rowFloats(image) },
    ...{ table: { table: 0, offset: pixelsAt }, weights },
    ...{ store, storeFirst: start },
    ...{ result: { output: 0, offset: 4 * start }, resultUnit: 4 * channels * height * width },
    ...{ resultChannel: 4 * height * width, resultRow: 4 * stride[0] * width, resultColumn: 4 * stride[1] },
  });
}
