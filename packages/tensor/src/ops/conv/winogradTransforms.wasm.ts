import { type FunctionBuilder, f32x4, type V128 } from '../../backend/wasm/assembler.js';
import type { WasmTarget } from '../../backend/wasm/plan.js';

// One-dimensional transforms of Winograd's F(4, 3) with the points 0, 1, -1, 2, -2, infinity:
// y = A^T [(G g) * (B^T d)] gives 4 outputs of a 3-tap filter from 6 inputs with 6 products.
// Lavin and Gray, Fast algorithms for convolutional neural networks, 2016.

/** Emits the transforms of one function; factors are named once, at its top. */
export interface Transforms {
  /** B^T d: 6 → 6. */
  input(d: readonly V128[]): V128[];
  /** G g: 3 → 6. */
  weights(g: readonly V128[]): V128[];
  /** A^T m: 6 → 4. */
  output(m: readonly V128[]): V128[];
}

export function winogradTransforms(f: FunctionBuilder, target: WasmTarget): Transforms {
  const { add, sub, mul } = f32x4;
  const named = (value: V128): V128 => f.let(value);
  const factor = (value: number) => named(f32x4.const(value));
  return {
    input(d) {
      const [d0, d1, d2, d3, d4, d5] = d.map(named) as [V128, V128, V128, V128, V128, V128];
      const [two, four, five] = [factor(2), factor(4), factor(5)];
      const even = named(target.nmadd(four, d2, d4));
      const odd = named(target.nmadd(four, d1, d3));
      const near = named(sub(d4, d2));
      const far = named(mul(two, sub(d3, d1)));
      return [
        target.madd(four, d0, target.nmadd(five, d2, d4)),
        add(even, odd),
        sub(even, odd),
        add(near, far),
        sub(near, far),
        target.madd(four, d1, target.nmadd(five, d3, d5)),
      ];
    },
    weights(g) {
      const [g0, g1, g2] = g.map(named) as [V128, V128, V128];
      const outer = named(mul(factor(-1 / 6), add(g0, g2)));
      const inner = named(mul(factor(1 / 6), g1));
      const wide = named(add(mul(factor(1 / 24), g0), mul(factor(1 / 6), g2)));
      const middle = named(mul(factor(1 / 12), g1));
      return [
        mul(factor(1 / 4), g0),
        sub(outer, inner),
        add(outer, inner),
        add(wide, middle),
        sub(wide, middle),
        g2,
      ];
    },
    output(m) {
      const [m0, m1, m2, m3, m4, m5] = m.map(named) as [V128, V128, V128, V128, V128, V128];
      const s1 = named(add(m1, m2));
      const d1 = named(sub(m1, m2));
      const s2 = named(add(m3, m4));
      const d2 = named(sub(m3, m4));
      return [
        add(add(m0, s1), s2),
        target.madd(factor(2), d2, d1),
        target.madd(factor(4), s2, s1),
        add(target.madd(factor(8), d2, d1), m5),
      ];
    },
  };
}
