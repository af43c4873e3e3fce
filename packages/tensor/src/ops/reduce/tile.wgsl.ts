import type { WgslTarget, WgslWord } from '../../backend/webgpu/plan.js';
import type { Extents } from './span.js';

/** Invocations of every work group. */
export const groupSize = 256;
/** Neighbouring columns read together: 128 bytes of f32. */
const columnsTogether = 32;
/** Rows that an invocation reads before splitting the axis further is worth a second stage. */
const rowsPerInvocation = 16;
/** Work groups that keep a large GPU busy. */
const wantedGroups = 4096;

/**
 * How [outer, n, inner] is cut for work groups. The invocations of a work group stand in `rows` × `columns`
 * (powers of two) of several outer indices; a work group takes one of `blocks` blocks of `length` rows, and its
 * columns lie side by side in memory. All of it follows from the shape alone, and is passed to kernels as
 * parameters: one pipeline serves all shapes.
 */
export interface Tile extends Extents {
  readonly rows: number;
  readonly columns: number;
  readonly length: number;
  readonly blocks: number;
  readonly columnTiles: number;
  readonly groups: number;
}

const powerUpTo = (limit: number): number => 2 ** Math.floor(Math.log2(Math.max(1, limit)));
const powerFrom = (size: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, size)));

/** @param inCache whether blocks are as short as they may be, so that a second reading finds them in the cache. */
export function cutTile(extents: Extents, inCache = false): Tile {
  const { outer, n, inner } = extents;
  let columns = Math.min(powerFrom(inner), columnsTogether);
  const rows = Math.min(groupSize / columns, powerUpTo(n / 4));
  while (columns * rows < groupSize && columns < inner) columns *= 2;
  const outers = groupSize / (columns * rows);
  const columnTiles = Math.ceil(inner / columns);
  const tiles = Math.ceil(outer / outers) * columnTiles;
  const even = Math.ceil(n / Math.max(1, Math.floor(wantedGroups / Math.max(1, tiles))));
  const length = Math.max(rows * rowsPerInvocation, inCache ? 0 : even);
  const blocks = Math.max(1, Math.ceil(n / length));
  return { ...extents, rows, columns, length, blocks, columnTiles, groups: tiles * blocks };
}

/** The parameters that `tileText` reads. */
export function tileWords({ rows, columns, groups, ...tile }: Tile): Record<string, WgslWord> {
  const bits = { rowBits: Math.log2(rows), columnBits: Math.log2(columns) };
  return Object.fromEntries(
    Object.entries({ ...tile, ...bits }).map(([name, value]) => [name, { type: 'u32', value } as const]),
  );
}

/**
 * Where an invocation stands: its `row` among the `rows` of the work group, its outer index `o`, its column `i`,
 * the rows `first` … `end` − 1 of its block, and whether o and i are `inside`.
 */
export const tileText = `
let columns = 1u << p.columnBits;
let rows = 1u << p.rowBits;
let row = (local >> p.columnBits) & (rows - 1u);
let i = (group % p.columnTiles) * columns + (local & (columns - 1u));
let block = (group / p.columnTiles) % p.blocks;
let o = group / (p.columnTiles * p.blocks) * (${groupSize}u / (rows * columns)) + (local >> (p.columnBits + p.rowBits));
let inside = o < p.outer && i < p.inner;
let first = block * p.length;
let end = min(first + p.length, p.n);`;

/**
 * Visits the rows of an invocation, four loads at a time so that they overlap.
 *
 * @param load WGSL of the element at row `k`, of any type.
 * @param enter WGSL statement that takes the element `value` of row `k` in.
 */
export function rowLoop(load: (k: string) => string, enter: (value: string, k: string) => string): string {
  const four = [0, 1, 2, 3].map((u) => ({ k: `k + ${u}u * rows`, value: `value${u}` }));
  return `
if (inside) {
var k = first + row;
for (; k + 3u * rows < end; k += 4u * rows) {
${four.map(({ k, value }) => `let ${value} = ${load(k)};`).join('\n')}
${four.map(({ k, value }) => enter(value, k)).join('\n')}
}
for (; k < end; k += rows) {
let value = ${load('k')};
${enter('value', 'k')}
}
}`;
}

/**
 * Combines the `state` of the rows of a work group: the total is that of row 0. Which rows are combined depends on
 * nothing but the tile; those in one subgroup need neither memory nor barriers for it.
 */
export const treeText = (combine: string, scratch: string, { subgroupSize }: WgslTarget): string => `{
${scratch}[local] = state;
var reach = rows / 2u;
for (; reach * columns >= ${subgroupSize}u; reach /= 2u) {
workgroupBarrier();
if (row < reach) {
state = ${combine}(state, ${scratch}[local + reach * columns]);
${scratch}[local] = state;
}
}${subgroupSize > 1 ? shuffleText(combine) : ''}
}`;

const shuffleText = (combine: string): string => `
for (; reach > 0u; reach /= 2u) {
state = ${combine}(state, subgroupShuffleXor(state, reach * columns));
}`;
