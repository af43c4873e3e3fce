import {
  type FunctionBuilder,
  type I32,
  i32,
  type Local,
  type V128,
  v128,
} from '../../backend/wasm/assembler.js';
import type { WasmCode, WasmTarget } from '../../backend/wasm/plan.js';
import { sumEntries } from './entryLoop.wasm.js';

/** Scratch for the strip of results that is turned back: four output columns of four vectors. */
export const stripBytes = 256;

/**
 * The mapped axis is the last one (`inner` 1, or 2 for complex elements). A block of 4/inner·`vectors`
 * outer rows is transposed into scratch, column after column side by side, so that one matrix entry
 * meets whole vectors; results are turned back four floats a row at a time.
 *
 * The last block and the last columns are moved back to end with the array: they repeat values already
 * written, with the same bits. Needs outer ≥ a block and 4/inner ≤ rows of the matrix.
 */
export function rowKernel(target: WasmTarget, inner: 1 | 2, vectors: number): WasmCode {
  return target.kernel(`axisMap rows ${inner}x${vectors}`, (f, { arg, task, scratch }) => {
    const word = (index: number) => f.let(arg(index));
    const [x, y, rowStart, entries] = [word(0), word(1), word(2), word(3)];
    const [outer, blocks, blocksPerTask, columns, rows] = [word(4), word(5), word(6), word(7), word(8)];
    const rowsPerVector = 4 / inner;
    const blockRows = vectors * rowsPerVector;
    const packed = f.let(i32.add(scratch, stripBytes));
    const xRowBytes = f.let(i32.mul(columns, 4 * inner));
    const yRowBytes = f.let(i32.mul(rows, 4 * inner));
    const first = f.let(i32.mul(task, blocksPerTask));
    const last = f.let(i32.minS(i32.add(first, blocksPerTask), blocks));
    f.for(first, last, 1, (block) => {
      const start = f.let(i32.minS(i32.mul(block, blockRows), i32.sub(outer, blockRows)));
      const from = f.let(i32.add(x, i32.mul(start, xRowBytes)));
      const to = f.let(i32.add(y, i32.mul(start, yRowBytes)));
      pack(f, { from, rowBytes: xRowBytes, packed }, inner, vectors);
      const column = f.let(0);
      f.while(
        () => i32.ltS(column, rows),
        () => {
          column.set(i32.minS(column, i32.sub(rows, rowsPerVector)));
          f.for(0, rowsPerVector, 1, (k) => {
            const row = f.let(i32.add(column, k));
            const sums = sumEntries(f, target, { rowStart, entries, row }, packed, vectors);
            const strip = f.let(i32.add(scratch, i32.mul(k, 16 * vectors)));
            for (const [v, sum] of sums.entries()) f.store('v128', strip, sum, 16 * v);
          });
          const out = f.let(i32.add(to, i32.mul(column, 4 * inner)));
          unpack(f, { scratch, out, rowBytes: yRowBytes }, inner, vectors);
          column.increase(rowsPerVector);
        },
      );
    });
  });
}

/** Rows at `from` to `packed` [column][vector][row in vector]; goes up to a vector past the row. */
function pack(
  f: FunctionBuilder,
  { from, rowBytes, packed }: Record<'from' | 'rowBytes' | 'packed', I32>,
  inner: 1 | 2,
  vectors: number,
): void {
  const rowsPerVector = 4 / inner;
  for (let v = 0; v < vectors; v++) {
    const pointers = rowPointers(
      f,
      i32.add(from, i32.mul(rowBytes, v * rowsPerVector)),
      rowBytes,
      rowsPerVector,
    );
    const end = f.let(i32.add(pointers[0]!, rowBytes));
    const out = f.let(i32.add(packed, 16 * v));
    f.while(
      () => i32.ltU(pointers[0]!, end),
      () => {
        const turned = transposed(
          f,
          pointers.map((pointer) => v128.load(pointer)),
          inner,
        );
        for (const [k, vector] of turned.entries()) f.store('v128', out, vector, 16 * vectors * k);
        for (const pointer of pointers) pointer.increase(16);
        out.increase(16 * vectors * rowsPerVector);
      },
    );
  }
}

/** The strip [column][vector][row in vector] to four floats of each row at `out`. */
function unpack(
  f: FunctionBuilder,
  { scratch, out, rowBytes }: Record<'scratch' | 'out' | 'rowBytes', I32>,
  inner: 1 | 2,
  vectors: number,
): void {
  const rowsPerVector = 4 / inner;
  const to = f.let(out);
  for (let v = 0; v < vectors; v++) {
    const columns = Array.from({ length: rowsPerVector }, (_, k) =>
      v128.load(scratch, 16 * (k * vectors + v)),
    );
    for (const vector of transposed(f, columns, inner)) {
      f.store('v128', to, vector);
      to.increase(rowBytes);
    }
  }
}

function rowPointers(f: FunctionBuilder, start: I32, rowBytes: I32, count: number): Local<'i32'>[] {
  const pointers = [f.let(start)];
  while (pointers.length < count) pointers.push(f.let(i32.add(pointers.at(-1)!, rowBytes)));
  return pointers;
}

/** Transposes 4 × 4 floats, or 2 × 2 complex elements. */
function transposed(f: FunctionBuilder, vectors: V128[], inner: 1 | 2): V128[] {
  const [a, b, c, d] = vectors.map((vector) => f.let(vector)) as Local<'v128'>[];
  if (inner === 2) return [v128.shuffle(a!, b!, [0, 1, 4, 5]), v128.shuffle(a!, b!, [2, 3, 6, 7])];
  const low = [f.let(v128.shuffle(a!, b!, [0, 4, 1, 5])), f.let(v128.shuffle(c!, d!, [0, 4, 1, 5]))] as const;
  const high = [
    f.let(v128.shuffle(a!, b!, [2, 6, 3, 7])),
    f.let(v128.shuffle(c!, d!, [2, 6, 3, 7])),
  ] as const;
  return [low, high].flatMap(([p, q]) => [
    v128.shuffle(p, q, [0, 1, 4, 5]),
    v128.shuffle(p, q, [2, 3, 6, 7]),
  ]);
}
