import { f32, i32, type Local } from '../../backend/wasm/assembler.js';
import type { WasmPlan, WasmStep, WasmTarget } from '../../backend/wasm/plan.js';
import type { KernelCall } from '../../op.js';
import { type Shape, sizeOf } from '../../shape.js';
import { tileColumns } from '../matmul/tile.wasm.js';
import { zeroPlan } from '../matmul/zero.wasm.js';
import type { InputGradAttrs } from './convolution.js';
import { directStep } from './direct.wasm.js';
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

/** A tap that reaches pixels of one remainder: pixel start + stride·q takes g at position q + shift. */
interface Tap {
  readonly index: number;
  readonly shift: number;
}

/** Pixels start, start + stride, … of one axis: `count` of them, all reached by the same taps. */
interface Phase {
  readonly start: number;
  readonly count: number;
  readonly taps: readonly Tap[];
}

/** Along one axis o·s + i·d − p = y: for each remainder of y modulo s, the taps i that divide evenly. */
function phasesOf(size: number, taps: number, stride: number, dilation: number, before: number): Phase[] {
  return Array.from({ length: Math.min(stride, size) }, (_, start) => ({
    start,
    count: Math.ceil((size - start) / stride),
    taps: Array.from({ length: taps }, (_, index) => ({
      index,
      shift: (start + before - index * dilation) / stride,
    })).filter(({ shift }) => Number.isInteger(shift)),
  }));
}

/** The zero border that makes every read of every phase fall into the padded image. */
function borders(phases: readonly Phase[], least: number): { before: number; length: number } {
  const shifts = phases.flatMap((phase) => phase.taps.map(({ shift }) => shift));
  const before = Math.max(0, -Math.min(0, ...shifts));
  const ends = phases.flatMap((phase) => phase.taps.map(({ shift }) => Math.max(phase.count, least) + shift));
  return { before, length: before + Math.max(1, ...ends) };
}

/** conv2dInputGrad: by Winograd's algorithm with the weights turned by 180°, or directly. */
export function inputGradWasm(
  { inputs, outputs, attrs }: KernelCall<InputGradAttrs>,
  target: WasmTarget,
): WasmPlan {
  const [g, w] = inputs.map((input) => input.shape) as [Shape, Shape];
  const x = outputs[0]!.shape;
  if (sizeOf(g) * sizeOf(w) === 0) return zeroPlan(target, 4 * sizeOf(x));
  if (attrs.algorithm === 'direct' || !winogradFits(w[0]!, w[1]!)) return directPlan(target, g, w, x, attrs);
  return winogradPlan(target, {
    ...{ batch: x[0]!, summed: w[0]!, results: w[1]!, rotated: true },
    source: { height: g[2]!, width: g[3]! },
    ...{ top: 2 - attrs.padding[0][0], left: 2 - attrs.padding[1][0] },
    result: { height: x[2]!, width: x[3]! },
  });
}

/**
 * Every remainder of the pixel coordinates modulo the stride is a convolution of g with
 * its own few taps, in place of a stride-1 convolution of a g full of zeros. Weights are rearranged to
 * [group][channel of x][channel of g, tap] first.
 */
function directPlan(target: WasmTarget, g: Shape, w: Shape, x: Shape, attrs: InputGradAttrs): WasmPlan {
  const { stride, dilation, padding, groups } = attrs;
  const vertical = phasesOf(x[2]!, w[2]!, stride[0], dilation[0], padding[0][0]);
  const horizontal = phasesOf(x[3]!, w[3]!, stride[1], dilation[1], padding[1][0]);
  const [rows, columns] = [borders(vertical, 1), borders(horizontal, tileColumns)];
  const image: PaddedImage = {
    ...{ channels: g[1]!, height: g[2]!, width: g[3]!, top: rows.before, left: columns.before },
    ...{ rows: rows.length, runs: 1, runLength: Math.ceil(columns.length / 4) * 4 },
  };
  const all = vertical.flatMap((v) => horizontal.map((h) => ({ v, h })));
  const phases = all.filter(({ v, h }) => v.taps.length * h.taps.length > 0);
  const parts = phases.map(({ v, h }) => phaseTables(image, v, h, w, groups));
  const steps: WasmStep[] = phases.length < all.length ? [...zeroPlan(target, 4 * sizeOf(x)).steps] : [];
  const offsets = startsOf(parts.map(({ pixels }) => pixels.length));
  const weightOffsets = startsOf(parts.map(({ taps }) => taps.length * (sizeOf(w) / (w[2]! * w[3]!))));
  parts.forEach(({ taps }, i) => {
    const at = { temp: 1, offset: 4 * weightOffsets[i]! };
    steps.push(
      rearrangeStep(
        target,
        w,
        groups,
        taps.length,
        { table: 1, offset: 4 * startsOf(parts.map((p) => p.taps.length))[i]! },
        at,
      ),
    );
  });
  const part = imagesPerPart(image, g[0]!);
  for (let first = 0; first < g[0]!; first += part) {
    const count = Math.min(part, g[0]! - first);
    const source = { input: 0, offset: 4 * first * sizeOf(g.slice(1)) };
    steps.push(padStep(target, image, count * image.channels, source, { temp: 0 }));
    phases.forEach(({ v, h }, i) => {
      const start = first * sizeOf(x.slice(1)) + v.start * x[3]! + h.start;
      steps.push(
        directStep(target, {
          ...{ units: count * groups, groups, channels: w[1]!, rows: v.count, columns: h.count },
          ...{
            depth: parts[i]!.pixels.length,
            image: { temp: 0 },
            table: { table: 0, offset: 4 * offsets[i]! },
          },
          weights: { temp: 1, offset: 4 * weightOffsets[i]! },
          ...{ imageUnit: imageBytes(image) / groups, imageRow: 4 * rowFloats(image) },
          ...{ result: { output: 0, offset: 4 * start }, resultUnit: 4 * w[1]! * x[2]! * x[3]! },
          ...{
            resultChannel: 4 * x[2]! * x[3]!,
            resultRow: 4 * stride[0] * x[3]!,
            resultColumn: 4 * stride[1],
          },
        }),
      );
    });
  }
  return {
    steps,
    temps: [part * imageBytes(image), 4 * sizeOf(w)],
    tables: [
      Int32Array.from(parts.flatMap(({ pixels }) => pixels)),
      Int32Array.from(parts.flatMap(({ taps }) => taps)),
    ],
  };
}

const startsOf = (lengths: readonly number[]): number[] => {
  let sum = 0;
  return lengths.map((length) => (sum += length) - length);
};

/** `taps`: float offsets in a kernel; `pixels`: byte offsets in the padded g of every (channel, tap). */
function phaseTables(image: PaddedImage, v: Phase, h: Phase, w: Shape, groups: number) {
  const pairs = v.taps.flatMap((i) => h.taps.map((j) => ({ i, j })));
  const shifts = pairs.map(({ i, j }) => pixelOffset(image, image.top + i.shift, image.left + j.shift));
  const channels = Array.from({ length: w[0]! / groups }, (_, c) => c * planeFloats(image));
  return {
    taps: pairs.map(({ i, j }) => i.index * w[3]! + j.index),
    pixels: channels.flatMap((plane) => shifts.map((shift) => 4 * (plane + shift))),
  };
}

/** Floats one task rearranges. */
const taskFloats = 32768;
type L = Local<'i32'>;

/** [group, co][ci][tap] → [group][ci][co][chosen taps]. */
function rearrangeStep(
  target: WasmTarget,
  w: Shape,
  groups: number,
  taps: number,
  table: { table: number; offset: number },
  result: { temp: number; offset: number },
): WasmStep {
  const code = target.kernel('conv/rearrange', (f, { task, arg }) => {
    const [, list, , lineCount, perTask, inner, outer, tapCount, kernelSize] = Array.from(
      { length: 9 },
      (_, i) => f.let(arg(i)),
    ) as [L, L, L, L, L, L, L, L, L];
    const line = f.let(i32.mul(task, perTask));
    const last = f.let(i32.minS(lineCount, i32.add(line, perTask)));
    const to = f.let(i32.add(arg(2), i32.shl(i32.mul(line, i32.mul(outer, tapCount)), 2)));
    const listEnd = f.let(i32.add(list, i32.shl(tapCount, 2)));
    f.while(
      () => i32.ltS(line, last),
      () => {
        f.for(0, outer, 1, (co) => {
          const channel = i32.add(i32.mul(i32.divU(line, inner), outer), co);
          const place = i32.add(i32.mul(channel, inner), i32.remU(line, inner));
          const from = f.let(i32.add(arg(0), i32.shl(i32.mul(place, kernelSize), 2)));
          const tap = f.let(list);
          f.while(
            () => i32.ltU(tap, listEnd),
            () => {
              f.store('f32', to, f32.load(i32.add(from, i32.shl(i32.load(tap), 2))));
              tap.increase(4);
              to.increase(4);
            },
          );
        });
        line.increase(1);
      },
    );
  });
  const [outer, lines] = [w[0]! / groups, groups * w[1]!];
  const perTask = Math.max(1, Math.floor(taskFloats / (outer * taps)));
  const words = [lines, perTask, w[1]!, outer, taps, w[2]! * w[3]!];
  return { code, tasks: Math.ceil(lines / perTask), args: [{ input: 1 }, table, result, ...words] };
}
