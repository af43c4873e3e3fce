import { type FunctionBuilder, f32, type I32, i32, select } from '../../backend/wasm/assembler.js';
import { scratchBytes, type WasmCode, type WasmPlan, type WasmTarget } from '../../backend/wasm/plan.js';
import { type DType, dtypeInfo } from '../../dtype.js';
import type { KernelCall } from '../../op.js';
import { sizeOf } from '../../shape.js';
import type { Order } from './argsort.js';

/** Rows up to this length are sorted by insertion: that beats clearing a table of counts. */
const insertionLength = 48;
/** From this length on, eleven bits at a time are worth their larger tables. */
const wideDigitLength = 4096;
const taskElements = 8192;

/**
 * Rows are sorted one after another within tasks, as unsigned keys that order like the values, with their
 * indices beside them: short rows by insertion, longer ones by a radix sort from the lowest digit
 * (Knuth, TAOCP 3, 5.2.5). Both are stable.
 */
export function argsortWasm({ inputs: [x], attrs }: KernelCall<Order>, target: WasmTarget): WasmPlan {
  const n = x!.shape.at(-1)!;
  const rows = sizeOf(x!.shape) / n;
  const perTask = Math.max(1, Math.floor(taskElements / n));
  const name = `sort/${x!.dtype}/${attrs.descending ? 'descending' : 'ascending'}`;
  const { code, tempBytes } =
    n <= insertionLength
      ? { code: insertionKernel(target, name, x!.dtype, attrs), tempBytes: 0 }
      : radixKernel(target, name, x!.dtype, attrs, n);
  const temp = tempBytes === 0 ? 0 : { temp: 0 };
  return {
    steps: [
      { code, tasks: Math.ceil(rows / perTask), args: [{ input: 0 }, { output: 0 }, rows, perTask, n, temp] },
    ],
    ...(tempBytes === 0 ? {} : { temps: [rows * tempBytes] }),
  };
}

/** An unsigned key that orders like the value at an address: −0 equals 0, every NaN is largest. */
function keyAt(f: FunctionBuilder, dtype: DType, { descending }: Order, address: I32): I32 {
  const ascending = (): I32 => {
    if (dtype === 'i32') return i32.xor(i32.load(address), -(2 ** 31));
    if (dtype !== 'f32') return i32.load8U(address);
    const value = f.let(f32.add(f32.load(address), f32.const(0)));
    const bits = f.let(i32.reinterpretF32(value));
    // Negative numbers: all bits flipped; others: the sign bit.
    const ordered = i32.xor(bits, i32.or(i32.shrS(bits, 31), -(2 ** 31)));
    return select(f32.ne(value, value), i32.const(-1), ordered);
  };
  return f.let(descending ? i32.xor(ascending(), keyBits(dtype) === 8 ? 255 : -1) : ascending());
}

const keyBits = (dtype: DType): number => (dtypeInfo[dtype].bytes === 1 ? 8 : 32);

/** Runs `body` for every row of a task with the addresses of its values and of its indices. */
function forRows(
  f: FunctionBuilder,
  task: I32,
  arg: (index: number) => I32,
  bytes: number,
  body: (row: I32, from: I32, to: I32, n: I32) => void,
): void {
  const n = f.let(arg(4));
  const start = f.let(i32.mul(task, arg(3)));
  const stop = f.let(i32.add(start, arg(3)));
  stop.set(i32.minS(stop, arg(2)));
  f.for(start, stop, 1, (row) => {
    const from = f.let(i32.add(arg(0), i32.mul(i32.mul(row, n), bytes)));
    const to = f.let(i32.add(arg(1), i32.shl(i32.mul(row, n), 2)));
    body(row, from, to, n);
  });
}

function insertionKernel(target: WasmTarget, name: string, dtype: DType, order: Order): WasmCode {
  const { bytes } = dtypeInfo[dtype];
  return target.kernel(`${name}/insertion`, (f, { task, arg, scratch }) => {
    // One word below the keys may be read (and is not used) when the search reaches the front.
    const keys = f.let(i32.add(scratch, 64));
    forRows(f, task, arg, bytes, (_row, from, to, n) => {
      f.for(0, n, 1, (i) => {
        const key = keyAt(f, dtype, order, i32.add(from, i32.mul(i, bytes)));
        const place = f.let(i32.shl(i, 2));
        const before = (base: I32): I32 => i32.load(i32.add(base, i32.sub(place, 4)));
        f.while(
          () => i32.and(i32.gtS(place, 0), i32.gtU(before(keys), key)),
          () => {
            f.store('i32', i32.add(keys, place), before(keys));
            f.store('i32', i32.add(to, place), before(to));
            place.increase(-4);
          },
        );
        f.store('i32', i32.add(keys, place), key);
        f.store('i32', i32.add(to, place), i);
      });
    });
  });
}

/** The digits of a key, lowest first. */
interface Digits {
  readonly bits: number;
  readonly passes: number;
  readonly tableBytes: number;
}

function digitsFor(dtype: DType, n: number): Digits {
  const bits = keyBits(dtype) === 8 || n < wideDigitLength ? 8 : 11;
  return { bits, passes: Math.ceil(keyBits(dtype) / bits), tableBytes: 4 << bits };
}

/** What is baked into a radix kernel. */
interface Radix extends Digits {
  readonly dtype: DType;
  readonly order: Order;
}

function radixKernel(target: WasmTarget, name: string, dtype: DType, order: Order, n: number) {
  const radix = { ...digitsFor(dtype, n), dtype, order };
  const { bits, passes, tableBytes } = radix;
  const { bytes } = dtypeInfo[dtype];
  const tables = passes * tableBytes;
  // Between passes keys and indices stand in two pairs of buffers: in scratch if they fit.
  const rowBytes = 16 * n;
  const inScratch = passes === 1 || tables + rowBytes <= scratchBytes;
  const key = `${name}/radix${bits}/${inScratch ? 'scratch' : 'temp'}`;
  const code = target.kernel(key, (f, { task, arg, scratch }) => {
    forRows(f, task, arg, bytes, (row, from, to, length) => {
      countDigits(f, radix, scratch, from, length);
      for (let pass = 0; pass < passes; pass++)
        runningStarts(f, i32.add(scratch, pass * tableBytes), 1 << bits);
      const base = inScratch ? i32.add(scratch, tables) : i32.add(arg(5), i32.mul(row, i32.shl(length, 4)));
      distribute(f, radix, scratch, from, to, length, f.let(base));
    });
  });
  return { code, tempBytes: inScratch ? 0 : rowBytes };
}

/** How often each value of each digit occurs, in one reading of the row. */
function countDigits(f: FunctionBuilder, radix: Radix, tables: I32, from: I32, n: I32): void {
  const { passes, tableBytes, dtype, order } = radix;
  clear(f, tables, passes * tableBytes);
  f.for(0, n, 1, (i) => {
    const key = keyAt(f, dtype, order, i32.add(from, i32.mul(i, dtypeInfo[dtype].bytes)));
    for (let pass = 0; pass < passes; pass++) {
      const slot = f.let(slotOf(radix, pass, tables, key));
      f.store('i32', slot, i32.add(i32.load(slot), 1));
    }
  });
}

/** Puts elements where their digit says, digit by digit; the last pass writes the indices out. */
function distribute(
  f: FunctionBuilder,
  radix: Radix,
  tables: I32,
  from: I32,
  to: I32,
  n: I32,
  buffers: I32,
): void {
  const { passes, dtype, order } = radix;
  const pairs = [0, 1].map((which) => {
    const keys = f.let(i32.add(buffers, i32.shl(i32.mul(n, 2 * which), 2)));
    return { keys, indices: f.let(i32.add(keys, i32.shl(n, 2))) };
  });
  for (let pass = 0; pass < passes; pass++) {
    const [source, sink] = [pairs[(pass + 1) % 2]!, pairs[pass % 2]!];
    const isLast = pass === passes - 1;
    f.for(0, n, 1, (i) => {
      const word = f.let(i32.shl(i, 2));
      const stored = (): I32 => f.let(i32.load(i32.add(source.keys, word)));
      const key =
        pass > 0 ? stored() : keyAt(f, dtype, order, i32.add(from, i32.mul(i, dtypeInfo[dtype].bytes)));
      const index = pass > 0 ? i32.load(i32.add(source.indices, word)) : i;
      const slot = f.let(slotOf(radix, pass, tables, key));
      const place = f.let(i32.load(slot));
      f.store('i32', slot, i32.add(place, 4));
      if (!isLast) f.store('i32', i32.add(sink.keys, place), key);
      f.store('i32', i32.add(isLast ? to : sink.indices, place), index);
    });
  }
}

/** Address of the table entry of digit `pass`. */
const slotOf = ({ bits, tableBytes }: Digits, pass: number, tables: I32, key: I32): I32 =>
  i32.add(
    i32.add(tables, pass * tableBytes),
    i32.shl(i32.and(i32.shrU(key, bits * pass), (1 << bits) - 1), 2),
  );

/** Counts to the byte offsets at which each digit's elements start. */
function runningStarts(f: FunctionBuilder, table: I32, entries: number): void {
  const slot = f.let(table);
  const total = f.let(0);
  f.for(0, entries, 1, () => {
    const count = f.let(i32.load(slot));
    f.store('i32', slot, total);
    total.increase(i32.shl(count, 2));
    slot.increase(4);
  });
}

function clear(f: FunctionBuilder, from: I32, bytes: number): void {
  f.for(0, bytes, 4, (offset) => {
    f.store('i32', i32.add(from, offset), i32.const(0));
  });
}
