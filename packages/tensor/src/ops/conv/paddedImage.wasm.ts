import {
  type FunctionBuilder,
  f32,
  f32x4,
  type I32,
  i32,
  type Local,
  v128,
} from '../../backend/wasm/assembler.js';
import type { WasmArg, WasmStep, WasmTarget } from '../../backend/wasm/plan.js';

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

type L = Local<'i32'>;

/** Copies `planes` planes from `source` into their padded form at `result`. */
export function padStep(
  target: WasmTarget,
  image: PaddedImage,
  planes: number,
  source: WasmArg,
  result: WasmArg,
): WasmStep {
  const planeBytes = 4 * planeFloats(image);
  const perTask = Math.max(1, Math.floor(taskBytes / planeBytes));
  const { height, width, top, left, rows, runLength } = image;
  const words = [planes, perTask, height, width, top, left, rows, runLength];
  return {
    code: padKernel(target, image.runs),
    tasks: Math.ceil(planes / perTask),
    args: [source, result, ...words],
  };
}

const padKernel = (target: WasmTarget, runs: number) =>
  target.kernel(`conv/pad/${runs}`, (f, { task, arg }) => {
    const [planeCount, perTask, height, width, top, left, rows, runLength] = Array.from(
      { length: 8 },
      (_, i) => f.let(arg(i + 2)),
    ) as [L, L, L, L, L, L, L, L];
    const first = f.let(i32.mul(task, perTask));
    const row = f.let(i32.mul(first, rows));
    const lastRow = f.let(i32.mul(i32.minS(planeCount, i32.add(first, perTask)), rows));
    const to = f.let(i32.add(arg(1), i32.mul(i32.mul(row, runLength), 4 * runs)));
    f.while(
      () => i32.ltS(row, lastRow),
      () => {
        const y = f.let(i32.sub(i32.remS(row, rows), top));
        const isInside = f.let(i32.ltU(y, height));
        const line = i32.add(i32.mul(i32.divS(row, rows), height), y);
        const from = f.let(i32.add(arg(0), i32.shl(i32.mul(line, width), 2)));
        for (let run = 0; run < runs; run++) {
          const ceiling = (x: I32) => i32.divS(i32.add(x, runs - 1 - run), runs);
          const start = f.let(i32.minS(runLength, ceiling(left)));
          const stop = f.let(i32.minS(runLength, ceiling(i32.add(left, width))));
          f.if(i32.ltS(start, 0), () => start.set(0));
          f.if(i32.eqz(isInside), () => start.set(runLength));
          f.if(i32.or(i32.eqz(isInside), i32.ltS(stop, start)), () => stop.set(start));
          fillZero(f, to, start);
          const pixel = i32.sub(i32.add(i32.mul(start, runs), run), left);
          copyRun(f, to, f.let(i32.add(from, i32.shl(pixel, 2))), i32.sub(stop, start), runs);
          fillZero(f, to, i32.sub(runLength, stop));
        }
        row.increase(1);
      },
    );
  });

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
