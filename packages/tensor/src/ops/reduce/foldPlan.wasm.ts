import { type FunctionBuilder, i32, type Local } from '../../backend/wasm/assembler.js';
import type { WasmArg, WasmCode, WasmPlan, WasmStep, WasmTarget } from '../../backend/wasm/plan.js';
import { type Fold, foldColumns, foldRun, lanesOf, rawSink, type Scalar, type Sink } from './fold.wasm.js';
import {
  cutSegments,
  firstOther,
  forSegments,
  type Segments,
  type Source,
  segmentArgs,
} from './segments.wasm.js';
import type { Extents } from './span.js';
import type { Reading } from './staging.wasm.js';

const columnGroups = 4;
/** Partial results that one task of the last stage adds. */
const mergePerTask = 1 << 15;

/**
 * Reduces [outer, n, inner]: every segment is folded by one task; where a reduction has several
 * segments, partial results go to a temporary and a second kernel folds them in order.
 */
export function foldPlan(target: WasmTarget, fold: Fold, extents: Extents, reading: Reading): WasmPlan {
  const { tables, unit } = reading;
  const cut = cutSegments(extents, unit);
  if (cut.blocks === 1)
    return { steps: [segmentStep(target, fold, fold.sink, cut, reading, { output: 0 })], tables };
  const raw = rawSink(fold.lanes);
  return {
    steps: [segmentStep(target, fold, raw, cut, reading, { temp: 0 }), mergeStep(target, fold, cut)],
    temps: [cut.count * cut.inner * raw.bytes],
    tables,
  };
}

/** First stage: one result per segment and column, through `sink`. */
export function segmentStep(
  target: WasmTarget,
  fold: Fold,
  sink: Sink,
  cut: Segments,
  reading: Reading,
  output: WasmArg,
): WasmStep {
  const stage = sink === fold.sink ? 'whole' : 'partial';
  const kernel: SegmentKernel = {
    ...{ key: `reduce/${fold.name}/${stage}${reading.key}`, fold, sink },
    source: reading.source(target, fold.bytes, firstOther),
  };
  const code = cut.inner <= 2 ? runKernel(target, kernel, cut) : columnKernel(target, kernel);
  return { code, tasks: cut.tasks, args: segmentArgs({ input: 0 }, output, cut, reading.args) };
}

interface SegmentKernel {
  readonly key: string;
  readonly fold: Fold;
  readonly sink: Sink;
  readonly source: Source;
}

/** inner = 1 or 2: vectors run along the reduced axis. */
function runKernel(target: WasmTarget, { key, fold, sink, source }: SegmentKernel, cut: Segments): WasmCode {
  const period = cut.inner as 1 | 2;
  const unroll = cut.length >= 32 ? 4 : cut.length >= 8 ? 1 : 0;
  return target.kernel(`${key}/run${period}x${unroll}`, (f, scope) => {
    const output = f.let(scope.arg(1));
    forSegments(f, scope, source, ({ index, from, rows }) => {
      const count = f.let(i32.mul(rows, period));
      const results = foldRun(f, fold, from, count, period, unroll);
      const address = f.let(i32.add(output, i32.mul(index, period * sink.bytes)));
      results.forEach((result, part) => {
        sink.one(f, address, result as Scalar, part * sink.bytes);
      });
    });
  });
}

/**
 * inner > 2: vectors run across columns, sixteen at a time, then four. Long columns are folded a block of
 * rows at a time, so that memory is read along the rows; what was folded so far waits in scratch memory.
 */
function columnKernel(target: WasmTarget, { key, fold, sink, source }: SegmentKernel): WasmCode {
  return target.kernel(`${key}/columns`, (f, scope) => {
    const output = f.let(scope.arg(1));
    const inner = f.let(scope.arg(7));
    const waiting = f.let(i32.add(scope.scratch, waitingOffset));
    forSegments(f, scope, source, ({ index, from, rows, rowBytes }, { first, end }) => {
      const start = f.let(i32.add(from, i32.mul(first, fold.bytes)));
      const result = f.let(i32.add(output, i32.mul(i32.add(i32.mul(index, inner), first), sink.bytes)));
      // once even without rows: then every column is the identity
      f.for(0, i32.add(rows, i32.eqz(rows)), rowBlock, (done) => {
        const left = f.let(i32.sub(rows, done));
        const places = { pointer: f.let(start), address: f.let(result), waiting: f.let(waiting) };
        const block = { done, left, rowBytes, first: f.let(first), end };
        emitColumns(f, fold, sink, places, block);
        start.set(i32.add(start, i32.mul(rowBlock, rowBytes)));
      });
    });
  });
}

/** Rows read side by side: few enough for the processor to fetch ahead in all of them. */
const rowBlock = 16;
/** Behind what a fused load computes. */
const waitingOffset = 1 << 20;

interface RowBlock {
  /** Rows folded before, rows still to fold. */
  readonly done: Local<'i32'>;
  readonly left: Local<'i32'>;
  readonly rowBytes: Local<'i32'>;
  /** The next column, and the one behind the last. */
  readonly first: Local<'i32'>;
  readonly end: Local<'i32'>;
}

/** One block of rows, all columns of the task; `places` move along the columns. */
function emitColumns(
  f: FunctionBuilder,
  fold: Fold,
  sink: Sink,
  { pointer, address, waiting }: Record<'pointer' | 'address' | 'waiting', Local<'i32'>>,
  { done, left, rowBytes, first: column, end }: RowBlock,
): void {
  const raw = rawSink(fold.lanes);
  const count = f.let(i32.minS(left, rowBlock));
  const isLast = f.let(i32.leS(left, rowBlock));
  const foldGroups = (groups: number, store: (accumulators: Local<'v128'>[][]) => void): void => {
    const accumulators = foldColumns(f, fold, pointer, count, rowBytes, groups, (group, g) => {
      const before = lanesOf[fold.lanes].loadFour(i32.add(waiting, 4 * g * raw.bytes));
      f.if(done, () => {
        group.forEach((value, i) => {
          value.set(before[i]!);
        });
      });
    });
    f.if(
      isLast,
      () => store(accumulators),
      () =>
        accumulators.forEach((values, g) => {
          raw.four(f, waiting, values, 4 * g * raw.bytes);
        }),
    );
  };
  for (const groups of [columnGroups, 1])
    f.while(
      () => i32.leS(i32.add(column, 4 * groups), end),
      () => {
        foldGroups(groups, (accumulators) =>
          accumulators.forEach((values, g) => {
            sink.four(f, address, values, 4 * g * sink.bytes);
          }),
        );
        pointer.increase(4 * groups * fold.bytes);
        address.increase(4 * groups * sink.bytes);
        waiting.increase(4 * groups * raw.bytes);
        column.increase(4 * groups);
      },
    );
  f.if(i32.ltS(column, end), () => {
    // Reads up to three columns too far, which is allowed; stores only what exists.
    foldGroups(1, ([values]) => {
      for (let l = 0; l < 3; l++)
        f.if(i32.ltS(i32.add(column, l), end), () => {
          sink.one(f, address, lanesOf[fold.lanes].lane(values!, l), l * sink.bytes);
        });
    });
  });
}

/** Second stage: y[o, i] = fold over blocks b of partial[o, b, i], in order. */
function mergeStep(target: WasmTarget, fold: Fold, cut: Segments): WasmStep {
  const { bytes, constant, load } = lanesOf[fold.lanes];
  const total = cut.outer * cut.inner;
  const perTask = Math.max(1, Math.floor(mergePerTask / cut.blocks));
  const code = target.kernel(`reduce/${fold.name}/merge`, (f, { task, arg }) => {
    const input = f.let(arg(0));
    const output = f.let(arg(1));
    const blocks = f.let(arg(2));
    const width = f.let(arg(3));
    const start = f.let(i32.mul(task, arg(5)));
    const stop = f.let(i32.add(start, arg(5)));
    stop.set(i32.minS(stop, arg(4)));
    f.for(start, stop, 1, (e) => {
      const outer = f.let(i32.divU(e, width));
      const column = i32.sub(e, i32.mul(outer, width));
      const from = i32.add(i32.mul(i32.mul(outer, blocks), width), column);
      const pointer = f.let(i32.add(input, i32.mul(from, bytes)));
      const result = f.let(constant(fold.identity) as Expr64) as Local;
      f.for(0, blocks, 1, () => {
        result.set(fold.combineOne(result as Scalar, load(pointer)));
        pointer.increase(i32.mul(width, bytes));
      });
      fold.sink.one(f, i32.add(output, i32.mul(e, fold.sink.bytes)), result as Scalar, 0);
    });
  });
  return {
    code,
    tasks: Math.ceil(total / perTask),
    args: [{ temp: 0 }, { output: 0 }, cut.blocks, cut.inner, total, perTask],
  };
}

/** `let` wants one type; the accumulator's type is only known when the kernel is built. */
type Expr64 = Extract<Scalar, { type: 'f64' }>;
