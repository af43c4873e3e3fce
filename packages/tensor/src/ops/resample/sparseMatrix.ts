import { checkInteger, checkNumber } from '../../check.js';
import { ArgumentError, describe } from '../../errors.js';

/** One entry of a matrix: row, column, value. */
export type MatrixEntry = readonly [row: number, column: number, weight: number];

/**
 * A real sparse matrix in compressed rows: entries `rowStart[i] … rowStart[i + 1] − 1` of `index` and
 * `weight` are the columns and values of row i. Immutable; kernels are cached under its `key`.
 */
export class SparseMatrix {
  private partner: SparseMatrix | undefined;

  private constructor(
    /** Identifies the values: equal keys mean equal matrices. */
    readonly key: string,
    readonly rows: number,
    readonly columns: number,
    readonly rowStart: Int32Array,
    readonly index: Int32Array,
    readonly weight: Float64Array,
  ) {}

  /** Entries in any order; those at the same place add up, zeros are dropped. @internal */
  static fromEntries(
    key: string,
    rows: number,
    columns: number,
    entries: readonly MatrixEntry[],
  ): SparseMatrix {
    const lines = groupByRow(rows, entries);
    const rowStart = new Int32Array(rows + 1);
    const index = new Int32Array(entries.length);
    const weight = new Float64Array(entries.length);
    let count = 0;
    for (let row = 0; row < rows; row++) {
      for (const [column, w] of mergeColumns(lines, row)) {
        index[count] = column;
        weight[count++] = w;
      }
      rowStart[row + 1] = count;
    }
    return new SparseMatrix(key, rows, columns, rowStart, index.slice(0, count), weight.slice(0, count));
  }

  /** The transposed matrix; `a.transposed.transposed` is `a`. */
  get transposed(): SparseMatrix {
    if (this.partner) return this.partner;
    const entries: MatrixEntry[] = [];
    for (let row = 0; row < this.rows; row++)
      for (let e = this.rowStart[row]!; e < this.rowStart[row + 1]!; e++)
        entries.push([this.index[e]!, row, this.weight[e]!]);
    const partner = SparseMatrix.fromEntries(`${this.key}^T`, this.columns, this.rows, entries);
    partner.partner = this;
    this.partner = partner;
    return partner;
  }

  get isIdentity(): boolean {
    const { rows, columns, rowStart, index, weight } = this;
    if (rows !== columns || index.length !== rows) return false;
    return index.every((column, i) => rowStart[i] === i && column === i && weight[i] === 1);
  }
}

/** Entries ordered by row; those of row i are `start[i] … start[i + 1] − 1`. */
interface Lines {
  readonly start: Int32Array;
  readonly entries: readonly MatrixEntry[];
}

function groupByRow(rows: number, entries: readonly MatrixEntry[]): Lines {
  const start = new Int32Array(rows + 1);
  for (const [row] of entries) start[row + 1]!++;
  for (let row = 0; row < rows; row++) start[row + 1]! += start[row]!;
  const next = start.slice();
  const ordered = new Array<MatrixEntry>(entries.length);
  for (const entry of entries) ordered[next[entry[0]]!++] = entry;
  return { start, entries: ordered };
}

/** Columns and values of a row: ascending, every column once, no zeros. */
function mergeColumns({ start, entries }: Lines, row: number): [column: number, weight: number][] {
  const line = entries.slice(start[row], start[row + 1]).sort((a, b) => a[1] - b[1]);
  const merged: [number, number][] = [];
  for (const [, column, weight] of line) {
    const last = merged.at(-1);
    if (last?.[0] === column) last[1] += weight;
    else merged.push([column, weight]);
  }
  return merged.filter(([, weight]) => weight !== 0);
}

let nextKey = 1;

/**
 * A real matrix for `axisMap`. Make it once and keep it: kernels are cached per matrix object.
 *
 * @param rows length of the mapped axis in the result
 * @param columns length of the axis in the input
 * @param entries `[row, column, weight]` in any order; entries at the same place add up
 * @throws ArgumentError when an entry lies outside the matrix or a weight is not finite.
 * @example sparseMatrix(3, 4, [0, 1, 2].flatMap((i) => [[i, i, -1], [i, i + 1, 1]]))   // x[i + 1] − x[i]
 */
export function sparseMatrix(rows: number, columns: number, entries: readonly MatrixEntry[]): SparseMatrix {
  const fn = 'sparseMatrix';
  checkInteger(fn, 'rows', rows, { min: 0 });
  checkInteger(fn, 'columns', columns, { min: 0 });
  if (!Array.isArray(entries) || !entries.every((entry) => Array.isArray(entry) && entry.length === 3))
    throw new ArgumentError({
      fn,
      argument: 'entries',
      expected: 'a list of [row, column, weight]',
      got: describe(entries),
    });
  for (const [row, column, weight] of entries) {
    checkInteger(fn, 'the row of an entry', row, { min: 0, max: rows - 1 });
    checkInteger(fn, 'the column of an entry', column, { min: 0, max: columns - 1 });
    checkNumber(fn, 'the weight of an entry', weight);
  }
  return SparseMatrix.fromEntries(`matrix:${nextKey++}`, rows, columns, entries);
}

/** Entries of all matrices kept (about 50 MB); the oldest matrix goes first. */
const cacheLimit = 1 << 22;
const known = new Map<string, SparseMatrix>();
let cachedEntries = 0;

const entriesOf = ({ rows, index }: SparseMatrix): number => rows + index.length;

/** The matrix built before under the same key, or a new one: keys name everything that decides the values. */
export function internMatrix(
  key: string,
  rows: number,
  columns: number,
  build: () => readonly MatrixEntry[],
): SparseMatrix {
  const found = known.get(key);
  if (found) return found;
  const matrix = SparseMatrix.fromEntries(key, rows, columns, build());
  cachedEntries += entriesOf(matrix);
  for (const [oldest, old] of known) {
    if (cachedEntries <= cacheLimit) break;
    known.delete(oldest);
    cachedEntries -= entriesOf(old);
  }
  known.set(key, matrix);
  return matrix;
}
