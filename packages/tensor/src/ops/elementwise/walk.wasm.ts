import { type FunctionBuilder, type I32, i32, type Local } from '../../backend/wasm/assembler.js';
import type { Shape } from '../../shape.js';

/** How the addresses of one operand move as the kernel walks over the elements. */
export interface WalkOperand {
  /** Strides in elements along the walked shape; 0 where broadcast. */
  readonly strides: readonly number[];
  /** Bytes of an element. */
  readonly bytes: number;
}

/**
 * - `fixed`: one element for the whole walk;
 * - `scalar`: one element for a whole row;
 * - `dense`: neighbours along a row are neighbours in memory;
 * - `strided`: anything else.
 */
export type Access = 'fixed' | 'scalar' | 'dense' | 'strided';

/** A walk over a shape, with axes merged where all operands allow it; in row-major order unless `isFree`. */
export interface Walk {
  readonly size: number;
  readonly dims: readonly number[];
  /** Byte strides of each operand along `dims`. */
  readonly strides: readonly (readonly number[])[];
  readonly access: readonly Access[];
}

/**
 * Merges axes that every operand steps through as if they were one; drops axes of size 1.
 *
 * @param isFree elements may be visited in any order: then operands that are dense along another axis than
 *   the last are walked in blocks, so that each line of the cache is used up while it is there.
 */
export function planWalk(shape: Shape, operands: readonly WalkOperand[], isFree: boolean): Walk {
  const dims: number[] = [];
  const strides: number[][] = operands.map(() => []);
  let size = 1;
  for (let axis = 0; axis < shape.length; axis++) {
    const n = shape[axis]!;
    size *= n;
    if (n === 1) continue;
    const last = dims.length - 1;
    const merges = last >= 0 && operands.every((from, k) => strides[k]![last] === from.strides[axis]! * n);
    if (merges) dims[last]! *= n;
    else dims.push(n);
    operands.forEach((from, k) => {
      strides[k]![dims.length - 1] = from.strides[axis]!;
    });
  }
  if (dims.length === 0) {
    // One element: like a row of length one.
    dims.push(1);
    for (const steps of strides) steps.push(1);
  }
  if (isFree && size >= blockedSize) blockTransposed(dims, strides, operands);
  const access = strides.map((steps): Access => {
    if (steps.every((step) => step === 0)) return 'fixed';
    const inner = steps[dims.length - 1]!;
    return inner === 0 ? 'scalar' : inner === 1 ? 'dense' : 'strided';
  });
  const inBytes = strides.map((steps, k) => steps.map((step) => step * operands[k]!.bytes));
  return { size, dims, strides: inBytes, access };
}

/** Below this many elements everything stays in the cache anyway. */
const blockedSize = 1 << 14;
const cacheLine = 64;
const largestBlock = 32;
const smallestBlock = 8;

/**
 * Where an operand jumps by a cache line or more along the last axis but is dense along another, as a
 * transposed matrix is: splits the last axis into blocks and walks [block, dense axis, in the block].
 */
function blockTransposed(dims: number[], strides: number[][], operands: readonly WalkOperand[]): void {
  const last = dims.length - 1;
  const jumps = (k: number): boolean => Math.abs(strides[k]![last]!) * operands[k]!.bytes >= cacheLine;
  const dense = strides.flatMap((steps, k) => {
    const axis = steps.findIndex((step) => Math.abs(step) === 1);
    return axis >= 0 && axis < last && dims[axis]! >= smallestBlock && jumps(k) ? [axis] : [];
  })[0];
  if (dense === undefined) return;
  let block = Math.min(largestBlock, dims[last]!);
  while (block >= smallestBlock && dims[last]! % block !== 0) block--;
  if (block < smallestBlock || block === dims[last]) return;
  const reorder = (list: number[], blocks: number, within: number): void => {
    const [moved] = list.splice(dense, 1);
    list.pop();
    list.push(blocks, moved!, within);
  };
  for (const steps of strides) reorder(steps, steps[last]! * block, steps[last]!);
  reorder(dims, dims[last]! / block, block);
}

/** The numbers of a walk that a kernel reads, as argument words or constants. */
export interface WalkWords {
  dim(axis: number): I32;
  stride(operand: number, axis: number): I32;
}

/** What happens along a row: `start` is its first row-major index, `count` its length (at least 1). */
export type RowBody = (addresses: readonly Local<'i32'>[], start: I32, count: Local<'i32'>) => void;

/**
 * Code that walks elements `first` … `end` − 1 row by row. `addresses` point to the first element of the row
 * part; the body may change them.
 */
export function emitRows(
  f: FunctionBuilder,
  walk: Walk,
  words: WalkWords,
  bases: readonly I32[],
  range: { readonly first: I32; readonly end: I32 },
  body: RowBody,
): void {
  const inner = walk.dims.length - 1;
  const position = f.let(range.first);
  const end = f.let(range.end);
  const rows = bases.map((base) => f.let(base));
  const cursors = bases.map(() => f.local('i32'));
  const count = f.local('i32');
  const moving = rows.map((_, k) => k).filter((k) => walk.access[k] !== 'fixed');
  const step = (k: number, axis: number, times: I32 | number): void =>
    rows[k]!.set(i32.add(rows[k]!, i32.mul(times, words.stride(k, axis))));

  const index = startIndices(f, position, walk.dims.length, words);
  for (let axis = 0; axis < inner; axis++) for (const k of moving) step(k, axis, index[axis]!);
  const column = index[inner]!;
  const runRow = (): void => {
    cursors.forEach((cursor, k) => {
      const isStill = walk.access[k] === 'fixed' || walk.access[k] === 'scalar';
      cursor.set(isStill ? rows[k]! : i32.add(rows[k]!, i32.mul(column, words.stride(k, inner))));
    });
    body(cursors, position, count);
  };
  if (inner === 0) {
    count.set(i32.sub(end, position));
    f.if(i32.gtS(count, 0), runRow);
    return;
  }
  const advance = (axis: number): void => {
    index[axis]!.increase(1);
    for (const k of moving) step(k, axis, 1);
    if (axis === 0) return;
    f.if(i32.geS(index[axis]!, words.dim(axis)), () => {
      index[axis]!.set(0);
      for (const k of moving) step(k, axis, i32.sub(0, words.dim(axis)));
      advance(axis - 1);
    });
  };
  f.while(
    () => i32.ltS(position, end),
    () => {
      count.set(i32.minS(f.let(i32.sub(words.dim(inner), column)), f.let(i32.sub(end, position))));
      runRow();
      position.increase(count);
      column.set(0);
      advance(inner - 1);
    },
  );
}

/** Position as an index per axis. */
function startIndices(f: FunctionBuilder, position: I32, rank: number, words: WalkWords): Local<'i32'>[] {
  const rest = f.let(position);
  const index: Local<'i32'>[] = [];
  for (let axis = rank - 1; axis > 0; axis--) {
    index[axis] = f.let(i32.remU(rest, words.dim(axis)));
    rest.set(i32.divU(rest, words.dim(axis)));
  }
  index[0] = rest;
  return index;
}
