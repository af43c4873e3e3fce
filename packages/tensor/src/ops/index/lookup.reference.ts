import { dtypeInfo, isDifferentiable } from '../../dtype.js';
import type { HostValue } from '../../op.js';
import { sizeOf } from '../../shape.js';
import { extentsOf } from '../reduce/span.js';
import type { LookupAxis, SpreadAxis } from './lookup.js';

/** How far an index moves per outer, picked and inner position: 0 where it is shared. */
interface Lookup {
  readonly outer: number;
  readonly size: number;
  readonly inner: number;
  readonly picks: number;
  /** Number of the index that belongs to (o, j, i). */
  position(o: number, j: number, i: number): number;
}

/** Calls `visit(row element of x, row element of y, in range)` for every picked element. */
function forEachPick(
  { outer, size, inner, picks, position }: Lookup,
  indices: HostValue,
  visit: (whole: number, picked: number, isInside: boolean) => void,
): void {
  for (let o = 0; o < outer; o++)
    for (let j = 0; j < picks; j++)
      for (let i = 0; i < inner; i++) {
        const k = indices.data[position(o, j, i)]!;
        visit((o * size + k) * inner + i, (o * picks + j) * inner + i, k >= 0 && k < size);
      }
}

function read(
  x: HostValue,
  y: HostValue,
  indices: HostValue,
  lookup: Lookup,
  outside: LookupAxis['outside'],
): void {
  const { parts } = dtypeInfo[x.dtype];
  const missing = outside === 'nan' && isDifferentiable(x.dtype) ? Number.NaN : 0;
  forEachPick(lookup, indices, (whole, picked, isInside) => {
    for (let part = 0; part < parts; part++)
      y.data[picked * parts + part] = isInside ? x.data[whole * parts + part]! : missing;
  });
}

function addUp(u: HostValue, y: HostValue, indices: HostValue, lookup: Lookup): void {
  const { parts } = dtypeInfo[u.dtype];
  y.data.fill(0);
  forEachPick(lookup, indices, (whole, picked, isInside) => {
    for (let part = 0; part < parts && isInside; part++)
      y.data[whole * parts + part]! += u.data[picked * parts + part]!;
  });
}

/** Every element has its own index. */
function ownIndices(whole: HostValue, indices: HostValue, axis: number): Lookup {
  const { outer, n: size, inner } = extentsOf(whole.shape, { axis, count: 1 });
  const picks = indices.shape[axis]!;
  return { outer, size, inner, picks, position: (o, j, i) => (o * picks + j) * inner + i };
}

/** One index for a whole slice. */
function sharedIndices(whole: HostValue, indices: HostValue, axis: number): Lookup {
  const { outer, n: size, inner } = extentsOf(whole.shape, { axis, count: 1 });
  return { outer, size, inner, picks: sizeOf(indices.shape), position: (_, j) => j };
}

export const gatherReference = (
  [x, k]: readonly HostValue[],
  [y]: readonly HostValue[],
  { axis, outside }: LookupAxis,
): void => read(x!, y!, k!, ownIndices(x!, k!, axis), outside);

export const takeReference = (
  [x, k]: readonly HostValue[],
  [y]: readonly HostValue[],
  { axis, outside }: LookupAxis,
): void => read(x!, y!, k!, sharedIndices(x!, k!, axis), outside);

export const scatterReference = (
  [k, u]: readonly HostValue[],
  [y]: readonly HostValue[],
  { axis }: SpreadAxis,
): void => addUp(u!, y!, k!, ownIndices(y!, k!, axis));

export const takeAdjointReference = (
  [k, u]: readonly HostValue[],
  [y]: readonly HostValue[],
  { axis }: SpreadAxis,
): void => addUp(u!, y!, k!, sharedIndices(y!, k!, axis));
