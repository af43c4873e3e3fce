import { wgslStep } from '../../backend/webgpu/kernelText.js';
import type { WgslStep } from '../../backend/webgpu/plan.js';
import type { KernelCall } from '../../op.js';
import { type KeyedRows, type SortedSink, sortInvocations, tileLength } from './tileSort.wgsl.js';

/** Where keys and indices of sorted runs are: two temporaries. */
export interface SortedTemps {
  readonly keys: number;
  readonly order: number;
}

/**
 * Merges runs of `width` sorted elements, in pairs within every row. A work group makes 1024 elements of the
 * result: it finds where these begin and end in both runs (Green, McColl and Bader 2012) and reads them; an
 * element's place is its place in its own run plus the number of those of the other run that go before it. The first
 * run wins ties, so the order stays stable.
 */
export function mergeStep<A>(
  call: KernelCall<A>,
  { name, rows, n }: Pick<KeyedRows, 'name' | 'rows' | 'n'>,
  width: number,
  from: SortedTemps,
  sink: SortedSink,
): WgslStep {
  const tiles = Math.ceil(n / tileLength);
  const word = (value: number) => ({ type: 'u32', value }) as const;
  return wgslStep(call, {
    name: `sort/${name}/merge`,
    about: 'runs of `width` sorted elements merged in pairs\n1 pass over keys and indices',
    operands: {
      keys: { source: { temp: from.keys }, dtype: 'i32', access: 'read' },
      order: { source: { temp: from.order }, dtype: 'i32', access: 'read' },
      ...sink.operands,
    },
    words: { n: word(n), tiles: word(tiles), width: word(width) },
    workgroupSize: sortInvocations,
    groups: rows * tiles,
    declarations: searchText,
    body: `let row = group / p.tiles * p.n;
let first = group % p.tiles * ${tileLength}u;
let pair = first / (2u * p.width) * (2u * p.width);
let second = min(pair + p.width, p.n);
let count_a = second - pair;
let count_b = min(p.width, p.n - second);
let begin = first - pair;
let end = min(begin + ${tileLength}u, count_a + count_b);
if (local < 2u) {
splits[local] = split(select(begin, end, local == 1u), count_a, count_b, row + pair, row + second);
}
workgroupBarrier();
let from_a = splits[0];
let size_a = splits[1] - from_a;
let size = end - begin;
for (var q = local; q < size; q += ${sortInvocations}u) {
piece[q] = load_keys(row + select(second + begin - from_a + q - size_a, pair + from_a + q, q < size_a));
}
workgroupBarrier();
for (var q = local; q < size; q += ${sortInvocations}u) {
let key = piece[q];
let is_a = q < size_a;
let others = select(count_up_to(key, 0u, size_a), count_below(key, size_a, size), is_a);
let order = load_order(row + select(second + begin - from_a + q - size_a, pair + from_a + q, is_a));
let at = row + first + others + select(q - size_a, q, is_a);
${sink.store('at', 'key', 'order')}
}`,
  });
}

const searchText = `
var<workgroup> piece: array<i32, ${tileLength}>;
var<workgroup> splits: array<u32, 2>;
// how many of the first d elements of the merged runs come from the run at a
fn split(d: u32, count_a: u32, count_b: u32, a: u32, b: u32) -> u32 {
var low = d - min(d, count_b);
var high = min(d, count_a);
while (low < high) {
let middle = (low + high) / 2u;
if (load_keys(a + middle) <= load_keys(b + d - 1u - middle)) { low = middle + 1u; } else { high = middle; }
}
return low;
}
fn count_below(key: i32, begin: u32, end: u32) -> u32 {
var low = begin;
var high = end;
while (low < high) {
let middle = (low + high) / 2u;
if (piece[middle] < key) { low = middle + 1u; } else { high = middle; }
}
return low - begin;
}
fn count_up_to(key: i32, begin: u32, end: u32) -> u32 {
if (key == 0x7fffffff) { return end - begin; }
return count_below(key + 1, begin, end);
}`;
