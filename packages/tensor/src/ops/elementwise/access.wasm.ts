import {
  type FunctionBuilder,
  f64,
  f64x2,
  type I32,
  i8x16,
  i16x8,
  i32,
  i32x4,
  type Local,
  type V128,
  v128,
} from '../../backend/wasm/assembler.js';
import { type DType, dtypeInfo } from '../../dtype.js';

/** Lanes of one operand: one vector, or real and imaginary parts. */
export type Lanes = readonly V128[];

/** Addresses of elements 0 … 3 of a vector. */
export type LaneAddresses = readonly [I32, I32, I32, I32];

/** Elements 0 … 3 at consecutive places; reads up to 16 bytes beyond the last one wanted. */
export function loadDense(f: FunctionBuilder, dtype: DType, address: I32): Lanes {
  if (dtype === 'c64') {
    const low = f.let(v128.load(address));
    const high = f.let(v128.load(address, 16));
    return [v128.shuffle(low, high, [0, 2, 4, 6]), v128.shuffle(low, high, [1, 3, 5, 7])];
  }
  if (dtypeInfo[dtype].bytes === 1) {
    const wide = f.let(v128.load8x8U(address));
    return [fromBytes(dtype, i32x4.extendLowI16x8U(wide))];
  }
  return [v128.load(address)];
}

/** One element in all lanes. */
export function loadSplat(dtype: DType, address: I32): Lanes {
  if (dtype === 'c64') return [v128.load32Splat(address), v128.load32Splat(address, 4)];
  if (dtypeInfo[dtype].bytes === 1) return [fromBytes(dtype, i32x4.splat(i32.load8U(address)))];
  return [v128.load32Splat(address)];
}

/** Four elements from anywhere. */
export function loadLanes(f: FunctionBuilder, dtype: DType, at: LaneAddresses): Lanes {
  if (dtype === 'c64') {
    const pair = (a: I32, b: I32): Local<'v128'> => f.let(f64x2.replace(v128.load64Zero(a), 1, f64.load(b)));
    const low = pair(at[0], at[1]);
    const high = pair(at[2], at[3]);
    return [v128.shuffle(low, high, [0, 2, 4, 6]), v128.shuffle(low, high, [1, 3, 5, 7])];
  }
  const isByte = dtypeInfo[dtype].bytes === 1;
  const load = (address: I32): I32 => (isByte ? i32.load8U(address) : i32.load(address));
  let lanes = isByte ? i32x4.splat(load(at[0])) : v128.load32Zero(at[0]);
  for (const lane of [1, 2, 3] as const) lanes = i32x4.replace(lanes, lane, load(at[lane]));
  return [isByte ? fromBytes(dtype, lanes) : lanes];
}

/** u8 stays a number; bool becomes a mask. */
const fromBytes = (dtype: DType, lanes: V128): V128 =>
  dtype === 'bool' ? i32x4.ne(lanes, i32x4.const(0)) : lanes;

/** Stores four elements at consecutive places. */
export function storeDense(f: FunctionBuilder, dtype: DType, address: I32, lanes: Lanes): void {
  if (dtype === 'c64') {
    const re = f.let(lanes[0]!);
    const im = f.let(lanes[1]!);
    f.store('v128', address, v128.shuffle(re, im, [0, 4, 1, 5]));
    f.store('v128', address, v128.shuffle(re, im, [2, 6, 3, 7]), 16);
  } else if (dtypeInfo[dtype].bytes === 1) {
    const words = f.let(toBytes(dtype, lanes[0]!));
    const halves = f.let(i16x8.narrowI32x4U(words, words));
    f.store('v128_32', address, i8x16.narrowI16x8U(halves, halves), 0, 0);
  } else f.store('v128', address, lanes[0]!);
}

/** Stores four elements anywhere. */
export function storeLanes(f: FunctionBuilder, dtype: DType, at: LaneAddresses, lanes: Lanes): void {
  if (dtype === 'c64') {
    const re = f.let(lanes[0]!);
    const im = f.let(lanes[1]!);
    const low = f.let(v128.shuffle(re, im, [0, 4, 1, 5]));
    const high = f.let(v128.shuffle(re, im, [2, 6, 3, 7]));
    at.forEach((address, lane) => {
      f.store('v128_64', address, lane < 2 ? low : high, 0, lane % 2);
    });
  } else if (dtypeInfo[dtype].bytes === 1) {
    const words = f.let(toBytes(dtype, lanes[0]!));
    at.forEach((address, lane) => {
      f.store('i32_8', address, i32x4.extract(words, lane));
    });
  } else {
    const values = f.let(lanes[0]!);
    at.forEach((address, lane) => {
      f.store('v128_32', address, values, 0, lane);
    });
  }
}

/** The low byte of each lane: integers wrap, masks become 0 or 1. */
const toBytes = (dtype: DType, lanes: V128): V128 => v128.and(lanes, i32x4.const(dtype === 'bool' ? 1 : 255));

/** Copies `count` elements of `bytes` bytes from consecutive places to places `step` bytes apart. */
export function copyOut(
  f: FunctionBuilder,
  bytes: number,
  from: { scratch: I32; offset: number },
  to: { address: I32; step: I32 },
  count: I32,
): void {
  const source = f.let(from.scratch);
  const target = f.let(to.address);
  f.for(0, count, 1, () => {
    if (bytes === 1) f.store('i32_8', target, i32.load8U(source, from.offset));
    else if (bytes === 4) f.store('i32', target, i32.load(source, from.offset));
    else f.store('v128_64', target, v128.load64Zero(source, from.offset), 0, 0);
    source.increase(bytes);
    target.set(i32.add(target, to.step));
  });
}
