import { type FunctionBuilder, f32x4, type I32, type V128, v128 } from '../../backend/wasm/assembler.js';
import type { WasmTarget } from '../../backend/wasm/plan.js';

/** One element of four transforms: real and imaginary parts in a vector each. */
export interface Lanes {
  readonly re: V128;
  readonly im: V128;
}

const add = (f: FunctionBuilder, a: Lanes, b: Lanes): Lanes => ({
  re: f.let(f32x4.add(a.re, b.re)),
  im: f.let(f32x4.add(a.im, b.im)),
});
const sub = (f: FunctionBuilder, a: Lanes, b: Lanes): Lanes => ({
  re: f.let(f32x4.sub(a.re, b.re)),
  im: f.let(f32x4.sub(a.im, b.im)),
});
/** a − i·b */
const subI = (f: FunctionBuilder, a: Lanes, b: Lanes): Lanes => ({
  re: f.let(f32x4.add(a.re, b.im)),
  im: f.let(f32x4.sub(a.im, b.re)),
});
/** a + i·b */
const addI = (f: FunctionBuilder, a: Lanes, b: Lanes): Lanes => ({
  re: f.let(f32x4.sub(a.re, b.im)),
  im: f.let(f32x4.add(a.im, b.re)),
});

/** a·w for the scalar w = (re, im) stored at an address. */
export function timesRoot(target: WasmTarget, f: FunctionBuilder, a: Lanes, root: I32, offset = 0): Lanes {
  const c = f.let(v128.load32Splat(root, offset));
  const s = f.let(v128.load32Splat(root, offset + 4));
  return {
    re: f.let(target.nmadd(a.im, s, f32x4.mul(a.re, c))),
    im: f.let(target.madd(a.re, s, f32x4.mul(a.im, c))),
  };
}

/**
 * y_k = Σ_j x_j exp(−2πi·jk/r) for r = x.length in 1, 2, 4 or a small odd prime, unrolled.
 * @param constants address of cos, sin of 2πj/r for j = 1 … (r−1)/2, read for odd r
 */
export function butterfly(
  target: WasmTarget,
  f: FunctionBuilder,
  x: readonly Lanes[],
  constants: I32,
): Lanes[] {
  if (x.length === 1) return [...x];
  if (x.length === 2) return [add(f, x[0]!, x[1]!), sub(f, x[0]!, x[1]!)];
  return x.length === 4 ? butterfly4(f, x) : butterflyOdd(target, f, x, constants);
}

function butterfly4(f: FunctionBuilder, [a, b, c, d]: readonly Lanes[]): Lanes[] {
  const sumAC = add(f, a!, c!);
  const difAC = sub(f, a!, c!);
  const sumBD = add(f, b!, d!);
  const difBD = sub(f, b!, d!);
  return [add(f, sumAC, sumBD), subI(f, difAC, difBD), sub(f, sumAC, sumBD), addI(f, difAC, difBD)];
}

/**
 * Symmetric pairs: with s_j = x_j + x_{p−j} and d_j = x_j − x_{p−j}, y_k and y_{p−k} are A_k ∓ i·B_k where
 * A_k = x_0 + Σ s_j cos(2πjk/p), B_k = Σ d_j sin(2πjk/p), j = 1 … (p−1)/2.
 */
function butterflyOdd(target: WasmTarget, f: FunctionBuilder, x: readonly Lanes[], constants: I32): Lanes[] {
  const p = x.length;
  const half = (p - 1) / 2;
  const pairs = Array.from({ length: half }, (_, i) => ({
    sum: add(f, x[i + 1]!, x[p - 1 - i]!),
    dif: sub(f, x[i + 1]!, x[p - 1 - i]!),
  }));
  const y: Lanes[] = new Array(p);
  y[0] = pairs.reduce((total, { sum }) => add(f, total, sum), x[0]!);
  for (let k = 1; k <= half; k++) {
    let even = x[0]!;
    let odd: Lanes | undefined;
    pairs.forEach(({ sum, dif }, i) => {
      const index = ((i + 1) * k) % p;
      const isFolded = index > half;
      const at = 8 * ((isFolded ? p - index : index) - 1);
      const c = f.let(v128.load32Splat(constants, at));
      const s = f.let(v128.load32Splat(constants, at + 4));
      even = { re: f.let(target.madd(sum.re, c, even.re)), im: f.let(target.madd(sum.im, c, even.im)) };
      const accumulate = isFolded ? target.nmadd.bind(target) : target.madd.bind(target);
      // the first term is never folded, because k <= half
      odd = odd
        ? { re: f.let(accumulate(dif.re, s, odd.re)), im: f.let(accumulate(dif.im, s, odd.im)) }
        : { re: f.let(f32x4.mul(dif.re, s)), im: f.let(f32x4.mul(dif.im, s)) };
    });
    y[k] = subI(f, even, odd!);
    y[p - k] = addI(f, even, odd!);
  }
  return y;
}
