import {
  type FunctionBuilder,
  f32,
  f32x4,
  type I32,
  i32,
  type Local,
  v128,
} from '../../backend/wasm/assembler.js';
import type { KernelScope, WasmArg, WasmStep, WasmTarget } from '../../backend/wasm/plan.js';
import { type Block, blockScratchBytes, type EvaluateBlock } from '../elementwise/block.wasm.js';

/**
 * A zero-bordered copy of images, which makes every later load unconditional. With a horizontal stride s
 * the columns are sorted by their remainder: s runs of `runLength` floats per row, so that the pixels of
 * neighbouring outputs are neighbours.
 */
export interface PaddedImage {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Rows and columns of zeros before the image; negative: rows and columns left out. */
  readonly top: number;
  readonly left: number;
  readonly rows: number;
  readonly runs: number;
  readonly runLength: number;
}

export const rowFloats = ({ runs, runLength }: PaddedImage): number => runs * runLength;
export const planeFloats = (image: PaddedImage): number => image.rows * rowFloats(image);
/** Bytes of the copy of one image with all its channels. */
export const imageBytes = (image: PaddedImage): number => 4 * image.channels * planeFloats(image);

/** Where padded pixel (row, column) lies in its plane, in floats. */
export const pixelOffset = (image: PaddedImage, row: number, column: number): number =>
  row * rowFloats(image) + (column % image.runs) * image.runLength + Math.floor(column / image.runs);

/** Bytes of padded images that a plan holds at a time; larger batches are treated part by part. */
const mostBytes = 64 * 2 ** 20;
/** Bytes one task writes. */
const taskBytes = 256 * 1024;

/** Images to treat at a time. */
export const imagesPerPart = (image: PaddedImage, batch: number): number =>
  Math.max(1, Math.min(batch, Math.floor(mostBytes / imageBytes(image))));

/** Where images are: in memory, or to be computed, from one of their elements on. */
export type ImageSource = WasmArg | { readonly load: Block; readonly first: number };

/** Whether rows are long enough for a fused load to cost less than a pass of its own, and fit into scratch memory. */
export const loadsRows = ({ width, runs }: Pick<PaddedImage, 'width' | 'runs'>): boolean =>
  width >= 64 && (runs === 1 || width <= 1 << 18);

const argumentNames = ['source', 'result', 'planes', 'perTask', 'height', 'width'] as const;
const shapeNames = ['top', 'left', 'rows', 'runLength'] as const;
const names = [...argumentNames, ...shapeNames] as const;
type L = Local<'i32'>;
type Words = Record<(typeof names)[number], L>;

/** Copies `planes` planes from `source` into their padded form at `result`. */
export function padStep(
  target: WasmTarget,
  image: PaddedImage,
  planes: number,
  source: ImageSource,
  result: WasmArg,
): WasmStep {
  const planeBytes = 4 * planeFloats(image);
  const perTask = Math.max(1, Math.floor(taskBytes / planeBytes));
  const load = typeof source === 'object' && 'load' in source ? source.load : undefined;
  const words: Record<(typeof names)[number], WasmArg> = {
    ...{ ...image, planes, perTask, result },
    source: typeof source === 'object' && 'load' in source ? source.first : source,
  };
  return {
    code: padKernel(target, image.runs, load),
    tasks: Math.ceil(planes / perTask),
    args: [...names.map((name) => words[name]), ...(load?.args ?? [])],
  };
}

const padKernel = (target: WasmTarget, runs: number, load: Block | undefined) =>
  target.kernel(`conv/pad/${runs}${load ? `|${load.key}` : ''}`, (f, scope) => {
    const word = Object.fromEntries(names.map((name, i) => [name, f.let(scope.arg(i))])) as Words;
    const { rows, top, height } = word;
    const evaluate = load?.define(scope, target);
    const first = f.let(i32.mul(scope.task, word.perTask));
    const last = f.let(i32.minS(word.planes, i32.add(first, word.perTask)));
    const row = f.let(i32.mul(first, rows));
    const lastRow = f.let(i32.mul(last, rows));
    const to = f.let(i32.add(word.result, i32.mul(i32.mul(row, word.runLength), 4 * runs)));
    f.while(
      () => i32.ltS(row, lastRow),
      () => {
        const y = f.let(i32.sub(i32.remS(row, rows), top));
        const isInside = f.let(i32.ltU(y, height));
        const line = f.let(i32.add(i32.mul(i32.divS(row, rows), height), y));
        padRow(f, word, to, isInside, runs, readRow(f, scope, word, { line, isInside, runs }, evaluate));
        row.increase(1);
      },
    );
    if (evaluate && runs === 1)
      f.for(first, last, 1, (plane) => computeInside(f, scope, word, plane, evaluate));
  });

/** Where the pixels of a row begin; undefined if they are computed in place later. */
function readRow(
  f: FunctionBuilder,
  scope: KernelScope,
  { source, width }: Words,
  { line, isInside, runs }: { line: L; isInside: L; runs: number },
  evaluate: EvaluateBlock | undefined,
): L | undefined {
  if (!evaluate) return f.let(i32.add(source, i32.shl(i32.mul(line, width), 2)));
  if (runs === 1) return undefined;
  const address = f.let(i32.add(scope.scratch, blockScratchBytes));
  f.if(isInside, () => {
    const first = i32.add(source, i32.mul(line, width));
    evaluate(f, scope.argAddress(names.length), scope.scratch, { first, count: width, address });
  });
  return address;
}

/** One row of the padded form at `to`, which moves behind it. */
function padRow(
  f: FunctionBuilder,
  { left, width, runLength }: Words,
  to: L,
  isInside: L,
  runs: number,
  from: L | undefined,
): void {
  for (let run = 0; run < runs; run++) {
    const ceiling = (x: I32) => i32.divS(i32.add(x, runs - 1 - run), runs);
    const start = f.let(i32.minS(runLength, ceiling(left)));
    const stop = f.let(i32.minS(runLength, ceiling(i32.add(left, width))));
    f.if(i32.ltS(start, 0), () => start.set(0));
    f.if(i32.eqz(isInside), () => start.set(runLength));
    f.if(i32.or(i32.eqz(isInside), i32.ltS(stop, start)), () => stop.set(start));
    fillZero(f, to, start);
    const pixel = i32.sub(i32.add(i32.mul(start, runs), run), left);
    const count = i32.sub(stop, start);
    if (from) copyRun(f, to, f.let(i32.add(from, i32.shl(pixel, 2))), count, runs);
    else to.increase(i32.shl(count, 2));
    fillZero(f, to, i32.sub(runLength, stop));
  }
}

/** The pixels of a plane whose border is there already. */
function computeInside(
  f: FunctionBuilder,
  scope: KernelScope,
  { source, result, height, width, top, left, rows, runLength }: Words,
  plane: L,
  evaluate: EvaluateBlock,
): void {
  const atLeast0 = (x: I32): L => {
    const value = f.let(x);
    f.if(i32.ltS(value, 0), () => value.set(0));
    return value;
  };
  const y = atLeast0(i32.sub(0, top));
  const x = atLeast0(i32.sub(0, left));
  const yEnd = f.let(i32.minS(height, f.let(i32.sub(rows, top))));
  const xEnd = f.let(i32.minS(width, f.let(i32.sub(runLength, left))));
  const line = i32.add(i32.mul(plane, rows), i32.add(y, top));
  const place = i32.add(i32.mul(line, runLength), i32.add(x, left));
  evaluate(f, scope.argAddress(names.length), scope.scratch, {
    first: i32.add(source, i32.add(i32.mul(i32.add(i32.mul(plane, height), y), width), x)),
    count: i32.sub(xEnd, x),
    address: i32.add(result, i32.shl(place, 2)),
    rows: i32.sub(yEnd, y),
    pitch: width,
    step: i32.shl(runLength, 2),
  });
}

/** Writes `count` zeros at `to` and moves it behind them. */
function fillZero(f: FunctionBuilder, to: L, count: I32): void {
  const end = f.let(i32.add(to, i32.shl(count, 2)));
  const zero = f.let(f32x4.const(0));
  f.while(
    () => i32.leU(i32.add(to, 16), end),
    () => {
      f.store('v128', to, zero);
      to.increase(16);
    },
  );
  f.while(
    () => i32.ltU(to, end),
    () => {
      f.store('f32', to, f32.const(0));
      to.increase(4);
    },
  );
}

/** Copies every `step`-th float. */
function copyRun(f: FunctionBuilder, to: L, from: L, count: I32, step: number): void {
  const end = f.let(i32.add(to, i32.shl(count, 2)));
  if (step <= 2)
    f.while(
      () => i32.leU(i32.add(to, 16), end),
      () => {
        const four = v128.load(from);
        f.store('v128', to, step === 1 ? four : v128.shuffle(four, v128.load(from, 16), [0, 2, 4, 6]));
        from.increase(16 * step);
        to.increase(16);
      },
    );
  f.while(
    () => i32.ltU(to, end),
    () => {
      f.store('f32', to, f32.load(from));
      from.increase(4 * step);
      to.increase(4);
    },
  );
}
