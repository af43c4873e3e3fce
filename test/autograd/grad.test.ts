import { grad, hvp, valueAndGrad } from '@adjoint/autograd';
import {
  abs2,
  add,
  apply1,
  cast,
  defineOp,
  exp,
  init,
  mul,
  scope,
  sin,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
} from '@adjoint/tensor';
import { beforeAll, describe, expect, it } from 'vitest';
import { c128, f64, values } from './doubles.js';

beforeAll(async () => {
  await init({ device: 'reference' });
});

describe('grad', () => {
  it('gives derivatives of any order', async () => {
    const f = (x: Tensor): Tensor => mul(sin(x), exp(mul(x, 0.5)));
    // the n-th derivative of exp((1/2 + i) x), imaginary part
    const expected = (x: number, n: number): number =>
      1.25 ** (n / 2) * Math.exp(x / 2) * Math.sin(x + n * Math.atan(2));
    let derivative: (x: Tensor) => Tensor = f;
    for (let order = 0; order <= 5; order++) {
      const [value] = await values(derivative(f64(0.7)));
      expect(value).toBeCloseTo(expected(0.7, order), 10);
      derivative = grad(derivative);
    }
  });

  it('follows ∂L/∂x + i ∂L/∂y', async () => {
    const z = c128([1, 2, -3, 0.5]);
    expect(await values(grad((x: Tensor) => sum(abs2(x)))(z))).toEqual([2, 4, -6, 1]);
    // L = Re(w conj z) has gradient w
    const loss = (x: Tensor): Tensor => sum(sub(abs2(add(x, { re: 0.5, im: -1 })), abs2(x)));
    const [re, im] = await values(grad(loss)(z));
    expect(re).toBeCloseTo(1, 12);
    expect(im).toBeCloseTo(-2, 12);
  });

  it('keeps the structure of nested arguments and passes numbers through', async () => {
    const params = { weights: [f64([1, 2]), f64([3])], scale: 2, name: 'net' };
    const f = ({ weights, scale }: typeof params, shift: number): Tensor =>
      add(mul(sum(square(weights[0]!)), scale), sum(mul(weights[1]!, shift)));
    const { value, gradient } = valueAndGrad(f)(params, 5);
    expect(await value.item()).toBe(25);
    expect(gradient.scale).toBe(2);
    expect(gradient.name).toBe('net');
    expect(await values(gradient.weights[0]!)).toEqual([4, 8]);
    expect(await values(gradient.weights[1]!)).toEqual([5]);
  });

  it('differentiates the arguments chosen by argnums', async () => {
    const f = (a: Tensor, b: Tensor): Tensor => mul(square(a), b);
    expect(await grad(f, { argnums: 1 })(f64(3), f64(5)).item()).toBe(9);
    const [a, b] = grad(f, { argnums: [0, 1] })(f64(3), f64(5));
    expect([await a.item(), await b.item()]).toEqual([30, 9]);
    const [second] = grad(f, { argnums: [1] })(f64(3), f64(5));
    expect(await second.item()).toBe(9);
  });

  it('treats a tensor passed twice as two variables', async () => {
    const x = f64(3);
    const gradients = grad((a: Tensor, b: Tensor) => mul(square(a), b), { argnums: [0, 1] })(x, x);
    expect(await Promise.all(gradients.map((g) => g.item()))).toEqual([18, 9]);
    const same = grad(([a, b]: Tensor[]) => mul(square(a!), b!))([x, x]);
    expect(await Promise.all(same.map((g) => g.item()))).toEqual([18, 9]);
  });

  it('gives zeros for what the result does not depend on', async () => {
    const gradient = grad((p: { used: Tensor; unused: Tensor }) => sum(p.used))({
      used: f64([1, 2]),
      unused: c128([1, 1]),
    });
    expect(await values(gradient.unused)).toEqual([0, 0]);
    expect(gradient.unused.dtype).toBe('c128');
    const constant = f64(1);
    expect(await grad((_: Tensor) => constant)(f64([1, 2])).toArray()).toEqual([0, 0]);
  });

  it('does not follow integers', async () => {
    const f = (x: Tensor): Tensor => sum(mul(x, cast(cast(x, 'i32'), 'f64')));
    expect(await values(grad(f)(f64([1.5, 2.5])))).toEqual([1, 2]);
  });

  it('hands aux through', async () => {
    const f = (x: Tensor): readonly [Tensor, { twice: Tensor; label: string }] => [
      sum(x),
      { twice: mul(x, 2), label: 'aux' },
    ];
    const { gradient, aux } = grad(f, { hasAux: true })(f64([1, 2]));
    expect(await values(gradient)).toEqual([1, 1]);
    expect(await values(aux.twice)).toEqual([2, 4]);
    expect(aux.label).toBe('aux');
    expect(await valueAndGrad(f, { hasAux: true })(f64([1, 2])).value.item()).toBe(3);
  });

  it('reaches captured variables of an outer gradient', async () => {
    // d/da ( d/dx x² a at x = 3 ) = 6
    expect(await grad((a: Tensor) => grad((x: Tensor) => mul(square(x), a))(f64(3)))(f64(1)).item()).toBe(6);
    // the outer variable enters the inner function as its argument
    expect(await grad((a: Tensor) => mul(a, grad((x: Tensor) => mul(square(x), a))(a)))(f64(2)).item()).toBe(
      24,
    );
  });

  it('accumulates over many uses', async () => {
    const f = (x: Tensor): Tensor => {
      let y = x;
      for (let i = 0; i < 20; i++) y = add(y, x);
      return sum(y);
    };
    expect(await values(grad(f)(f64([1, 2])))).toEqual([21, 21]);
  });

  it('works inside scopes of the function', async () => {
    const f = (x: Tensor): Tensor => scope(() => sum(square(mul(x, 3))));
    expect(await values(grad(f)(f64([1, 2])))).toEqual([18, 36]);
  });
});

describe('hvp', () => {
  it('is the directional derivative of the gradient, complex included', async () => {
    const z = c128([0.3, -0.4, 1.1, 0.2]);
    const v = c128([1, 2, -0.5, 0.7]);
    // L = Σ |z|⁴: ∇L = 4 |z|² z, H v = 4 |z|² v + 8 z Re(conj(z) v)
    const product = await values(hvp((x: Tensor) => sum(square(abs2(x))), z, v));
    const expected = [0, 1].flatMap((k) => {
      const [x, y, a, b] = [
        [0.3, -0.4, 1, 2],
        [1.1, 0.2, -0.5, 0.7],
      ][k] as [number, number, number, number];
      const [r, d] = [x * x + y * y, x * a + y * b];
      return [4 * r * a + 8 * x * d, 4 * r * b + 8 * y * d];
    });
    product.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 10);
    });
  });
});

describe('errors of grad', () => {
  const opaqueOp = defineOp<undefined>({
    name: 'opaque',
    infer: ([x]) => [x!],
    reference: ([input], [output]) => output!.data.set(input!.data),
  });
  const opaque = (y: Tensor): Tensor => apply1(opaqueOp, [y], undefined);
  const x = (): Tensor => f64([1, 2]);
  const cases: [string, () => unknown, RegExp][] = [
    [
      'complex loss',
      () => grad((z: Tensor) => sum(z))(c128([1, 2])),
      /grad: the result of the function must be a real floating scalar; got c128 \[\]\. Take real/,
    ],
    [
      'loss with several elements',
      () => grad((y: Tensor) => y)(x()),
      /must be a real floating scalar; got f64 \[2\]\. Reduce it/,
    ],
    ['number as loss', () => grad((() => 3) as never)(x()), /must be a scalar Tensor; got 3/],
    ['integer loss', () => grad((y: Tensor) => sum(cast(y, 'i32')))(x()), /got i32 \[\]\. Integers/],
    [
      'async function',
      () => grad((async (y: Tensor) => sum(y)) as never)(x()),
      /grad: the function must be synchronous/,
    ],
    ['not a function', () => grad(3 as never), /grad: the function must be a function; got 3/],
    [
      'integer argument',
      () => grad((y: Tensor) => sum(y))(tensor([1, 2], { dtype: 'i32' })),
      /argument 1 must be of a floating or complex dtype.*got i32 \[2\].*Close over/,
    ],
    [
      'integer leaf',
      () => grad((p: { a: Tensor[] }) => sum(p.a[0]!))({ a: [x(), tensor([true])] }),
      /argument 1\.a\[1\] must be/,
    ],
    [
      'number argument',
      () => grad((n: never) => n)(3 as never),
      /argument 1 must be a tensor or nested.*got 3/,
    ],
    [
      'missing argument',
      () => grad((_: Tensor, y: Tensor) => y, { argnums: 2 as 1 })(x(), x()),
      /argnums must be less than the number of arguments, 2; got 2/,
    ],
    [
      'bad argnums',
      () => grad((y: Tensor) => y, { argnums: -1 as 0 }),
      /option argnums must be an integer >= 0/,
    ],
    [
      'repeated argnums',
      () => grad((y: Tensor) => y, { argnums: [0, 0] }),
      /option argnums must be one or several different/,
    ],
    [
      'unknown option',
      () => grad((y: Tensor) => y, { argnum: 1 } as object),
      /options must be made of argnums, hasAux; got "argnum/,
    ],
    ['no aux', () => grad(((y: Tensor) => sum(y)) as never, { hasAux: true })(x()), /must be \[loss, aux\]/],
    [
      'no derivative',
      () => grad((y: Tensor) => sum(opaque(y)))(x()),
      /grad: opaque has no derivative \(no pullback is defined for it\).*stopGradient/,
    ],
  ];
  it.each(cases)('%s', (_, run, message) => {
    expect(run).toThrow(message);
  });

  it('names a disposed argument', () => {
    const dead = x();
    dead.dispose();
    expect(() => grad((y: Tensor) => sum(y))(dead)).toThrow(/grad: argument 1 .*was disposed/);
  });

  it('recovers after an error in the function', async () => {
    expect(() =>
      grad((_: Tensor): Tensor => {
        throw new Error('mine');
      })(x()),
    ).toThrow('mine');
    expect(await values(grad((y: Tensor) => sum(y))(x()))).toEqual([1, 1]);
  });
});
