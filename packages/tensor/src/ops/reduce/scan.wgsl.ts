import { wgslStep } from '../../backend/webgpu/kernelText.js';
import type { WgslOperand, WgslStep } from '../../backend/webgpu/plan.js';
import type { KernelCall } from '../../op.js';
import { type Feed, type StateType, stateMemory, type WgslFold } from './fold.wgsl.js';
import { groupSize, type Tile, tileText, tileWords } from './tile.wgsl.js';

/** Bytes of workgroup memory that the items of one invocation take. */
const itemBytes = 32;

/** A sequence that is scanned: where its items come from, and where the results go. */
export interface Scan {
  readonly name: string;
  readonly feed: Feed;
  /** WGSL type of the results; items are converted to it. */
  readonly item: 'f32' | StateType;
  /** WGSL of the result made from a state, and the statement that stores one at an element. */
  readonly finish: (state: string) => string;
  readonly results: Readonly<Record<string, WgslOperand>>;
  readonly store: (at: string, value: string) => string;
  /** WGSL of the row that is the k-th of the sequence. */
  readonly rowAt: (k: string) => string;
}

/**
 * Scans blocks of rows, each from the state that temporary `carried` has for the block before it. Pieces of
 * a block lie in workgroup memory: they are read and written as they lie side by side in memory, while every
 * invocation scans some neighbouring rows.
 */
export function scanStep<A>(
  call: KernelCall<A>,
  fold: WgslFold,
  scan: Scan,
  tile: Tile,
  carried: number | undefined,
): WgslStep {
  const { dtype } = stateMemory[fold.state];
  const partial: WgslOperand | undefined =
    carried === undefined ? undefined : { source: { temp: carried }, dtype, access: 'read' };
  const each = itemBytes / (scan.item === 'f32' ? 4 : stateMemory[scan.item].bytes);
  // one unused item after those of every invocation spreads them over the banks of workgroup memory
  const places = groupSize * (each + 1);
  return wgslStep(call, {
    name: `reduce/${scan.name}`,
    about: `y[o, k, i] = combination of x[o, 0 … k, i]: ${fold.name}\n1 pass over x and y`,
    operands: { ...scan.feed.operands, ...scan.results, ...(partial ? { partial } : {}) },
    words: { ...tileWords(tile), ...fold.words, each: { type: 'u32', value: each } },
    workgroupSize: groupSize,
    groups: tile.groups,
    declarations: `${fold.declarations}
var<workgroup> items: array<${scan.item}, ${places}>;
var<workgroup> states: array<${fold.state}, ${groupSize}>;`,
    body: `${tileText}
let base = o * p.n * p.inner + i;
let corner = (local >> (p.columnBits + p.rowBits)) * (rows * ${each + 1}u * columns) + (local & (columns - 1u));
var carry = ${fold.identity};
${partial ? carryText(fold) : ''}
for (var start = first; start < end; start += rows * ${each}u) {
${pieceText(fold, scan, each)}
}`,
  });
}

const carryText = ({ state }: WgslFold): string =>
  `if (inside && block > 0u) { carry = ${stateMemory[state].load('partial', '(o * p.blocks + block - 1u) * p.inner + i')}; }`;

/** One piece of a block: `each` rows per invocation. */
function pieceText(fold: WgslFold, { item, feed, finish, store, rowAt }: Scan, each: number): string {
  // `p.each` keeps compilers from unrolling: software drivers then take seconds for this kernel
  const everyRow = (statement: string): string => `for (var v = 0u; v < p.each; v++) {
let q = v * rows + row;
let k = start + q;
let place = corner + (q + q / ${each}u) * columns;
if (inside && k < end) { ${statement} }
}`;
  const at = `base + (${rowAt('k')}) * p.inner`;
  const mine = `items[corner + (row * ${each + 1}u + v) * columns]`;
  const last = `states[local + (rows - 1u - row) * columns]`;
  return `${everyRow(`items[place] = ${item}(${feed.load(at)});`)}
workgroupBarrier();
let mineEnd = min(p.each, end - min(end, start + row * ${each}u));
var state = ${fold.identity};
for (var v = 0u; v < mineEnd; v++) { state = ${feed.enter('state', mine, '0u')}; }
${prefixText(fold)}
for (var v = 0u; v < mineEnd; v++) {
state = ${feed.enter('state', mine, '0u')};
${mine} = ${finish('state')};
}
workgroupBarrier();
${everyRow(store(at, 'items[place]'))}
carry = ${fold.combine}(carry, ${last});
workgroupBarrier();`;
}

/** Turns the `state` of the rows of an invocation into that of all rows before them. */
function prefixText({ state, combine }: WgslFold): string {
  return `states[local] = state;
for (var reach = 1u; reach < rows; reach *= 2u) {
workgroupBarrier();
var earlier = ${state}();
if (row >= reach) { earlier = states[local - reach * columns]; }
workgroupBarrier();
if (row >= reach) {
state = ${combine}(earlier, state);
states[local] = state;
}
}
workgroupBarrier();
state = carry;
if (row > 0u) { state = ${combine}(carry, states[local - columns]); }`;
}
