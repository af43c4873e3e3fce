import { type FunctionBuilder, f32x4, type V128 } from '../../backend/wasm/assembler.js';
import type { WasmTarget } from '../../backend/wasm/plan.js';

// One-dimensional transforms of Winograd's F(4, 3) with the points 0, 1, -1, 2, -2, infinity:
// y = Aᵀ [(G g) ∘ (Bᵀ d)] gives 4 outputs of a 3-tap filter from 6 inputs with 6 products.
// Lavin and Gray, Fast algorithms for convolutional neural networks, 2016.

const { add, sub, mul } = f32x4;
type Vectors = readonly V128[];

/** Bᵀ d: 6 → 6. */
export function inputTransform(f: FunctionBuilder, target: WasmTarget, d: Vectors): V128[] {
  const [d0, d1, d2, d3, d4, d5] = d.map((x): V128 => f.let(x)) as [V128, V128, V128, V128, V128, V128];
  const [two, four, five] = [2, 4, 5].map((x): V128 => f.let(f32x4.const(x))) as [V128, V128, V128];
  const even = f.let(target.nmadd(four, d2, d4));
  const odd = f.let(target.nmadd(four, d1, d3));
  const near = f.let(sub(d4, d2));
  const far = f.let(mul(two, sub(d3, d1)));
  return [
    target.madd(four, d0, target.nmadd(five, d2, d4)),
    add(even, odd),
    sub(even, odd),
    add(near, far),
    sub(near, far),
    target.madd(four, d1, target.nmadd(five, d3, d5)),
  ];
}

/** G g: 3 → 6. */
export function weightTransform(f: FunctionBuilder, g: Vectors): V128[] {
  const [g0, g1, g2] = g.map((x): V128 => f.let(x)) as [V128, V128, V128];
  const outer = f.let(mul(f32x4.const(-1 / 6), add(g0, g2)));
  const inner = f.let(mul(f32x4.const(1 / 6), g1));
  const wide = f.let(add(mul(f32x4.const(1 / 24), g0), mul(f32x4.const(1 / 6), g2)));
  const middle = f.let(mul(f32x4.const(1 / 12), g1));
  return [
    mul(f32x4.const(1 / 4), g0),
    sub(outer, inner),
    add(outer, inner),
    add(wide, middle),
    sub(wide, middle),
    g2,
  ];
}

/** Aᵀ m: 6 → 4. */
export function outputTransform(f: FunctionBuilder, target: WasmTarget, m: Vectors): V128[] {
  const [m0, m1, m2, m3, m4, m5] = m.map((x): V128 => f.let(x)) as [V128, V128, V128, V128, V128, V128];
  const s1 = f.let(add(m1, m2));
  const d1 = f.let(sub(m1, m2));
  const s2 = f.let(add(m3, m4));
  const d2 = f.let(sub(m3, m4));
  return [
    add(add(m0, s1), s2),
    target.madd(f32x4.const(2), d2, d1),
    target.madd(f32x4.const(4), s2, s1),
    add(target.madd(f32x4.const(8), d2, d1), m5),
  ];
}

/** A y: 4 → 6, the adjoint of the output transform. */
export function gradientTransform(f: FunctionBuilder, target: WasmTarget, y: Vectors): V128[] {
  const [y0, y1, y2, y3] = y.map((x): V128 => f.let(x)) as [V128, V128, V128, V128];
  const even = f.let(add(y0, y2));
  const odd = f.let(add(y1, y3));
  const four = f.let(f32x4.const(4));
  const wideEven = f.let(target.madd(four, y2, y0));
  const wideOdd = f.let(mul(f32x4.const(2), target.madd(four, y3, y1)));
  return [y0, add(even, odd), sub(even, odd), add(wideEven, wideOdd), sub(wideEven, wideOdd), y3];
}

/** Gᵀ u: 6 → 3, the adjoint of the weight transform. */
export function weightTransformAdjoint(f: FunctionBuilder, u: Vectors): V128[] {
  const [u0, u1, u2, u3, u4, u5] = u.map((x): V128 => f.let(x)) as [V128, V128, V128, V128, V128, V128];
  const near = f.let(mul(f32x4.const(-1 / 6), add(u1, u2)));
  const far = f.let(add(u3, u4));
  return [
    add(add(mul(f32x4.const(1 / 4), u0), near), mul(f32x4.const(1 / 24), far)),
    add(mul(f32x4.const(1 / 6), sub(u2, u1)), mul(f32x4.const(1 / 12), sub(u3, u4))),
    add(add(near, mul(f32x4.const(1 / 6), far)), u5),
  ];
}
