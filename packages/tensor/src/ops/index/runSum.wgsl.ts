import { wgslStep } from '../../backend/webgpu/kernelText.js';
import type { WgslStep } from '../../backend/webgpu/plan.js';
import type { KernelCall } from '../../op.js';
import type { SortedTemps } from '../sort/merge.wgsl.js';
import type { SpreadAxis } from './lookup.js';
import { type Spread, spreadOperands, spreadWords, valueType } from './spread.wgsl.js';

const workgroupSize = 256;
/** Neighbours that an entry of the next level adds up. */
const step = 64;
/** What one invocation may add up by itself. */
const longest = 1024;

/** Entries per row of each level of sums: of 64 neighbours, of 64 · 64, … */
export function runLevels(picks: number): number[] {
  const levels: number[] = [];
  for (let count = picks; count > longest; ) {
    count = Math.ceil(count / step);
    levels.push(count);
  }
  return levels;
}

/** Where a level begins in the temporary of sums, per outer index and column: all are laid out as u is. */
const levelStart = (levels: readonly number[], level: number): number =>
  levels.slice(0, level).reduce((sum, count) => sum + count, 0);

/** WGSL of entry `q` of a level: 0 are the updates themselves, in the order of their indices. */
function entryText(
  { shared, outer, inner }: Spread,
  levels: readonly number[],
  level: number,
  q: string,
): string {
  if (level > 0) {
    const start = levelStart(levels, level - 1) * outer * inner;
    return `load_sums(${start}u + (o * ${levels[level - 1]}u + ${q}) * p.inner + i)`;
  }
  const place = shared ? q : `(o * p.inner + i) * p.picks + ${q}`;
  return `load_u((o * p.picks + bitcast<u32>(load_order(${place}))) * p.inner + i)`;
}

/** Sums of all levels, each from the one before. Sums across the border of two runs are made and not used. */
export function sumLevelSteps(
  call: KernelCall<SpreadAxis>,
  spread: Spread,
  levels: readonly number[],
  { order }: SortedTemps,
  sums: number,
): WgslStep[] {
  const { name, outer, inner, picks, dtype } = spread;
  return levels.map((count, level) => {
    const total = outer * count * inner;
    const start = levelStart(levels, level) * outer * inner;
    return wgslStep(call, {
      name: `index/${name}/sums`,
      about: `s[o, q, i] = sum over t of the update of rank ${step} q + t\n1 pass over the level below`,
      operands: {
        ...(level === 0
          ? {
              u: spreadOperands(spread).u,
              order: { source: { temp: order }, dtype: 'i32', access: 'read' } as const,
            }
          : {}),
        sums: { source: { temp: sums }, dtype, access: level === 0 ? 'write' : 'readWrite' },
      },
      words: spreadWords(spread),
      workgroupSize,
      groups: Math.ceil(total / workgroupSize),
      body: `let e = group * ${workgroupSize}u + local;
if (e < ${total}u) {
let i = e % p.inner;
let q = (e / p.inner) % ${count}u;
let o = e / (p.inner * ${count}u);
var total = ${valueType(dtype)}();
let end = min(${step}u * q + ${step}u, ${level === 0 ? picks : levels[level - 1]}u);
for (var t = ${step}u * q; t < end; t++) { total += ${entryText(spread, levels, level, 't')}; }
store_sums(${start}u + e, total);
}`,
    });
  });
}

/**
 * WGSL that adds up the run of slice `s`: the ends of the run from the updates, what lies between from the sums
 * of the first level, the ends of that again from these, and so on.
 */
export function runSumText(
  spread: Spread,
  levels: readonly number[],
): { declarations: string; total: string } {
  const add = (level: number, from: string, to: string, into: string): string =>
    `for (var q = ${from}; q < ${to}; q++) { ${into} += ${entryText(spread, levels, level, 'q')}; }`;
  const climb = levels.map(
    (_, level) => `let inner_low${level} = (low + ${step - 1}u) / ${step}u;
let inner_high${level} = high / ${step}u;
if (inner_low${level} < inner_high${level}) {
${add(level, 'low', `inner_low${level} * ${step}u`, 'total')}
${add(level, `inner_high${level} * ${step}u`, 'high', 'tail')}
low = inner_low${level};
high = inner_high${level};
} else {
${add(level, 'low', 'high', 'total')}
low = high;
}`,
  );
  return {
    declarations: `
// rank of the first key of the row that is at least s
fn first_of(s: u32, row: u32) -> u32 {
var low = 0u;
var high = p.picks;
while (low < high) {
let middle = (low + high) / 2u;
if (load_keys(row + middle) < bitcast<i32>(s)) { low = middle + 1u; } else { high = middle; }
}
return low;
}`,
    total: `var tail = ${valueType(spread.dtype)}();
let row = ${spread.shared ? '0u' : '(o * p.inner + i) * p.picks'};
var low = first_of(s, row);
var high = first_of(s + 1u, row);
${climb.join('\n')}
${add(levels.length, 'low', 'high', 'total')}
total += tail;`,
  };
}
