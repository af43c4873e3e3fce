import {
  type Expr,
  type FunctionBuilder,
  type I32,
  i32,
  type Local,
  type V128,
} from '../../backend/wasm/assembler.js';
import type { WasmPlan, WasmStep, WasmTarget } from '../../backend/wasm/plan.js';
import { dtypeInfo } from '../../dtype.js';
import type { KernelCall } from '../../op.js';
import type { CumsumAttrs } from './cumsum.js';
import { type Fold, lanesOf, rawSink, type Scalar } from './fold.wasm.js';
import { segmentStep } from './foldPlan.wasm.js';
import { cutSegments, forSegments, inputSource, type Segments, segmentArgs } from './segments.wasm.js';
import { extentsOf } from './span.js';
import { plainReading } from './staging.wasm.js';
import { sumFoldOf } from './sum.wasm.js';

/**
 * Long axes are cut into blocks: first the sum of every block, then every block is scanned from the sum
 * of the blocks before it.
 */
export function cumsumWasm({ inputs: [x], attrs }: KernelCall<CumsumAttrs>, target: WasmTarget): WasmPlan {
  const { outer, n, inner } = extentsOf(x!.shape, { axis: attrs.axis, count: 1 });
  const cut = cutSegments({ outer, n, inner: inner * dtypeInfo[x!.dtype].parts });
  const fold = sumFoldOf(x!.dtype);
  const raw = rawSink(fold.lanes);
  const scan = scanStep(target, fold, cut, attrs.reverse);
  if (cut.blocks === 1) return { steps: [scan] };
  return {
    steps: [segmentStep(target, fold, raw, cut, plainReading, { temp: 0 }), scan],
    temps: [cut.count * cut.inner * raw.bytes],
  };
}

function scanStep(target: WasmTarget, fold: Fold, cut: Segments, reverse: boolean): WasmStep {
  const wide = cut.inner > 2;
  const key = `reduce/cum${fold.name}/${reverse ? 'reverse' : 'forward'}/${wide ? 'columns' : 'run'}`;
  const code = target.kernel(key, (f, scope) => {
    const { arg } = scope;
    const [input, output] = [f.let(arg(0)), f.let(arg(1))];
    const inner = f.let(arg(7));
    forSegments(f, scope, inputSource(fold.bytes), (segment, { first, end }) => {
      const last = i32.add(segment.firstRow, i32.sub(segment.rows, 1));
      const row = f.let(i32.mul(reverse ? last : segment.firstRow, inner));
      const scan: Scan = {
        f,
        fold,
        inner,
        reverse,
        rows: segment.rows,
        partials: f.let(arg(10)),
        ...carried(f, segment.index, arg, reverse),
      };
      const from = (column: I32): I32 => i32.add(input, i32.mul(i32.add(row, column), fold.bytes));
      const to = (column: I32): I32 => i32.add(output, i32.mul(i32.add(row, column), fold.sink.bytes));
      const column = f.let(first);
      if (wide) {
        f.while(
          () => i32.leS(i32.add(column, 4), end),
          () => {
            scanFour(scan, column, from(column), to(column));
            column.increase(4);
          },
        );
      }
      f.for(column, end, 1, (c) => {
        scanOne(scan, c, from(c), to(c));
      });
    });
  });
  return {
    code,
    tasks: cut.tasks,
    args: segmentArgs({ input: 0 }, { output: 0 }, cut, [cut.blocks === 1 ? 0 : { temp: 0 }]),
  };
}

interface Scan {
  readonly f: FunctionBuilder;
  readonly fold: Fold;
  readonly inner: I32;
  readonly reverse: boolean;
  readonly rows: I32;
  readonly partials: I32;
  /** First of the segments whose sums come before this one, and how many. */
  readonly firstCarried: I32;
  readonly numCarried: I32;
}

function carried(f: FunctionBuilder, index: I32, arg: (index: number) => I32, reverse: boolean) {
  const blocks = f.let(arg(4));
  const block = f.let(i32.remU(index, blocks));
  return reverse
    ? { firstCarried: f.let(i32.add(index, 1)), numCarried: f.let(i32.sub(i32.sub(blocks, block), 1)) }
    : { firstCarried: f.let(i32.sub(index, block)), numCarried: block };
}

/** Address of the sum of the first carried segment at a column. */
const firstPartial = ({ fold, inner, partials, firstCarried }: Scan, column: I32): I32 =>
  i32.add(partials, i32.mul(i32.add(i32.mul(firstCarried, inner), column), lanesOf[fold.lanes].bytes));

function scanOne(scan: Scan, column: I32, from: I32, to: I32): void {
  const { f, fold, inner, reverse, rows, numCarried } = scan;
  const { constant, load, bytes } = lanesOf[fold.lanes];
  const total = f.let(constant(fold.identity) as Expr<'f64'>) as Local;
  const partial = f.let(firstPartial(scan, column));
  f.for(0, numCarried, 1, () => {
    total.set(fold.combineOne(total as Scalar, load(partial)));
    partial.increase(i32.mul(inner, bytes));
  });
  const [source, place] = [f.let(from), f.let(to)];
  f.for(0, rows, 1, () => {
    total.set(fold.combineOne(total as Scalar, fold.loadOne(f, source, 0)));
    fold.sink.one(f, place, total as Scalar, 0);
    source.increase(i32.mul(inner, reverse ? -fold.bytes : fold.bytes));
    place.increase(i32.mul(inner, reverse ? -fold.sink.bytes : fold.sink.bytes));
  });
}

function scanFour(scan: Scan, column: I32, from: I32, to: I32): void {
  const { f, fold, inner, reverse, rows, numCarried } = scan;
  const { splat, vectors, bytes, loadFour } = lanesOf[fold.lanes];
  const totals = Array.from({ length: vectors }, () => f.let(splat(fold.identity)));
  const accumulate = (values: readonly V128[]): void =>
    totals.forEach((total, i) => {
      total.set(fold.combine(total, values[i]!));
    });
  const partial = f.let(firstPartial(scan, column));
  f.for(0, numCarried, 1, () => {
    accumulate(loadFour(partial));
    partial.increase(i32.mul(inner, bytes));
  });
  const [source, place] = [f.let(from), f.let(to)];
  f.for(0, rows, 1, () => {
    accumulate(fold.load(f, source, 0, 0));
    fold.sink.four(f, place, totals, 0);
    source.increase(i32.mul(inner, reverse ? -fold.bytes : fold.bytes));
    place.increase(i32.mul(inner, reverse ? -fold.sink.bytes : fold.sink.bytes));
  });
}
