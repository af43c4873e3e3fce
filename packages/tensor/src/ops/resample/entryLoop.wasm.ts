import {
  type FunctionBuilder,
  f32x4,
  type I32,
  i32,
  type Local,
  v128,
} from '../../backend/wasm/assembler.js';
import type { WasmTarget } from '../../backend/wasm/plan.js';

/** A matrix row in the tables: start indices (i32), and entries of i32 byte offset and f32 weight. */
export type EntryRow = Readonly<Record<'rowStart' | 'entries' | 'row', I32>>;

/**
 * Σ_e weight[e] · (`vectors` vectors at base + offset[e]) over the entries of one matrix row.
 *
 * @param base address of the column with index 0
 */
export function sumEntries(
  f: FunctionBuilder,
  target: WasmTarget,
  { rowStart, entries, row }: EntryRow,
  base: I32,
  vectors: number,
): Local<'v128'>[] {
  const origin = f.let(base);
  const bounds = f.let(i32.add(rowStart, i32.shl(row, 2)));
  const entry = f.let(i32.add(entries, i32.shl(i32.load(bounds), 3)));
  const end = f.let(i32.add(entries, i32.shl(i32.load(bounds, 4), 3)));
  const sums = Array.from({ length: vectors }, () => f.let(f32x4.const(0)));
  const weight = f.local('v128');
  const column = f.local('i32');
  f.while(
    () => i32.ltU(entry, end),
    () => {
      weight.set(v128.load32Splat(entry, 4));
      column.set(i32.add(origin, i32.load(entry)));
      sums.forEach((sum, v) => {
        sum.set(target.madd(v128.load(column, 16 * v), weight, sum));
      });
      entry.increase(8);
    },
  );
  return sums;
}
