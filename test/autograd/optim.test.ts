import {
  adam,
  adamW,
  clipByNorm,
  flattenParameters,
  grad,
  gradcheck,
  type Optimiser,
  rmsprop,
  sgd,
  treeLeaves,
  unflattenParameters,
} from '@adjoint/autograd';
import { abs2, add, init, mul, scalar, sin, square, sub, sum, type Tensor, tensor } from '@adjoint/tensor';
import { beforeAll, describe, expect, it } from 'vitest';
import { values } from './doubles.js';

beforeAll(async () => {
  await init({ device: 'reference' });
});

/** One step of a published rule on plain numbers: memory in, memory out. */
type Rule = (p: number, g: number, memory: Record<string, number>, k: number) => number;

const adamRule =
  (lr: number, b1: number, b2: number, eps: number, l2: number, decoupled: number, amsgrad = false): Rule =>
  (p, g, s, k) => {
    g += l2 * p;
    p *= 1 - lr * decoupled;
    s.m = b1 * (s.m ?? 0) + (1 - b1) * g;
    s.v = b2 * (s.v ?? 0) + (1 - b2) * g * g;
    s.max = amsgrad ? Math.max(s.max ?? 0, s.v) : s.v;
    return p - (lr * (s.m / (1 - b1 ** k))) / (Math.sqrt(s.max / (1 - b2 ** k)) + eps);
  };

const sgdRule =
  (lr: number, momentum: number, dampening: number, nesterov: boolean, l2: number): Rule =>
  (p, g, s, k) => {
    g += l2 * p;
    s.b = k === 1 ? g : momentum * s.b! + (1 - dampening) * g;
    return p - lr * (nesterov ? g + momentum * s.b : momentum ? s.b : g);
  };

const rmspropRule =
  (lr: number, alpha: number, eps: number, momentum: number, centered: boolean, l2: number): Rule =>
  (p, g, s) => {
    g += l2 * p;
    s.v = alpha * (s.v ?? 0) + (1 - alpha) * g * g;
    s.a = centered ? alpha * (s.a ?? 0) + (1 - alpha) * g : 0;
    const step = g / (Math.sqrt(s.v - s.a * s.a) + eps);
    s.b = momentum * (s.b ?? 0) + step;
    return p - lr * s.b;
  };

const cases: [string, Optimiser, Rule][] = [
  ['sgd', sgd({ lr: 0.1 }), sgdRule(0.1, 0, 0, false, 0)],
  ['sgd momentum', sgd({ lr: 0.1, momentum: 0.9 }), sgdRule(0.1, 0.9, 0, false, 0)],
  ['sgd dampening', sgd({ lr: 0.1, momentum: 0.9, dampening: 0.3 }), sgdRule(0.1, 0.9, 0.3, false, 0)],
  [
    'sgd nesterov',
    sgd({ lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
    sgdRule(0.1, 0.9, 0, true, 0.01),
  ],
  ['adam', adam({ lr: 0.05 }), adamRule(0.05, 0.9, 0.999, 1e-8, 0, 0)],
  [
    'adam l2',
    adam({ lr: 0.05, betas: [0.8, 0.95], eps: 1e-6, weightDecay: 0.01 }),
    adamRule(0.05, 0.8, 0.95, 1e-6, 0.01, 0),
  ],
  [
    'adam amsgrad',
    adam({ lr: 0.05, betas: [0.5, 0.6], amsgrad: true }),
    adamRule(0.05, 0.5, 0.6, 1e-8, 0, 0, true),
  ],
  ['adamW', adamW({ lr: 0.05, weightDecay: 0.1 }), adamRule(0.05, 0.9, 0.999, 1e-8, 0, 0.1)],
  ['adamW default', adamW(), adamRule(1e-3, 0.9, 0.999, 1e-8, 0, 0.01)],
  ['rmsprop', rmsprop(), rmspropRule(0.01, 0.99, 1e-8, 0, false, 0)],
  [
    'rmsprop momentum',
    rmsprop({ lr: 0.02, alpha: 0.9, momentum: 0.8, weightDecay: 0.1 }),
    rmspropRule(0.02, 0.9, 1e-8, 0.8, false, 0.1),
  ],
  [
    'rmsprop centered',
    rmsprop({ lr: 0.02, alpha: 0.9, eps: 1e-4, centered: true }),
    rmspropRule(0.02, 0.9, 1e-4, 0, true, 0),
  ],
];

// real [2], complex [2] (each part its own number) and a scalar
const start = [0.3, -1.2, 0.5, 0.8, -0.1, 2, 1.5];
const build = (dtype: 'f32' | 'f64') => ({
  w: tensor(start.slice(0, 2), { dtype }),
  list: [
    tensor(Float64Array.from(start.slice(2, 6)), { dtype: dtype === 'f32' ? 'c64' : 'c128' }),
    scalar(start[6]!, { dtype }),
  ] as const,
});
type Params = ReturnType<typeof build>;
const flatValues = async (tree: unknown): Promise<number[]> =>
  (await Promise.all(treeLeaves(tree).map(values))).flat();

describe('optimisers', () => {
  const loss = ({ w, list: [z, s] }: Params): Tensor =>
    [
      sum(sin(w)),
      mul(sum(square(w)), 0.7),
      sum(abs2(sub(z, { re: 1, im: -0.5 }))),
      mul(square(s), 0.2),
    ].reduce((a, b) => add(a, b));
  const gradient = (p: number[]): number[] => [
    ...p.slice(0, 2).map((v) => Math.cos(v) + 1.4 * v),
    ...p.slice(2, 6).map((v, i) => 2 * (v - (i % 2 ? -0.5 : 1))),
    0.4 * p[6]!,
  ];

  describe.each([
    ['f64', 1e-12],
    ['f32', 2e-6],
  ] as const)('in %s', (dtype, limit) => {
    it.each(cases)('%s follows the published rule', async (_, optimiser, rule) => {
      let params = build(dtype);
      let state = optimiser.init(params);
      let expected = [...start];
      const memories = start.map(() => ({}));
      for (let k = 1; k <= 10; k++) {
        ({ params, state } = optimiser.update(params, grad(loss)(params), state));
        const g = gradient(expected);
        expected = expected.map((p, i) => rule(p, g[i]!, memories[i]!, k));
        (await flatValues(params)).forEach((value, i) => {
          expect(Math.abs(value - expected[i]!)).toBeLessThan(limit * k);
        });
      }
      expect(params.list[0].dtype).toBe(dtype === 'f32' ? 'c64' : 'c128');
      expect(params.list[1].shape).toEqual([]);
    });
  });

  it('maximise, and take a step size per update', async () => {
    const p = tensor([1, 2]);
    const g = tensor([1, -1]);
    const up = sgd({ lr: 0.5, maximize: true });
    expect(await values(up.update(p, g, up.init(p)).params)).toEqual([1.5, 1.5]);
    const plain = sgd({ lr: 0.5 });
    expect(await values(plain.update(p, g, {}, { lr: 2 }).params)).toEqual([-1, 4]);
    expect(await values(plain.update(p, g, {}, { lr: tensor(2) }).params)).toEqual([-1, 4]);
    const decayed = adamW({ lr: 0.5, weightDecay: 0.5 });
    const byNumber = await values(decayed.update(p, g, decayed.init(p)).params);
    expect(await values(decayed.update(p, g, decayed.init(p), { lr: tensor(0.5) }).params)).toEqual(byNumber);
  });

  it('resume from a saved state', async () => {
    const optimiser = adam({ lr: 0.05 });
    const step = (params: Params, state: ReturnType<Optimiser['init']>) =>
      optimiser.update(params, grad(loss)(params), state);
    let one = { params: build('f32'), state: optimiser.init(build('f32')) };
    for (let k = 0; k < 4; k++) one = step(one.params, one.state);
    let two = { params: build('f32'), state: optimiser.init(build('f32')) };
    for (let k = 0; k < 2; k++) two = step(two.params, two.state);
    const saved = await Promise.all(
      Object.entries(two.state).map(async ([name, x]) => [name, x.shape, await x.data()] as const),
    );
    let { params } = two;
    let state = Object.fromEntries(saved.map(([name, shape, data]) => [name, tensor(data, { shape })]));
    for (let k = 0; k < 2; k++)
      ({ params, state } = step(params, state) as { params: Params; state: typeof state });
    expect(await flatValues(params)).toEqual(await flatValues(one.params));
  });

  it('can be differentiated through', async () => {
    const optimiser = sgd({ lr: 0.1, momentum: 0.9 });
    const unrolled = (x: Tensor): Tensor => {
      let [p, state] = [x, optimiser.init(x)];
      for (let k = 0; k < 3; k++)
        ({ params: p, state } = optimiser.update(p, grad((q: Tensor) => sum(sin(q)))(p), state));
      return sum(square(p));
    };
    await gradcheck(unrolled, [tensor([0.4, 1], { dtype: 'f64' })]);
  });

  it('refuse what does not fit', () => {
    const p = { w: tensor([1, 2]) };
    const optimiser = adam();
    const state = optimiser.init(p);
    expect(() => optimiser.update(p, { w: tensor([1]) }, state)).toThrow(
      /adam\.update: gradients\.w must be f32 \[2\]; got f32 \[1\]/,
    );
    expect(() => optimiser.update(p, {} as never, state)).toThrow(/gradients must be an object with \{w\}/);
    expect(() => optimiser.update(p, p, {})).toThrow(
      /adam\.update: state must be an object with \{m, v, mWeight, vWeight\}/,
    );
    expect(() => optimiser.update(p, p, null as never)).toThrow(/state must be what init/);
    expect(() => optimiser.update(p, p, state, { lr: -1 })).toThrow(
      /option lr must be a finite number >= 0; got -1/,
    );
    expect(() => optimiser.update(p, p, state, { lr: tensor([1]) })).toThrow(
      /option lr must be a number or a f32 \[\] tensor/,
    );
    expect(() => adam({ learningRate: 1 } as never)).toThrow(
      /adam: options must be made of lr, betas.*got "learningRate"/,
    );
    expect(() => adam({ betas: [0.9, 1] })).toThrow(/option betas must be two numbers in \[0, 1\)/);
    expect(() => sgd({ lr: Number.NaN })).toThrow(/sgd: option lr/);
    expect(() => sgd({ lr: 1, nesterov: true })).toThrow(/option nesterov must be used with momentum/);
    expect(() => sgd({ lr: 1, nesterov: 1 as never })).toThrow(/option nesterov must be true or false/);
    expect(() => optimiser.init({})).toThrow(/\w+\.init: params must be/);
    expect(() => optimiser.init([tensor([1]), tensor([1], { dtype: 'f64' })])).toThrow(
      /params\[1\] must be floating or complex, all of one precision/,
    );
  });
});

describe('flat parameters', () => {
  it('go there and back, and the vector carries gradients', async () => {
    const tree = build('f64');
    const { flat, layout } = flattenParameters(tree);
    expect(await values(flat)).toEqual(start);
    const back = unflattenParameters(flat, layout);
    expect(await flatValues(back)).toEqual(start);
    expect(back.list[1].shape).toEqual([]);
    const f = (x: Tensor): Tensor => {
      const { w, list } = unflattenParameters(x, layout);
      return add(sum(square(w)), mul(sum(abs2(list[0])), list[1]));
    };
    await gradcheck(f, [flat]);
    await gradcheck(f, [flat], { order: 2 });
    await gradcheck((p: Params) => square(flattenParameters(p).flat), [tree]);
    expect(() => unflattenParameters(tensor([1, 2]), layout)).toThrow(
      /unflattenParameters: flat must be f64 \[7\]; got f32 \[2\]/,
    );
  });

  it('are clipped by their common norm', async () => {
    const tree = { a: tensor([3]), z: tensor(new Float32Array([0, 4]), { dtype: 'c64' }) };
    const { gradients, norm } = clipByNorm(tree, 1);
    expect(await norm.item()).toBe(5);
    const [a, re, im] = await flatValues(gradients);
    expect([a, re]).toEqual([expect.closeTo(0.6, 5), 0]);
    expect(im).toBeCloseTo(0.8, 5);
    expect(await flatValues(clipByNorm(tree, 10).gradients)).toEqual([3, 0, 4]);
  });
});
