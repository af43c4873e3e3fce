import {
  addOperators,
  adjointOf,
  compose,
  DotTestError,
  dotTest,
  gradcheck,
  identityOperator,
  type LinearOperator,
  linearOperator,
  multiplyOperator,
  scaleOperator,
  stackOperators,
} from '@adjoint/autograd';
import {
  abs2,
  add,
  complex,
  conj,
  type DType,
  imag,
  init,
  mul,
  real,
  slice,
  square,
  sum,
  type Tensor,
  tensor,
} from '@adjoint/tensor';
import { beforeAll, describe, expect, it } from 'vitest';
import { c128, values } from './doubles.js';

const space = (shape: number[], dtype: DType = 'c128') => ({ shape, dtype });
const ramp = (n: number, scale: number): number[] =>
  Array.from({ length: n }, (_, i) => Math.sin(scale * (i + 1)));

/** Every second row: x [4, 3] → y [2, 3]; the adjoint is written by hand. */
const rows: LinearOperator = linearOperator({
  name: 'rows',
  domain: space([4, 3]),
  range: space([2, 3]),
  apply: (x) => slice(x, [[0, null, 2]]),
  adjoint: (y) => {
    const zero = mul(y, 0);
    return [0, 0, 1, 1]
      .map((from, i) => slice(i % 2 === 0 ? y : zero, [[from, from + 1]]))
      .map((row, i) => mul(row, onehot(i)))
      .reduce((a, b) => add(a, b));
  },
});
const onehot = (row: number): Tensor =>
  tensor(
    Float64Array.from({ length: 4 }, (_, i) => Number(i === row)),
    { dtype: 'f64', shape: [4, 1] },
  );

beforeAll(async () => {
  await init({ device: 'reference' });
});

describe('operator algebra', () => {
  it('passes the dot test in every combination', async () => {
    const w = c128(ramp(24, 0.7), [4, 3]);
    const maps = c128(ramp(48, 1.3), [2, 4, 3]);
    const multiply = multiplyOperator(w);
    const coils = multiplyOperator(maps, space([4, 3]));
    const factor = c128([0.3, -2], []);
    const operators = [
      rows,
      identityOperator(space([4, 3])),
      multiply,
      coils,
      adjointOf(coils),
      adjointOf(compose(rows, multiply)),
      compose(rows, multiply, scaleOperator({ re: 1, im: 2 }, multiply)),
      compose(adjointOf(coils), coils),
      addOperators(multiply, scaleOperator(-3, identityOperator(space([4, 3])))),
      scaleOperator(factor, rows),
      stackOperators([rows, compose(rows, multiply)]),
      stackOperators([rows, rows, compose(rows, multiply)], { axis: -1 }),
    ];
    for (const operator of operators) {
      const report = await dotTest(operator, { seed: 3 });
      expect(report.maxError).toBeLessThan(1e-14);
      expect(report.checks).toHaveLength(5);
    }
    expect(compose(rows, multiply).name).toBe('rows multiply');
    expect(stackOperators([rows, rows], { axis: -1 }).range.shape).toEqual([2, 3, 2]);
    expect(coils.range).toEqual(space([2, 4, 3]));
  });

  it('takes real weights, and real domains with complex weights', async () => {
    const mask = tensor(new Float64Array([1, 0, 1]), { dtype: 'f64' });
    const phase = c128([1, 2, 0.5, -1, 0, 1]);
    for (const operator of [
      multiplyOperator(mask),
      multiplyOperator(mask, space([5, 3])),
      multiplyOperator(phase, space([3], 'f64')),
      multiplyOperator(phase, space([3, 1], 'f64')),
    ])
      expect((await dotTest(operator)).maxError).toBeLessThan(1e-14);
    expect(multiplyOperator(phase, space([3], 'f64')).range).toEqual(space([3]));
  });

  it('lets gradients reach the tensors an operator is made of', async () => {
    const f = (x: Tensor, maps: Tensor, factor: Tensor): Tensor =>
      sum(square(abs2(scaleOperator(factor, compose(multiplyOperator(maps, space([3])))).normal(x))));
    const inputs = [c128(ramp(6, 0.4)), c128(ramp(12, 0.9), [2, 3]), c128([0.4, 0.3], [])];
    expect((await gradcheck(f, inputs)).maxError).toBeLessThan(1e-7);
    await gradcheck(f, inputs, { order: 2 });
  });

  it('keeps a shortcut for the normal operator', async () => {
    let calls = 0;
    const shortcut = linearOperator({
      ...multiplyOperator(c128([0, 2])),
      name: 'shortcut',
      normal: (x) => {
        calls++;
        return mul(x, 4);
      },
    });
    const product = compose(shortcut, multiplyOperator(c128([3, 0])));
    expect(await values(product.normal(c128([1, 0])))).toEqual([36, 0]);
    expect(calls).toBe(1);
    await dotTest(product);
  });
});

describe('errors of operators', () => {
  const x = (): Tensor => c128(ramp(24, 1), [4, 3]);
  it.each<[string, () => unknown, RegExp]>([
    [
      'wrong shape',
      () => rows.apply(c128([1, 2])),
      /rows: the argument must be c128 \[4, 3\]; got c128 \[1\]/,
    ],
    [
      'extra axis',
      () => rows.apply(c128(ramp(24, 1), [1, 4, 3])),
      /must be c128 \[4, 3\]; got c128 \[1, 4, 3\]/,
    ],
    ['wrong dtype', () => rows.apply(real(x())), /got f64 \[4, 3\]\. Convert it with cast/],
    ['wrong side', () => rows.adjoint(x()), /rows\.adjoint: the argument must be c128 \[2, 3\]/],
    ['not a tensor', () => rows.apply(3 as never), /rows: the argument must be a Tensor; got 3/],
    [
      'result of another type',
      () => linearOperator({ ...rows, name: 'wrong', adjoint: (y) => y }).adjoint(c128(ramp(12, 1), [2, 3])),
      /wrong\.adjoint: the result of its adjoint function must be c128 \[4, 3\]; got c128 \[2, 3\]/,
    ],
    [
      'composition',
      () => compose(rows, rows),
      /compose: the domain of rows must be the range of rows, c128 \[2, 3\]; got c128 \[4, 3\]/,
    ],
    [
      'sum',
      () => addOperators(rows, identityOperator(space([4, 3]))),
      /addOperators: the range of identity must be that of rows/,
    ],
    [
      'stack',
      () => stackOperators([rows, identityOperator(space([4, 3]))]),
      /stackOperators: the range of identity/,
    ],
    [
      'stack axis',
      () => stackOperators([rows], { axis: 3 }),
      /stackOperators: axis must be an integer from -3 to 2; got 3/,
    ],
    ['nothing to compose', () => compose(), /compose: operators must be at least one operator/],
    ['not an operator', () => compose(3 as never), /compose: operator 1 must be a LinearOperator; got 3/],
    [
      'integer domain',
      () => identityOperator(space([2], 'i32')),
      /dtype of the domain must be floating or complex; got "i32"/,
    ],
    [
      'no domain',
      () => linearOperator({ ...rows, domain: undefined as never }),
      /domain of rows must be a type/,
    ],
    ['no apply', () => linearOperator({ ...rows, apply: 3 as never }), /apply of rows must be a function/],
    [
      'complex factor of a real operator',
      () => scaleOperator({ re: 0, im: 1 }, identityOperator(space([2], 'f64'))),
      /scaleOperator: the factor must be real/,
    ],
    [
      'factor with axes',
      () => scaleOperator(c128([1, 2]), rows),
      /the factor must be a number or a 0-d tensor; got \[1\]/,
    ],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(message);
  });
});

describe('dotTest', () => {
  const domain = space([3, 2]);

  it('accepts linear functions through their pullback', async () => {
    const w = c128([0.2, 1, -0.4, 0.8]);
    expect((await dotTest((x) => mul(x, w), { domain })).maxError).toBeLessThan(1e-14);
    expect((await dotTest((x) => conj(x), { domain, linearity: 'real' })).maxError).toBeLessThan(1e-14);
    await dotTest((x) => [real(x), imag(x)], { domain });
    await dotTest((a, b) => complex(a!, b!), { domain: [space([2], 'f64'), space([2], 'f64')] });
    await dotTest((x) => slice(x, [[0, 0]]), { domain });
    await dotTest((x) => mul(x, 2), { domain: space([3], 'c64') });
  });

  it('prints both inner products of a wrong adjoint', async () => {
    const wrong = linearOperator({
      ...multiplyOperator(c128([0, 1])),
      name: 'wrong',
      adjoint: (y) => mul(y, { re: 0, im: 1 }),
    });
    await expect(dotTest(wrong, { seed: 7 })).rejects.toThrow(
      /dotTest: wrong: adjoint fails: <Ax, y> = .*i but <x, A\^H y> = .*i \(relative error .*limit 1e-10\).*c128 \[1\] -> c128 \[1\].*complex linearity, device reference, seed 7/,
    );
    const error = await dotTest(wrong).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DotTestError);
    expect((error as DotTestError).report.maxError).toBeGreaterThan(0.1);
  });

  it('finds what is not linear, or only real-linear', async () => {
    await expect(dotTest((x) => square(x), { domain })).rejects.toThrow(/square|function: .*fails/);
    await expect(dotTest((x) => add(x, 1), { domain })).rejects.toThrow(/linearity/);
    await expect(dotTest((x) => conj(x), { domain })).rejects.toThrow(DotTestError);
    await expect(dotTest((x) => mul(x, Number.NaN), { domain })).rejects.toThrow(DotTestError);
  });

  it('finds a normal operator that is none', async () => {
    const wrong = linearOperator({ ...multiplyOperator(c128([0, 2])), normal: (x) => mul(x, 2) });
    await expect(dotTest(wrong)).rejects.toThrow(/normal = adjoint of apply fails/);
  });

  it('refuses wrong options', async () => {
    await expect(dotTest((x) => x!)).rejects.toThrow(/dotTest: option domain must be/);
    await expect(dotTest(rows, { linearity: 'semi' as never })).rejects.toThrow(
      /option linearity must be one of/,
    );
    await expect(dotTest(rows, { rtol: -1 })).rejects.toThrow(/option rtol/);
    await expect(dotTest(rows, { seed: 0.5 })).rejects.toThrow(/option seed/);
    await expect(dotTest({} as never)).rejects.toThrow(/the operator, or its apply, must be a function/);
  });
});
