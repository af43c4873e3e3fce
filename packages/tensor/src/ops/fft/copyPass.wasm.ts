import {
  type FunctionBuilder,
  f32x4,
  type I32,
  i32,
  type Local,
  select,
  type V128,
  v128,
} from '../../backend/wasm/assembler.js';
import type { WasmTarget } from '../../backend/wasm/plan.js';
import { timesRoot } from './butterfly.wasm.js';
import { interleave, loadWork, storeWork } from './lanes.wasm.js';
import { type PassBody, read, repeat } from './pass.wasm.js';
import { elementBytes, word } from './record.js';

/** Shuffles that exchange the halves of two pairs of complex numbers: (a0 a1), (b0 b1) → (a0 b0), (a1 b1). */
const lowHalves = [0, 1, 4, 5] as const;
const highHalves = [2, 3, 6, 7] as const;

/**
 * Four rows → lanes, two elements a round: x is the first row, `xStep` the distance of rows, `outer` the
 * number of rounds. An odd last round writes one element more. Rows that are missing repeat the first.
 */
export const loadRows: PassBody = (f, { record, x, y, lanes }) => {
  const rowStep = f.let(read(record, 'xStep'));
  const rows = [x, ...[1, 2, 3].map((row) => f.let(rowAddress(x, rowStep, row, lanes, x)))];
  repeat(f, read(record, 'outer'), () => {
    const [a, b, c, d] = rows.map((row) => f.let(v128.load(row)));
    [lowHalves, highHalves].forEach((halves, i) => {
      const first = f.let(v128.shuffle(a!, b!, halves));
      const second = f.let(v128.shuffle(c!, d!, halves));
      f.store('v128', y, v128.shuffle(first, second, [0, 2, 4, 6]), i * elementBytes);
      f.store('v128', y, v128.shuffle(first, second, [1, 3, 5, 7]), i * elementBytes + 16);
    });
    for (const row of rows) row.increase(16);
    y.increase(2 * elementBytes);
  });
};

const rowAddress = (first: I32, step: I32, row: number, lanes: I32, otherwise: I32): I32 =>
  select(i32.gtU(lanes, row), i32.add(first, i32.mul(step, row)), otherwise);

/**
 * Lanes → four rows, two elements a round and one more if `inner` is 1, scaled. `xStep` is the distance of
 * elements in working memory, ±32; rows that are missing go to the spare memory.
 */
export const storeRows: PassBody = (f, { record, x, y, work, lanes }) => {
  const rowStep = f.let(read(record, 'yStep'));
  const spare = f.let(i32.add(work, read(record, 'spare')));
  const xStep = f.let(read(record, 'xStep'));
  const scale = f.let(v128.load32Splat(record, 4 * word.scale));
  const rows = [y, ...[1, 2, 3].map((row) => f.let(rowAddress(y, rowStep, row, lanes, spare)))];
  const next = (): readonly [V128, V128] => {
    const halves = interleave(f, loadWork(f, x), scale);
    x.set(i32.add(x, xStep));
    return halves;
  };
  f.if(read(record, 'outer'), () =>
    repeat(f, read(record, 'outer'), () => {
      const a = next();
      const b = next();
      storeElementPair(f, rows, a, b);
      for (const row of rows) row.increase(16);
    }),
  );
  f.if(read(record, 'inner'), () => {
    const last = next();
    for (const [i, row] of rows.entries()) f.store('v128_64', row, last[i >> 1]!, 0, i & 1);
  });
};

function storeElementPair(
  f: FunctionBuilder,
  rows: readonly Local<'i32'>[],
  a: readonly [V128, V128],
  b: readonly [V128, V128],
): void {
  for (const [i, row] of rows.entries())
    f.store('v128', row, v128.shuffle(a[i >> 1]!, b[i >> 1]!, i & 1 ? highHalves : lowHalves));
}

/** Stores the first one, two or three lanes of `outer` elements as columns, scaled. */
export const storeNarrow: PassBody = (f, { record, x, y, lanes }) => {
  const yStep = f.let(read(record, 'yStep'));
  const scale = f.let(v128.load32Splat(record, 4 * word.scale));
  repeat(f, read(record, 'outer'), () => {
    const [low, high] = interleave(f, loadWork(f, x), scale);
    f.if(
      i32.eq(lanes, 1),
      () => f.store('v128_64', y, low, 0, 0),
      () => {
        f.store('v128', y, low);
        f.if(i32.eq(lanes, 3), () => f.store('v128_64', y, high, 16, 0));
      },
    );
    x.increase(elementBytes);
    y.set(i32.add(y, yStep));
  });
};

/**
 * y_j = x_j·root_j for `outer` elements, then `inner` zeros. `xLegs` (`yLegs`) is 16 where the parts of what is
 * read (written) are to be swapped, else 0: a transform of swapped values, swapped, is the inverse transform.
 */
export const multiply =
  (target: WasmTarget): PassBody =>
  (f, { record, x, y, table }) => {
    const xRe = f.let(i32.add(x, read(record, 'xLegs')));
    const xIm = f.let(i32.sub(i32.add(x, 16), read(record, 'xLegs')));
    const yRe = f.let(i32.add(y, read(record, 'yLegs')));
    const yIm = f.let(i32.sub(i32.add(y, 16), read(record, 'yLegs')));
    const roots = f.let(i32.add(table, read(record, 'roots')));
    repeat(f, read(record, 'outer'), () => {
      const value = { re: f.let(v128.load(xRe)), im: f.let(v128.load(xIm)) };
      const product = timesRoot(target, f, value, roots);
      f.store('v128', yRe, product.re);
      f.store('v128', yIm, product.im);
      for (const pointer of [xRe, xIm, yRe, yIm]) pointer.increase(elementBytes);
      roots.increase(8);
    });
    f.if(read(record, 'inner'), () => {
      y.set(i32.sub(yRe, read(record, 'yLegs')));
      repeat(f, read(record, 'inner'), () => {
        const zero = f.let(f32x4.const(0));
        storeWork(f, y, { re: zero, im: zero });
        y.increase(elementBytes);
      });
    });
  };
