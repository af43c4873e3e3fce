import { wgslStep } from '../../backend/webgpu/kernelText.js';
import type { WgslOperand, WgslPlan, WgslStep } from '../../backend/webgpu/plan.js';
import type { KernelCall } from '../../op.js';
import { sizeOf } from '../../shape.js';
import { extentsOf } from '../reduce/span.js';
import { mergeSortSteps, sortedTemps, sortedTempsSink } from '../sort/mergeSort.wgsl.js';
import type { SpreadAxis } from './lookup.js';
import { runLevels, runSumText, sumLevelSteps } from './runSum.wgsl.js';
import { type Spread, spreadOperands, spreadWords, valueType } from './spread.wgsl.js';

const workgroupSize = 256;
/** Up to this many updates every element of y looks at all of them. */
const mostSearched = 64;

/** Every update has its own index. */
export function scatterWgsl(call: KernelCall<SpreadAxis>): WgslPlan {
  const [, u] = call.inputs;
  const { outer, n: picks, inner } = extentsOf(u!.shape, { axis: call.attrs.axis, count: 1 });
  return spreadPlan(call, {
    ...{ name: 'scatter', equation: 'y[o, k[o, j, i], i] += u[o, j, i]', shared: false },
    ...{ outer, picks, inner, size: call.attrs.size, dtype: u!.dtype },
  });
}

/** A slice of updates has one index. */
export function takeAdjointWgsl(call: KernelCall<SpreadAxis>): WgslPlan {
  const [k, u] = call.inputs;
  const { outer, inner } = extentsOf(u!.shape, { axis: call.attrs.axis, count: k!.shape.length });
  return spreadPlan(call, {
    ...{ name: 'takeAdjoint', equation: 'y[o, k[j], i] += u[o, j, i]', shared: true },
    ...{ outer, picks: sizeOf(k!.shape), inner, size: call.attrs.size, dtype: u!.dtype },
  });
}

/** No two invocations add to one element: each element of y collects its updates, in a fixed order. */
const spreadPlan = (call: KernelCall<SpreadAxis>, spread: Spread): WgslPlan =>
  spread.picks <= mostSearched ? { steps: [searchStep(call, spread)] } : sortedPlan(call, spread);

const output = ({ dtype }: Spread): WgslOperand => ({ source: { output: 0 }, dtype, access: 'write' });

/** The kernel that computes element `e` of y, slice `s` of outer index `o` and column `i`, from WGSL statements. */
function collectStep(
  call: KernelCall<SpreadAxis>,
  spread: Spread,
  parts: {
    about: string;
    operands: Readonly<Record<string, WgslOperand>>;
    declarations?: string;
    total: string;
  },
): WgslStep {
  const { name, equation, outer, size, inner, dtype } = spread;
  const total = outer * size * inner;
  return wgslStep(call, {
    name: `index/${name}/${dtype}`,
    about: `${equation}, from y = 0\n${parts.about}`,
    operands: { ...parts.operands, y: output(spread) },
    words: { ...spreadWords(spread), count: { type: 'u32', value: total } },
    workgroupSize,
    groups: Math.ceil(total / workgroupSize),
    ...(parts.declarations ? { declarations: parts.declarations } : {}),
    body: `let e = group * ${workgroupSize}u + local;
if (e < p.count) {
let i = e % p.inner;
let s = (e / p.inner) % p.size;
let o = e / (p.inner * p.size);
var total = ${valueType(dtype)}();
${parts.total}
store_y(e, total);
}`,
  });
}

const searchStep = (call: KernelCall<SpreadAxis>, spread: Spread): WgslStep =>
  collectStep(call, spread, {
    about: '1 pass over y; every element looks at all updates',
    operands: spreadOperands(spread),
    total: `for (var j = 0u; j < p.picks; j++) {
let at = (o * p.picks + j) * p.inner + i;
if (bitcast<u32>(load_k(${spread.shared ? 'j' : 'at'})) == s) { total += load_u(at); }
}`,
  });

/**
 * Updates are sorted by index, so that those of one element follow each other; the element finds its run by
 * bisection and adds it up, long runs from sums of 64 and of 64 · 64 … neighbours made beforehand.
 */
function sortedPlan(call: KernelCall<SpreadAxis>, spread: Spread): WgslPlan {
  const { name, shared, outer, picks, inner, dtype } = spread;
  const temps: number[] = [];
  const rows = shared ? 1 : outer * inner;
  const sorted = sortedTemps(temps, { rows, n: picks });
  const { k, u } = spreadOperands(spread);
  const column = (row: string, j: string): string =>
    `((${row}) / p.inner * p.picks + ${j}) * p.inner + (${row}) % p.inner`;
  const steps = mergeSortSteps(
    call,
    {
      ...{ name, rows, n: picks, declarations: '' },
      operands: { k: k! },
      words: spreadWords(spread),
      key: (row, j) => `load_k(${shared ? j : column(row, j)})`,
    },
    sortedTempsSink(sorted),
    temps,
  );
  const levels = runLevels(picks);
  const sums = levels.length === 0 ? undefined : temps.push(levelBytes(spread, levels)) - 1;
  if (sums !== undefined) steps.push(...sumLevelSteps(call, spread, levels, sorted, sums));
  const read = (temp: number): WgslOperand => ({ source: { temp }, dtype: 'i32', access: 'read' });
  steps.push(
    collectStep(call, spread, {
      about: '1 pass over y and over the updates in the order of their indices',
      operands: {
        u: u!,
        keys: read(sorted.keys),
        order: read(sorted.order),
        ...(sums === undefined ? {} : { sums: { source: { temp: sums }, dtype, access: 'read' } }),
      },
      ...runSumText(spread, levels),
    }),
  );
  return { steps, temps };
}

const levelBytes = ({ outer, inner, dtype }: Spread, levels: readonly number[]): number =>
  levels.reduce((sum, count) => sum + count, 0) * outer * inner * (dtype === 'c64' ? 8 : 4);
