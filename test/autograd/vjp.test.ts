import { grad, jvp, treeLeaves, vjp } from '@adjoint/autograd';
import {
  abs2,
  add,
  conj,
  exp,
  init,
  mul,
  real,
  sin,
  square,
  sum,
  type Tensor,
  tensor,
} from '@adjoint/tensor';
import { beforeAll, describe, expect, it } from 'vitest';
import { c128, f64, values } from './doubles.js';

const expectClose = (got: number[], expected: number[], digits = 10): void => {
  expect(got.length).toBe(expected.length);
  got.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, digits);
  });
};

beforeAll(async () => {
  await init({ device: 'reference' });
});

describe('vjp', () => {
  it('multiplies by the conjugate transpose', async () => {
    using at = vjp((x: Tensor) => mul(x, { re: 2, im: 3 }), c128([1, 1]));
    expect(await values(at.value)).toEqual([-1, 5]);
    expect(await values(at.pullback(c128([1, 0]))[0])).toEqual([2, -3]);
    expect(await values(at.pullback(c128([0, 1]))[0])).toEqual([3, 2]);
  });

  it('takes and returns trees', async () => {
    const f = (a: Tensor, b: { c: Tensor }): { product: Tensor; both: Tensor[] } => ({
      product: mul(a, b.c),
      both: [square(a), add(a, b.c)],
    });
    using at = vjp(f, f64(2), { c: f64(5) });
    const [a, b] = at.pullback({ product: f64(1), both: [f64(10), f64(100)] });
    expect([await a.item(), await b.c.item()]).toEqual([5 + 40 + 100, 2 + 100]);
  });

  it('adds the cotangents of a value returned twice, also of an argument itself', async () => {
    using at = vjp((x: Tensor) => [x, x, square(x)], f64(3));
    expect(await at.pullback([f64(1), f64(10), f64(100)])[0].item()).toBe(611);
  });

  it('outlives the value', async () => {
    using at = vjp((x: Tensor) => exp(x), f64(0));
    const one = f64(1);
    at.value.dispose();
    expect(() => at.pullback(one)).not.toThrow();
  });

  it('refuses cotangents of another structure, shape or dtype', () => {
    using at = vjp((x: Tensor) => ({ y: square(x) }), f64([1, 2]));
    expect(() => at.pullback({ y: f64([1]) })).toThrow(
      /vjp: the cotangent\.y must be f64 \[2\]; got f64 \[1\]/,
    );
    expect(() => at.pullback({ y: tensor([1, 2]) })).toThrow(/must be f64 \[2\]; got f32 \[2\]/);
    expect(() => at.pullback({ z: f64([1, 2]) } as never)).toThrow(
      /must be an object with \{y\}; got an object with \{z\}/,
    );
    expect(() => at.pullback({ y: 3 } as never)).toThrow(/must be a f64 \[2\] tensor; got 3/);
    at.dispose();
    expect(() => at.pullback({ y: f64([1, 2]) })).toThrow(/before dispose/);
  });

  it('is differentiable through both the point and the cotangent', async () => {
    const f = (x: Tensor, w: Tensor): Tensor => {
      using at = vjp((y: Tensor) => sin(y), x);
      return sum(at.pullback(w)[0]);
    };
    const [x, w] = grad(f, { argnums: [0, 1] })(f64([0.3, 0.4]), f64([2, 3]));
    expectClose(await values(x), [-2 * Math.sin(0.3), -3 * Math.sin(0.4)]);
    expectClose(await values(w), [Math.cos(0.3), Math.cos(0.4)]);
  });
});

describe('jvp', () => {
  const f = (x: Tensor, z: Tensor): Tensor[] => [mul(sin(x), z), mul(abs2(z), x), mul(conj(z), exp(z))];

  it('agrees with differences in real and imaginary directions', async () => {
    const [x, z] = [
      [0.4, -1.2],
      [1, 0.3, -0.5, 0.8],
    ];
    const [dx, dz] = [
      [0.7, 0.2],
      [-0.3, 1, 0.5, 0.4],
    ];
    const { value, tangent } = jvp(f, [f64(x), c128(z)], [f64(dx), c128(dz)]);
    const h = 1e-5;
    const at = (t: number): Tensor[] =>
      f(f64(x.map((v, i) => v + t * dx[i]!)), c128(z.map((v, i) => v + t * dz[i]!)));
    const [plus, minus, here] = [at(h), at(-h), at(0)];
    for (let k = 0; k < 3; k++) {
      expectClose(await values(value[k]!), await values(here[k]!), 12);
      const [a, b] = [await values(plus[k]!), await values(minus[k]!)];
      expectClose(
        await values(tangent[k]!),
        a.map((v, i) => (v - b[i]!) / (2 * h)),
        8,
      );
    }
  });

  it('nests with itself and with grad', async () => {
    // second directional derivative of sin
    const slope = (x: Tensor): Tensor => jvp(sin, [x], [f64(1)]).tangent;
    expect(await jvp(slope, [f64(0.6)], [f64(1)]).tangent.item()).toBeCloseTo(-Math.sin(0.6), 12);
    expect(await grad((x: Tensor) => slope(x))(f64(0.6)).item()).toBeCloseTo(-Math.sin(0.6), 12);
    expect(
      await jvp(
        grad((x: Tensor) => sin(x)),
        [f64(0.6)],
        [f64(2)],
      ).tangent.item(),
    ).toBeCloseTo(-2 * Math.sin(0.6), 12);
  });

  it('gives a zero tangent where nothing depends on the arguments', async () => {
    const constant = f64([5]);
    const { tangent } = jvp((x: Tensor) => ({ moving: mul(x, 2), still: constant }), [f64([1])], [f64([1])]);
    expect(await Promise.all(treeLeaves(tangent).map(values))).toEqual([[2], [0]]);
  });

  it('refuses tangents that do not fit', () => {
    expect(() => jvp(sin, [f64(1)], [f64([1])])).toThrow(
      /jvp: tangents\[0\] must be f64 \[\]; got f64 \[1\]/,
    );
    expect(() => jvp(sin, [f64(1)], f64(1) as never)).toThrow(/tangents must be an array/);
    expect(() => jvp(sin, [f64(1)], [] as never)).toThrow(/tangents must be an array of 1/);
  });
});

describe('higher derivatives of complex functions', () => {
  // For holomorphic h, L = Re h(z) has ∇L = conj(h'(z)); u·∇L (real dot product) is Re(conj(u) conj(h')) and so on.
  it('match the holomorphic derivatives to fourth order', async () => {
    const [x, y] = [0.3, -0.7];
    const h = (z: Tensor): Tensor => exp(mul(z, { re: 0.5, im: 1 }));
    let order: (z: Tensor) => Tensor = (z) => sum(real(h(z)));
    // every derivative along the real direction: d/dx Re h = Re h'
    for (let n = 1; n <= 4; n++) {
      const inner = order;
      order = (z) => sum(real(grad(inner)(z)));
    }
    // h'''' = c⁴ h with c = 0.5 + i: polar form
    const [modulus, phase] = [Math.hypot(0.5, 1) ** 4, 4 * Math.atan2(1, 0.5)];
    const expected = modulus * Math.exp(0.5 * x - y) * Math.cos(phase + x + 0.5 * y);
    expect(await order(c128([x, y])).item()).toBeCloseTo(expected, 10);
  });

  it('match for a function that is not holomorphic', async () => {
    // L = |z|² x = x³ + x y²: Hessian [[6x, 2y], [2y, 2x]], third derivatives 6, 0, 2
    const loss = (z: Tensor): Tensor => sum(mul(abs2(z), real(z)));
    const along = (direction: number[]) => (f: (z: Tensor) => Tensor) => (z: Tensor) =>
      sum(real(mul(grad(f)(z), conj(c128(direction)))));
    const [dx, dy] = [along([1, 0]), along([0, 1])];
    const z = c128([2, 3]);
    const at = async (f: (z: Tensor) => Tensor): Promise<unknown> => f(z).item();
    expect(await at(dx(dx(loss)))).toBeCloseTo(12, 10);
    expect(await at(dy(dx(loss)))).toBeCloseTo(6, 10);
    expect(await at(dy(dy(loss)))).toBeCloseTo(4, 10);
    expect(await at(dy(dy(dx(loss))))).toBeCloseTo(2, 10);
    expect(await at(dx(dx(dx(loss))))).toBeCloseTo(6, 10);
  });
});
