import { wgslStep } from '../../backend/webgpu/kernelText.js';
import type { WgslOperand, WgslStep, WgslWord } from '../../backend/webgpu/plan.js';
import type { KernelCall } from '../../op.js';

/** Elements that a work group sorts in its memory: key and index of each, 8 KiB. */
export const tileLength = 1024;
export const sortInvocations = 256;

/** Rows to be sorted by i32 keys. */
export interface KeyedRows {
  /** Names the kernels. */
  readonly name: string;
  readonly rows: number;
  readonly n: number;
  readonly operands: Readonly<Record<string, WgslOperand>>;
  readonly declarations: string;
  /** WGSL of the key of element `j` of row `row`. */
  readonly key: (row: string, j: string) => string;
  readonly words?: Readonly<Record<string, WgslWord>>;
}

/** Where sorted elements go. */
export interface SortedSink {
  readonly operands: Readonly<Record<string, WgslOperand>>;
  /** WGSL statements that store an element at its place, counted over all rows. */
  readonly store: (at: string, key: string, index: string) => string;
}

/**
 * Sorts rows of up to 1024 elements, several in one work group, or the tiles of longer rows, by a bitonic
 * network (Batcher 1968). Elements are compared by key, then by index: the order is stable.
 */
export function tileSortStep<A>(call: KernelCall<A>, source: KeyedRows, sink: SortedSink): WgslStep {
  const { rows, n } = source;
  const length = Math.min(tileLength, 2 ** Math.ceil(Math.log2(n)));
  const tiles = Math.ceil(n / length);
  const word = (value: number) => ({ type: 'u32', value }) as const;
  return wgslStep(call, {
    name: `sort/${source.name}/tiles`,
    about:
      'order of the elements of every tile of a row by (key, index)\n1 pass; the network runs in workgroup memory',
    operands: { ...source.operands, ...sink.operands },
    words: { ...source.words, rows: word(rows), n: word(n), tiles: word(tiles), length: word(length) },
    workgroupSize: sortInvocations,
    groups: Math.ceil((rows * tiles * length) / tileLength),
    declarations: `${source.declarations}
var<workgroup> keys: array<i32, ${tileLength}>;
var<workgroup> indices: array<u32, ${tileLength}>;
fn is_after(a: u32, b: u32) -> bool {
return keys[a] > keys[b] || (keys[a] == keys[b] && indices[a] > indices[b]);
}
fn swap(a: u32, b: u32) {
let key = keys[a];
let index = indices[a];
keys[a] = keys[b];
indices[a] = indices[b];
keys[b] = key;
indices[b] = index;
}`,
    body: `${eachElement({
      inside: `keys[e] = ${source.key('row', 'j')};\nindices[e] = j;`,
      // beyond the row: after everything
      outside: 'keys[e] = 0x7fffffff;\nindices[e] = 0xffffffffu;',
    })}
${networkText}
workgroupBarrier();
${eachElement({ inside: sink.store('row * p.n + j', 'keys[e]', 'indices[e]') })}`,
  });
}

/** Visits element `e` of the work group, which is element `j` of row `row`. */
const eachElement = ({ inside, outside }: { inside: string; outside?: string }): string =>
  `for (var e = local; e < ${tileLength}u; e += ${sortInvocations}u) {
let part = group * (${tileLength}u / p.length) + e / p.length;
let row = part / p.tiles;
let j = (part % p.tiles) * p.length + e % p.length;
if (row < p.rows && j < p.n) {
${inside}
}${outside ? ` else {\n${outside}\n}` : ''}
}`;

/** Every tile of `length` elements ascending. */
const networkText = `
for (var size = 2u; size <= p.length; size *= 2u) {
for (var reach = size / 2u; reach > 0u; reach /= 2u) {
workgroupBarrier();
for (var pair = local; pair < ${tileLength / 2}u; pair += ${sortInvocations}u) {
let low = 2u * pair - (pair & (reach - 1u));
let is_up = (low & size & (p.length - 1u)) == 0u;
if (is_after(low, low + reach) == is_up) { swap(low, low + reach); }
}
}
}`;
