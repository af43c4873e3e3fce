import {
  type Expr,
  type FunctionBuilder,
  f32,
  type I32,
  i32,
  type Local,
} from '../../backend/wasm/assembler.js';
import type { WasmArg, WasmStep, WasmTarget } from '../../backend/wasm/plan.js';
import { type DType, dtypeInfo } from '../../dtype.js';
import type { Fusable, WasmKernel } from '../../op.js';
import type { TensorType } from '../../shape.js';
import type { Extremum } from './extremum.reference.js';
import { cutSegments, firstOther, forSegments, type Segments, segmentArgs } from './segments.wasm.js';
import { extentsOf, type Span } from './span.js';
import { fusesLoad, type Reading, readingOf } from './staging.wasm.js';

type Value = Expr<'f32'> | I32;
const mergePerTask = 1 << 13;

/** Every segment finds the row of its extremum; where there are several, a second kernel compares those. */
export const argExtremumWasm =
  (which: Extremum): WasmKernel<Span> =>
  (call, target) => {
    const { shape, dtype } = call.inputs[0]!;
    const cut = cutSegments(extentsOf(shape, call.attrs));
    const reading = readingOf(call);
    const { tables } = reading;
    if (cut.blocks === 1)
      return { steps: [segmentStep(target, which, dtype, cut, reading, { output: 0 })], tables };
    return {
      steps: [
        segmentStep(target, which, dtype, cut, reading, { temp: 0 }),
        mergeStep(target, which, dtype, cut),
      ],
      temps: [cut.count * cut.inner * 4],
    };
  };

/** Only where winners of blocks need not be looked up again in an input that is nowhere stored. */
export const fusesArgExtremum = ([x]: readonly TensorType[], span: Span): Fusable =>
  cutSegments(extentsOf(x!.shape, span)).blocks === 1 ? fusesLoad() : { loads: [], store: false };

const loadValue = (dtype: DType, address: I32): Value =>
  dtype === 'f32' ? f32.load(address) : dtype === 'i32' ? i32.load(address) : i32.load8U(address);

/** A running extremum: NaN beats numbers, the first of equals stays. */
function contest(f: FunctionBuilder, which: Extremum, first: Value, index: I32) {
  const value = f.let(first as I32) as Local;
  const winner = f.let(index);
  const beats = (candidate: Value): I32 => {
    if (candidate.type === 'i32') {
      const wins = which === 'max' ? i32.gtS : i32.ltS;
      return wins(candidate as I32, value as I32);
    }
    const [a, b] = [candidate as Expr<'f32'>, value as Expr<'f32'>];
    const wins = which === 'max' ? f32.gt(a, b) : f32.lt(a, b);
    return i32.or(wins, i32.and(f32.ne(a, a), f32.eq(b, b)));
  };
  return {
    winner,
    enter(candidate: Value, at: I32): void {
      const entrant = f.let(candidate as I32) as Local;
      f.if(beats(entrant as Value), () => {
        value.set(entrant);
        winner.set(at);
      });
    },
  };
}

function segmentStep(
  target: WasmTarget,
  which: Extremum,
  dtype: DType,
  cut: Segments,
  reading: Reading,
  output: WasmArg,
): WasmStep {
  const { bytes } = dtypeInfo[dtype];
  const source = reading.source(target, bytes, firstOther);
  const code = target.kernel(`reduce/arg${which}-${dtype}${reading.key}`, (f, scope) => {
    const to = f.let(scope.arg(1));
    const n = f.let(scope.arg(6));
    const inner = f.let(scope.arg(7));
    forSegments(f, scope, source, ({ index, firstRow, rows, from, rowBytes }, { first, end }) => {
      // Rows before the segment count from the start of its own outer index.
      const offset = f.let(i32.remU(firstRow, n));
      f.for(first, end, 1, (column) => {
        const pointer = f.let(i32.add(from, i32.mul(column, bytes)));
        const { winner, enter } = contest(f, which, loadValue(dtype, pointer), i32.const(0));
        f.for(1, rows, 1, (row) => {
          pointer.increase(rowBytes);
          enter(loadValue(dtype, pointer), row);
        });
        const place = i32.add(to, i32.shl(i32.add(i32.mul(index, inner), column), 2));
        f.store('i32', place, i32.add(winner, offset));
      });
    });
  });
  return { code, tasks: cut.tasks, args: segmentArgs({ input: 0 }, output, cut, reading.args) };
}

/** Compares the winners of the blocks of every output. */
function mergeStep(target: WasmTarget, which: Extremum, dtype: DType, cut: Segments): WasmStep {
  const { bytes } = dtypeInfo[dtype];
  const total = cut.outer * cut.inner;
  const perTask = Math.max(1, Math.floor(mergePerTask / cut.blocks));
  const code = target.kernel(`reduce/arg${which}-${dtype}/merge`, (f, { task, arg }) => {
    const [n, inner, blocks] = [f.let(arg(3)), f.let(arg(4)), f.let(arg(5))];
    const start = f.let(i32.mul(task, arg(7)));
    const stop = f.let(i32.add(start, arg(7)));
    stop.set(i32.minS(stop, arg(6)));
    f.for(start, stop, 1, (e) => {
      const outer = f.let(i32.divU(e, inner));
      const column = f.let(i32.sub(e, i32.mul(outer, inner)));
      const candidates = f.let(
        i32.add(arg(1), i32.shl(i32.add(i32.mul(i32.mul(outer, blocks), inner), column), 2)),
      );
      const valueAt = (row: I32): Value =>
        loadValue(
          dtype,
          i32.add(arg(0), i32.mul(i32.add(i32.mul(i32.add(i32.mul(outer, n), row), inner), column), bytes)),
        );
      const row = f.let(i32.load(candidates));
      const { winner, enter } = contest(f, which, valueAt(row), row);
      f.for(1, blocks, 1, () => {
        candidates.increase(i32.shl(inner, 2));
        row.set(i32.load(candidates));
        enter(valueAt(row), row);
      });
      f.store('i32', i32.add(arg(2), i32.shl(e, 2)), winner);
    });
  });
  return {
    code,
    tasks: Math.ceil(total / perTask),
    args: [{ input: 0 }, { temp: 0 }, { output: 0 }, cut.n, cut.inner, cut.blocks, total, perTask],
  };
}
