import { type FunctionBuilder, f32x4, type I32, type V128, v128 } from '../../backend/wasm/assembler.js';
import type { Lanes } from './butterfly.wasm.js';

/** Four neighbouring complex numbers in memory, parted into real and imaginary vectors. */
export function loadColumns(f: FunctionBuilder, address: I32): Lanes {
  const low = f.let(v128.load(address));
  const high = f.let(v128.load(address, 16));
  return {
    re: f.let(v128.shuffle(low, high, [0, 2, 4, 6])),
    im: f.let(v128.shuffle(low, high, [1, 3, 5, 7])),
  };
}

export function loadWork(f: FunctionBuilder, address: I32): Lanes {
  return { re: f.let(v128.load(address)), im: f.let(v128.load(address, 16)) };
}

export function storeWork(f: FunctionBuilder, address: I32, { re, im }: Lanes): void {
  f.store('v128', address, re);
  f.store('v128', address, im, 16);
}

/** The complex numbers of lanes 0, 1 and of lanes 2, 3, times a factor. */
export function interleave(f: FunctionBuilder, { re, im }: Lanes, scale: V128): readonly [V128, V128] {
  const scaledRe = f.let(f32x4.mul(re, scale));
  const scaledIm = f.let(f32x4.mul(im, scale));
  return [
    f.let(v128.shuffle(scaledRe, scaledIm, [0, 4, 1, 5])),
    f.let(v128.shuffle(scaledRe, scaledIm, [2, 6, 3, 7])),
  ];
}

export function storeColumns(f: FunctionBuilder, address: I32, value: Lanes, scale: V128): void {
  const [low, high] = interleave(f, value, scale);
  f.store('v128', address, low);
  f.store('v128', address, high, 16);
}
