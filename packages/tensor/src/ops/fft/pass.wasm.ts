import { type FunctionBuilder, type I32, i32, type Local, v128 } from '../../backend/wasm/assembler.js';
import type { WasmTarget } from '../../backend/wasm/plan.js';
import { butterfly, type Lanes, timesRoot } from './butterfly.wasm.js';
import { loadColumns, loadWork, storeColumns, storeWork } from './lanes.wasm.js';
import { columnBytes, elementBytes, type Stage, word } from './record.js';

/** What every pass is called with. */
export interface PassArguments {
  /** Address of the record. */
  readonly record: Local<'i32'>;
  readonly x: Local<'i32'>;
  readonly y: Local<'i32'>;
  /** Address the table offsets count from. */
  readonly table: Local<'i32'>;
  readonly work: Local<'i32'>;
  /** Lanes in use, 1 … 4. */
  readonly lanes: Local<'i32'>;
}

export type PassBody = (f: FunctionBuilder, args: PassArguments) => void;

export const read = (record: I32, name: keyof typeof word): I32 => i32.load(record, 4 * word[name]);

/** A local that counts a field of the record down to 0 while the body runs; the field is at least 1. */
export function repeat(f: FunctionBuilder, count: I32, body: () => void): void {
  const left = f.let(count);
  f.doWhile(
    () => {
      body();
      left.increase(-1);
    },
    () => left,
  );
}

/** Addresses of the legs of a butterfly, from that of leg 0. */
export type Legs = (first: I32) => I32[];

/** Legs at a constant distance (working memory), or at listed offsets (memory, where centring may wrap). */
export function legsOf(
  f: FunctionBuilder,
  { record, table }: PassArguments,
  field: 'xLegs' | 'yLegs',
  radix: number,
  isMemory: boolean,
): Legs {
  if (radix === 1) return (first) => [first];
  const base = f.let(isMemory ? i32.add(table, read(record, field)) : read(record, field));
  const offsets = isMemory
    ? Array.from({ length: radix - 1 }, (_, i) => f.let(i32.load(base, 4 * (i + 1))))
    : undefined;
  return (first) => {
    const addresses = [first];
    for (let i = 1; i < radix; i++) {
      const address = offsets ? i32.add(first, offsets[i - 1]!) : i32.add(addresses[i - 1]!, base);
      addresses.push(f.let(address));
    }
    return addresses;
  };
}

/**
 * One decimation-in-frequency pass of Stockham's algorithm with a fixed radix r:
 * y[q + s(r·p + k)] = w^{pk} Σ_i x[q + s(p + i·m)] exp(−2πi·ik/r), p < m, q < s.
 * `load` is the first pass (s = 1, x in memory), `twiddle` one between, `last` the last one (m = 1, no
 * twiddles) and `store` the last one with y in memory, scaled.
 */
export function radixPass(target: WasmTarget, radix: number, stage: Stage): PassBody {
  const fromMemory = stage === 'load';
  const toMemory = stage === 'store';
  const twiddled = (stage === 'load' || stage === 'twiddle') && radix > 1;
  return (f, args) => {
    const { record, x, y, table } = args;
    const xLegs = legsOf(f, args, 'xLegs', radix, fromMemory);
    const yLegs = legsOf(f, args, 'yLegs', radix, toMemory);
    const roots = f.let(i32.add(table, read(record, 'roots')));
    const constants = f.let(i32.add(table, read(record, 'constants')));
    const scale = toMemory ? f.let(v128.load32Splat(record, 4 * word.scale)) : undefined;
    const store = (address: I32, value: Lanes) =>
      scale ? storeColumns(f, address, value, scale) : storeWork(f, address, value);
    twoLoops(f, args, stage, i32.const(radix), roots, () => {
      const values = xLegs(x).map((address) => (fromMemory ? loadColumns : loadWork)(f, address));
      const addresses = yLegs(y);
      butterfly(target, f, values, constants).forEach((value, k) => {
        const isTurned = twiddled && k > 0;
        store(addresses[k]!, isTurned ? timesRoot(target, f, value, roots, 8 * (k - 1)) : value);
      });
    });
  };
}

/**
 * The loops around a butterfly. Within working memory the inner loop runs over q, the outer one over p. At the
 * memory's side the outer loop runs over elements and the inner one over neighbouring quads of columns:
 * together they use whole cache lines.
 */
export function twoLoops(
  f: FunctionBuilder,
  { record, x, y }: PassArguments,
  stage: Stage,
  radix: I32,
  roots: Local<'i32'>,
  round: () => void,
): void {
  const isInside = stage === 'twiddle' || stage === 'last';
  const quadStep = f.let(read(record, 'quadStep'));
  const [xInner, yInner] = stage === 'load' ? [columnBytes, quadStep] : [quadStep, columnBytes];
  const [xStep, yStep] = [f.let(read(record, 'xStep')), f.let(read(record, 'yStep'))];
  const rootStep = f.let(i32.shl(i32.sub(radix, 1), 3));
  repeat(f, read(record, 'outer'), () => {
    repeat(f, read(record, 'inner'), () => {
      round();
      x.set(i32.add(x, isInside ? elementBytes : xInner));
      y.set(i32.add(y, isInside ? elementBytes : yInner));
    });
    x.set(i32.add(x, xStep));
    y.set(i32.add(y, yStep));
    if (stage === 'load' || stage === 'twiddle') roots.set(i32.add(roots, rootStep));
  });
}
