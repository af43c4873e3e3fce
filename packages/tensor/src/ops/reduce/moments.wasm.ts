import {
  type Expr,
  type FunctionBuilder,
  f32,
  f64,
  f64x2,
  type I32,
  i32,
  type Local,
} from '../../backend/wasm/assembler.js';
import type { WasmCode, WasmPlan, WasmStep, WasmTarget } from '../../backend/wasm/plan.js';
import type { KernelCall } from '../../op.js';
import { type Fold, foldColumns, foldRun, lanesOf, promoteFour, type Scalar } from './fold.wasm.js';
import {
  cutSegments,
  firstOther,
  forSegments,
  type Segment,
  type Segments,
  type Source,
  segmentArgs,
} from './segments.wasm.js';
import { extentsOf, type Span } from './span.js';
import { readingOf } from './staging.wasm.js';
import { sumF32 } from './sum.wasm.js';

type F64 = Expr<'f64'>;
const columnGroups = 2;
const mergePerTask = 1 << 14;
/** Argument of the segment kernels: where sums of squares go. */
const squaresArg = firstOther;

/**
 * A task reads its segment twice while it is in cache: once for the mean, once for the squared deviations
 * from that mean. A second kernel merges segments: v n = Σ_b M2_b + n_b (m_b − m)².
 */
export function momentsWasm(call: KernelCall<Span>, target: WasmTarget): WasmPlan {
  const cut = cutSegments(extentsOf(call.inputs[0]!.shape, call.attrs));
  const reading = readingOf(call);
  const source = reading.source(target, sumF32.bytes, squaresArg + 1);
  const code =
    cut.inner === 1 ? runKernel(target, cut, source, reading.key) : columnKernel(target, source, reading.key);
  const args = segmentArgs({ input: 0 }, { temp: 0 }, cut, [{ temp: 1 }, ...reading.args]);
  const bytes = cut.count * cut.inner * 8;
  return {
    steps: [{ code, tasks: cut.tasks, args }, mergeStep(target, cut)],
    temps: [bytes, bytes],
    tables: reading.tables,
  };
}

/** Sums squares of deviations; `means` holds the vectors of every group of four columns. */
const squaredDeviations = (means: readonly (readonly Local<'v128'>[])[]): Fold => ({
  ...sumF32,
  load: (f, address, offset, group) =>
    promoteFour(address, offset).map((value, i) => {
      const deviation = f.let(f64x2.sub(value, means[group]![i]!));
      return f64x2.mul(deviation, deviation);
    }),
  loadOne: (f, address, offset) => {
    const value = f64.promoteF32(f32.load(address, offset));
    const deviation = f.let(f64.sub(value, f64x2.extract(means[0]![0]!, 0)));
    return f64.mul(deviation, deviation);
  },
});

function runKernel(target: WasmTarget, cut: Segments, source: Source, key: string): WasmCode {
  const unroll = cut.length >= 32 ? 4 : 1;
  return target.kernel(`reduce/moments/run${unroll}${key}`, (f, scope) => {
    const [means, squares] = [f.let(scope.arg(1)), f.let(scope.arg(squaresArg))];
    forSegments(f, scope, source, ({ index, from, rows }) => {
      const [total] = foldRun(f, sumF32, f.let(from), rows, 1, unroll);
      const mean = f.let(f64.div(total as F64, f64.convertI32S(rows)));
      const splat = f.let(f64x2.splat(mean));
      const [square] = foldRun(f, squaredDeviations([[splat, splat]]), from, rows, 1, unroll);
      f.store('f64', i32.add(means, i32.shl(index, 3)), mean);
      f.store('f64', i32.add(squares, i32.shl(index, 3)), square as F64);
    });
  });
}

/** Eight columns at a time, then four, the last ones stored one by one. */
function columnKernel(target: WasmTarget, source: Source, key: string): WasmCode {
  return target.kernel(`reduce/moments/columns${key}`, (f, scope) => {
    const [means, squares] = [f.let(scope.arg(1)), f.let(scope.arg(squaresArg))];
    const inner = f.let(scope.arg(7));
    forSegments(f, scope, source, (segment, { first, end }) => {
      const column = f.let(first);
      const place = (base: I32): I32 =>
        i32.add(base, i32.shl(i32.add(i32.mul(segment.index, inner), column), 3));
      const columns = (groups: number, store: (base: I32, vectors: Local<'v128'>[][]) => void): void => {
        const from = f.let(i32.add(segment.from, i32.shl(column, 2)));
        const [mean, square] = columnMoments(f, segment, from, groups);
        store(f.let(place(means)), mean);
        store(f.let(place(squares)), square);
      };
      for (const groups of [columnGroups, 1])
        f.while(
          () => i32.leS(i32.add(column, 4 * groups), end),
          () => {
            columns(groups, (base, vectors) =>
              vectors.flat().forEach((vector, i) => {
                f.store('v128', base, vector, 16 * i);
              }),
            );
            column.increase(4 * groups);
          },
        );
      f.if(i32.ltS(column, end), () => {
        columns(1, (base, [vectors]) => {
          for (let l = 0; l < 3; l++)
            f.if(i32.ltS(i32.add(column, l), end), () => {
              f.store('f64', base, lanesOf.f64.lane(vectors!, l) as Scalar, 8 * l);
            });
        });
      });
    });
  });
}

function columnMoments(
  f: FunctionBuilder,
  { rows, rowBytes }: Segment,
  from: I32,
  groups: number,
): [Local<'v128'>[][], Local<'v128'>[][]] {
  const count = f.let(f64x2.splat(f64.convertI32S(rows)));
  const means = foldColumns(f, sumF32, from, rows, rowBytes, groups);
  for (const vector of means.flat()) vector.set(f64x2.div(vector, count));
  return [means, foldColumns(f, squaredDeviations(means), from, rows, rowBytes, groups)];
}

/** m = Σ_b n_b m_b / n, then v = (Σ_b M2_b + n_b (m_b − m)²) / n, blocks in order. */
function mergeStep(target: WasmTarget, cut: Segments): WasmStep {
  const total = cut.outer * cut.inner;
  const perTask = Math.max(1, Math.floor(mergePerTask / cut.blocks));
  const code = target.kernel('reduce/moments/merge', (f, { task, arg }) => {
    const [n, length, inner, blocks] = [f.let(arg(4)), f.let(arg(5)), f.let(arg(6)), f.let(arg(7))];
    const count = f.let(f64.convertI32S(n));
    const start = f.let(i32.mul(task, arg(9)));
    const stop = f.let(i32.add(start, arg(9)));
    stop.set(i32.minS(stop, arg(8)));
    f.for(start, stop, 1, (e) => {
      const outer = f.let(i32.divU(e, inner));
      const column = i32.sub(e, i32.mul(outer, inner));
      const first = f.let(i32.shl(i32.add(i32.mul(i32.mul(outer, blocks), inner), column), 3));
      const overBlocks = (body: (offset: I32, rows: F64) => void): void => {
        const [offset, left] = [f.let(first), f.let(n)];
        f.for(0, blocks, 1, () => {
          body(offset, f64.convertI32S(i32.minS(left, length)));
          left.set(i32.sub(left, length));
          offset.increase(i32.shl(inner, 3));
        });
      };
      const mean = f.let(f64.const(0));
      overBlocks((offset, rows) => {
        mean.set(f64.add(mean, f64.mul(rows, f64.load(i32.add(arg(0), offset)))));
      });
      mean.set(f64.div(mean, count));
      const squares = f.let(f64.const(0));
      overBlocks((offset, rows) => {
        const distance = f.let(f64.sub(f64.load(i32.add(arg(0), offset)), mean));
        const between = f64.mul(rows, f64.mul(distance, distance));
        squares.set(f64.add(squares, f64.add(f64.load(i32.add(arg(1), offset)), between)));
      });
      f.store('f32', i32.add(arg(2), i32.shl(e, 2)), f32.demoteF64(mean));
      f.store('f32', i32.add(arg(3), i32.shl(e, 2)), f32.demoteF64(f64.div(squares, count)));
    });
  });
  const operands = [{ temp: 0 }, { temp: 1 }, { output: 0 }, { output: 1 }];
  return {
    code,
    tasks: Math.ceil(total / perTask),
    args: [...operands, cut.n, cut.length, cut.inner, cut.blocks, total, perTask],
  };
}
