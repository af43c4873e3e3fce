import { type FunctionBuilder, f32x4, i32, type Local, v128 } from '../../backend/wasm/assembler.js';
import type { WasmArg, WasmStep, WasmTarget } from '../../backend/wasm/plan.js';
import { points } from './winogradGeometry.js';
import { weightTransformAdjoint } from './winogradTransforms.wasm.js';

/** Image channels of one task. */
const channelsPerTask = 4;
type L = Local<'i32'>;

/** The partial sums [part][ξ][image channel][gradient channel] of a weight gradient. */
interface PartialSums {
  readonly sums: WasmArg;
  readonly parts: number;
  readonly imageChannels: number;
  readonly gradientChannels: number;
  /** Bytes of a row of gradient channels, a multiple of 16. */
  readonly rowBytes: number;
  readonly result: WasmArg;
}

const argumentNames = ['sums', 'result', 'count', 'channels', 'results', 'row', 'point', 'part'] as const;

/** dw[co][ci] = Gᵀ (Σ_parts sums) G, parts in their order. */
export function weightGradResultStep(target: WasmTarget, problem: PartialSums): WasmStep {
  const { sums, parts, imageChannels, gradientChannels, rowBytes, result } = problem;
  const point = rowBytes * imageChannels;
  const words: Record<(typeof argumentNames)[number], WasmArg> = {
    ...{ sums, result, count: parts, channels: imageChannels, results: gradientChannels },
    ...{ row: rowBytes, point, part: points * points * point },
  };
  return {
    code: resultKernel(target),
    tasks: Math.ceil(imageChannels / channelsPerTask),
    args: argumentNames.map((name) => words[name]),
  };
}

const resultKernel = (target: WasmTarget) =>
  target.kernel('conv/winogradWeightGrad/result', (f, { task, arg, scratch }) => {
    const word = Object.fromEntries(argumentNames.map((name, i) => [name, f.let(arg(i))])) as Words;
    const { channels, results, row } = word;
    const first = f.let(i32.mul(task, channelsPerTask));
    const totals = f.let(i32.add(scratch, stagingBytes));
    f.for(first, i32.minS(channels, i32.add(first, channelsPerTask)), 1, (channel) => {
      addParts(f, word, f.let(i32.add(word.sums, i32.mul(channel, row))), totals);
      f.for(0, results, 4, (co) => {
        transformBack(f, f.let(i32.add(totals, i32.shl(co, 2))), row, scratch);
        const to = f.let(i32.add(word.result, i32.mul(i32.add(i32.mul(co, channels), channel), 36)));
        const lanes = f.let(i32.minS(4, i32.sub(results, co)));
        const value = f.let(i32.add(scratch, backOffset));
        f.for(0, lanes, 1, () => {
          for (let tap = 0; tap < 9; tap++) f.store('i32', to, i32.load(value, 16 * tap), 4 * tap);
          to.set(i32.add(to, i32.mul(channels, 36)));
          value.increase(4);
        });
      });
    });
  });

type Words = Record<(typeof argumentNames)[number], L>;

/** The sums of one image channel, [ξ][gradient channel], to `totals`: whole rows, since each is far from the next. */
function addParts(f: FunctionBuilder, { row, point, part, count }: Words, sums: L, totals: L): void {
  const to = f.let(totals);
  f.for(0, points * points, 1, () => {
    f.for(0, row, 16, (place) => {
      const at = f.let(i32.add(sums, place));
      const total = f.let(v128.load(at));
      f.for(1, count, 1, () => {
        at.set(i32.add(at, part));
        total.set(f32x4.add(total, v128.load(at)));
      });
      f.store('v128', to, total);
      to.increase(16);
    });
    sums.set(i32.add(sums, point));
  });
}

/** Where the 9 vectors of a transformed 6x6 block of vectors go, behind 6x3 of them. */
const backOffset = 16 * 3 * points;
const stagingBytes = backOffset + 16 * 9;

/** Gᵀ u G of the 36 vectors at `from`, a row apart. */
function transformBack(f: FunctionBuilder, from: L, row: L, scratch: L): void {
  for (let j = 0; j < points; j++) {
    const cell = f.let(i32.add(from, i32.mul(row, j)));
    const column = Array.from({ length: points }, () => {
      const value = f.let(v128.load(cell));
      cell.set(i32.add(cell, i32.mul(row, points)));
      return value;
    });
    weightTransformAdjoint(f, column).forEach((value, i) => {
      f.store('v128', scratch, value, 16 * (points * i + j));
    });
  }
  for (let i = 0; i < 3; i++)
    weightTransformAdjoint(
      f,
      Array.from({ length: points }, (_, j) => v128.load(scratch, 16 * (points * i + j))),
    ).forEach((value, j) => {
      f.store('v128', scratch, value, backOffset + 16 * (3 * i + j));
    });
}
