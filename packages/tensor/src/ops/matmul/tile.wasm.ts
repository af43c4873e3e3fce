import {
  type FunctionBuilder,
  type FunctionHandle,
  f32x4,
  type I32,
  i32,
  type Local,
  type ModuleBuilder,
  type V128,
  v128,
} from '../../backend/wasm/assembler.js';
import type { WasmTarget } from '../../backend/wasm/plan.js';

/** Rows of the largest tile; with 8 columns its 12 sums, 2 vectors of B and a splat fill 15 registers. */
export const tileRows = 6;
/** Columns of a tile: two vectors. */
export const tileColumns = 8;
/** Bytes from one row of a packed panel, or of a tile kept in scratch, to the next. */
export const panelStep = 4 * tileColumns;

/**
 * Where row k of the 8-column operand lies: `panel`: packed, 32 bytes apart; `table`: at `b` plus the
 * k-th entry of a table of byte offsets (a convolution reading its image in place).
 */
export type TileSource = 'panel' | 'table';

/** Parameters of a tile function, in order: byte addresses, byte strides and counts. */
const parameterNames = ['a', 'aRow', 'aStep', 'b', 'table', 'depth', 'c', 'cRow', 'add'] as const;
type TileArguments = Record<(typeof parameterNames)[number], I32 | number>;

/**
 * The innermost loop of matmul and convolution: C[i, j] = Σ_k A[i, k] B[k, j] (+ C[i, j] if `add`) for
 * `rows` rows and 8 columns of f32, `depth` ≥ 1. A is read in place by one broadcast load per row and
 * step, so any strides do. `pairs`: rows 2i and 2i + 1 are the real and imaginary part of complex row i.
 *
 * k is not unrolled: V8 would hoist the loads and spill the sums. For the same reason the loop is tested
 * at its head from 5 rows on (with the test at the foot V8 spills) and at its foot below (faster there).
 */
function tileFunction(
  module: ModuleBuilder,
  target: WasmTarget,
  rows: number,
  source: TileSource,
  pairs: boolean,
): FunctionHandle {
  return module.function(new Array(parameterNames.length).fill('i32'), (f) => {
    const parameters = parameterNames.map((_, i) => f.parameter<'i32'>(i));
    const [a, aRow, aStep, b, table, depth, c, cRow, add] = parameters as [...typeof parameters] & L9;
    const zero = f.let(f32x4.const(0));
    const sums = Array.from({ length: rows }, () => [f.let(zero), f.let(zero)] as const);
    const elements = rowElements(f, a, rows, aRow, pairs);
    const cursor = source === 'panel' ? b : table;
    const step = source === 'panel' ? panelStep : 4;
    const end = f.let(i32.add(cursor, i32.mul(depth, step)));
    const body = () => {
      const row = source === 'panel' ? cursor : f.let(i32.add(b, i32.load(cursor)));
      const low = f.let(v128.load(row));
      const high = f.let(v128.load(row, 16));
      sums.forEach((sum, i) => {
        const element = f.let(v128.load32Splat(elements[i]!.pointer, elements[i]!.offset));
        sum[0].set(target.madd(element, low, sum[0]));
        sum[1].set(target.madd(element, high, sum[1]));
      });
      for (const { pointer, offset } of elements) if (offset === 0) pointer.increase(aStep);
      cursor.increase(step);
    };
    const goesOn = () => i32.ltU(cursor, end);
    if (rows > 4) f.while(goesOn, body);
    else f.doWhile(body, goesOn);
    f.if(
      add,
      () => storeSums(f, sums, c, cRow, (sum, offset) => f32x4.add(v128.load(c, offset), sum)),
      () => storeSums(f, sums, c, cRow, (sum) => sum),
    );
  });
}

type L = Local<'i32'>;
type L9 = [L, L, L, L, L, L, L, L, L];

/** A pointer per row of A; the two rows of a complex pair share one, 4 bytes apart. */
function rowElements(f: FunctionBuilder, a: L, rows: number, aRow: I32, pairs: boolean) {
  const elements: { pointer: L; offset: number }[] = [];
  let pointer = a;
  for (let i = 0; i < rows; i++) {
    const isSecond = pairs && i % 2 === 1;
    if (i > 0 && !isSecond) pointer = f.let(i32.add(pointer, aRow));
    elements.push({ pointer, offset: isSecond ? 4 : 0 });
  }
  return elements;
}

function storeSums(
  f: FunctionBuilder,
  sums: readonly (readonly [V128, V128])[],
  c: L,
  cRow: I32,
  value: (sum: V128, offset: number) => V128,
): void {
  sums.forEach((pair, i) => {
    if (i > 0) c.increase(cRow);
    pair.forEach((sum, half) => {
      f.store('v128', c, value(sum, 16 * half), 16 * half);
    });
  });
}

/** Computes the tile of a run-time number of rows: 1 to 6, or 1 to 3 pairs. */
export type TileCall = (f: FunctionBuilder, rows: I32, args: TileArguments) => void;

/** Adds the tile functions of every row count to a module. */
export function defineTiles(
  module: ModuleBuilder,
  target: WasmTarget,
  source: TileSource,
  pairs: boolean,
): TileCall {
  const largest = pairs ? tileRows / 2 : tileRows;
  const functions = Array.from({ length: largest }, (_, i) =>
    tileFunction(module, target, pairs ? 2 * (i + 1) : i + 1, source, pairs),
  );
  return (f, rows, args) => {
    const words = parameterNames.map((name) => args[name]);
    const choose = (count: number): void => {
      const call = () => f.call(functions[count - 1]!, words);
      if (count === 1) call();
      else f.if(i32.eq(rows, count), call, () => choose(count - 1));
    };
    choose(largest);
  };
}

/**
 * Splits `rows` into as few tiles of at most `most` rows as possible, as even as possible, and runs
 * `body(first, count)` on each.
 */
export function forTiles(
  f: FunctionBuilder,
  first: I32,
  end: I32,
  most: number,
  body: (row: L, count: L) => void,
): void {
  const row = f.let(first);
  const count = f.local('i32');
  f.while(
    () => i32.ltS(row, end),
    () => {
      const rest = f.let(i32.sub(end, row));
      const tiles = f.let(i32.divU(i32.add(rest, most - 1), most));
      count.set(i32.divU(i32.sub(i32.add(rest, tiles), 1), tiles));
      body(row, count);
      row.set(i32.add(row, count));
    },
  );
}
