import * as A from '@adjoint/autograd';
import { abs2, mul, sum, type Tensor } from '@adjoint/tensor';
import {
  type BadCall,
  bad,
  each,
  type Loose,
  notCounts,
  notNumbers,
  notOptions,
  notTensors,
} from './badCall.js';
import type { Given } from './given.js';

const loose = A as unknown as Record<string, Loose>;

const loss = (x: Tensor): Tensor => sum(abs2(x));
const twice = (x: Tensor): Tensor => mul(x, 2);
const notFunctions = { null: null, 'a number': 3, text: 'x' };
/** What no gradient can be taken with respect to. */
const notPoints = { null: null, 'a number': 3, 'an object without tensors': { a: 1 } };

/** Wrong uses of `grad` and `valueAndGrad`. */
const ofGradient = (name: string): BadCall[] => [
  ...each(notFunctions, (f) => loose[name]!(f)),
  ...each(
    {
      ...notOptions,
      'fractional argnums': { argnums: 0.5 },
      'negative argnums': { argnums: -1 },
      'argnums twice': { argnums: [0, 0] },
      'no argnums': { argnums: [] },
      'text for a flag': { hasAux: 'yes' },
    },
    (options) => loose[name]!(loss, options),
  ),
  ...each(notPoints, (x) => loose[name]!(loss)(x)),
  bad('too few arguments', ({ x }) => loose[name]!(loss, { argnums: 1 })(x)),
  bad('a disposed tensor', ({ disposed }) => loose[name]!(loss)(disposed)),
  bad('integers', ({ integers }) => loose[name]!(loss)(integers)),
  bad('a loss of many elements', ({ x }) => loose[name]!(twice)(x)),
  bad('a complex loss', ({ z }) => loose[name]!((v: Tensor) => sum(v))(z)),
  bad('a number for a loss', ({ x }) => loose[name]!(() => 1)(x)),
  bad('an asynchronous loss', ({ x }) => loose[name]!(async (v: Tensor) => loss(v))(x)),
  bad('a result without aux', ({ x }) => loose[name]!(loss, { hasAux: true })(x)),
];

const derivatives: Record<string, BadCall[]> = {
  grad: ofGradient('grad'),
  valueAndGrad: ofGradient('valueAndGrad'),
  hvp: [
    ...each(notFunctions, (f, { x }) => loose.hvp!(f, x, x)),
    ...each(notPoints, (point, { x }) => loose.hvp!(loss, point, x)),
    ...each(notTensors, (v, { x }) => loose.hvp!(loss, x, v)),
    bad('a direction of another shape', ({ x, square }) => A.hvp(loss, x, square)),
    bad('a direction of another dtype', ({ x, z }) => A.hvp(loss, x, z)),
    bad('a function that is no loss', ({ x }) => A.hvp(twice, x, x)),
  ],
  vjp: [
    ...each(notFunctions, (f, { x }) => loose.vjp!(f, x)),
    ...each(notPoints, (x) => loose.vjp!(twice, x)),
    bad('integers', ({ integers }) => A.vjp(twice, integers)),
    bad('an asynchronous function', ({ x }) => A.vjp(async (v: Tensor) => twice(v), x)),
    ...each(notTensors, (cotangent, { x }) => {
      using at = A.vjp(twice, x);
      using _ = at.value;
      return at.pullback(cotangent as Tensor);
    }),
    bad('a cotangent of another shape', ({ x, square }) => {
      using at = A.vjp(twice, x);
      using _ = at.value;
      return at.pullback(square);
    }),
    bad('a pullback after dispose', ({ x }) => {
      const at = A.vjp(twice, x);
      at.value.dispose();
      at.dispose();
      return at.pullback(x);
    }),
  ],
  jvp: [
    ...each(notFunctions, (f, { x }) => loose.jvp!(f, [x], [x])),
    ...each(notTensors, (primals, { x }) => loose.jvp!(twice, primals, [x])),
    ...each(notTensors, (tangents, { x }) => loose.jvp!(twice, [x], tangents)),
    bad('no tangent', ({ x }) => loose.jvp!(twice, [x], [])),
    bad('a tangent of another shape', ({ x, square }) => A.jvp(twice, [x], [square])),
    bad('a tangent of another dtype', ({ x, z }) => A.jvp(twice, [x], [z])),
  ],
  checkpoint: [
    ...each({ null: null, 'a number': 3 }, (f) => loose.checkpoint!(f)),
    bad('an asynchronous function', ({ x }) => A.checkpoint(async (y: Tensor) => y)(x)),
    bad('a disposed argument', ({ disposed }) => A.checkpoint((y: Tensor) => y)(disposed)),
  ],
  scan: [
    ...each(notFunctions, (body, { x }) => loose.scan!(body, 2, x)),
    ...each({ ...notCounts, text: '2' }, (n, { x }) => loose.scan!(twice, n, x)),
    ...each({ ...notTensors, 'a number': 3, 'a number inside': { a: [3] } }, (carry) =>
      loose.scan!(twice, 2, carry),
    ),
    ...each(notOptions, (options, { x }) => loose.scan!(twice, 2, x, options)),
    ...each({ zero: 0, 'a fraction': 1.5, text: '2' }, (checkpointEvery, { x }) =>
      loose.scan!(twice, 2, x, { checkpointEvery }),
    ),
    bad('a disposed carry', ({ disposed }) => A.scan(twice, 2, disposed)),
    bad('a carry on two devices', ({ x, elsewhere }) => A.scan((c) => c, 2, [x, elsewhere])),
    bad('a body that changes the shape', ({ x }) => A.scan((y: Tensor) => sum(y), 2, x)),
    bad('a body that changes the dtype', ({ x }) => A.scan((y: Tensor) => mul(y, { re: 0, im: 1 }), 2, x)),
    bad('a body that changes the structure', ({ x }) => loose.scan!(() => [], 2, [x])),
    bad('a body that returns no tensor', ({ x }) => loose.scan!(() => 1, 2, x)),
    bad('an asynchronous body', ({ x }) => loose.scan!(async (y: Tensor) => y, 2, x)),
    bad('a disposed tensor for a result', ({ x, disposed }) => A.scan(() => disposed, 2, x)),
  ],
  customOp: [
    ...each({ null: null, 'a number': 3, 'no name': { forward: twice, pullback: twice } }, (rule) =>
      loose.customOp!(rule),
    ),
    bad('no forward', () => loose.customOp!({ name: 'f', pullback: twice })),
    bad('no pullback', () => loose.customOp!({ name: 'f', forward: twice })),
    bad('saves no object', () => loose.customOp!({ name: 'f', forward: twice, pullback: twice, saves: 3 })),
    bad('an unknown member', () =>
      loose.customOp!({ name: 'f', forward: twice, pullback: twice, backward: twice }),
    ),
    bad('a disposed argument', ({ disposed }) => custom([])(disposed), 'f'),
    bad('too few cotangents', ({ x }) => A.grad((v: Tensor) => sum(custom([])(v)))(x), 'pullback of f'),
    bad(
      'a cotangent of another shape',
      ({ x, square }) => A.grad((v: Tensor) => sum(custom([square])(v)))(x),
      'pullback of f',
    ),
    bad('no list of cotangents', ({ x }) => A.grad((v: Tensor) => sum(custom(null)(v)))(x), 'pullback of f'),
    bad(
      'a captured variable',
      ({ x }) =>
        A.grad((v: Tensor) => {
          const op = A.customOp({ name: 'f', forward: (y: Tensor) => mul(y, v), pullback: () => [] });
          return sum(op(x));
        })(x),
      'f',
    ),
  ],
};

/** A custom op whose pullback returns the given value. */
const custom = (cotangents: unknown) =>
  A.customOp({ name: 'f', forward: twice, pullback: () => cotangents as unknown[] });

const space = { shape: [2, 3], dtype: 'f32' } as const;
const parts = { name: 'A', domain: space, range: space, apply: twice, adjoint: twice };
const identity = A.identityOperator(space);
const other = A.identityOperator({ shape: [4], dtype: 'f32' });
const notOperators = { null: null, 'a number': 3, 'an object': {}, 'a function': twice };
const notSpaces = {
  null: null,
  'no shape': { dtype: 'f32' },
  'a wrong shape': { shape: [-1], dtype: 'f32' },
  integers: { shape: [2], dtype: 'i32' },
  'an unknown dtype': { shape: [2], dtype: 'f16' },
  'a dtype named like a method': { shape: [2], dtype: 'toString' },
};

const operators: Record<string, BadCall[]> = {
  linearOperator: [
    ...each({ null: null, 'a number': 3, 'no name': { ...parts, name: '' } }, (value) =>
      loose.linearOperator!(value),
    ),
    ...each(notSpaces, (domain) => loose.linearOperator!({ ...parts, domain })),
    ...each(notSpaces, (range) => loose.linearOperator!({ ...parts, range })),
    ...each(notFunctions, (apply) => loose.linearOperator!({ ...parts, apply })),
    ...each(notFunctions, (adjoint) => loose.linearOperator!({ ...parts, adjoint })),
    ...each({ 'a number': 3 }, (normal) => loose.linearOperator!({ ...parts, normal })),
    bad('apply of no tensor', () => A.linearOperator(parts).apply(3 as never), 'A'),
    bad('apply of another shape', ({ square }) => A.linearOperator(parts).apply(square), 'A'),
    bad('adjoint of another dtype', ({ z }) => A.linearOperator(parts).adjoint(z), 'A'),
    bad('normal of a disposed tensor', ({ disposed }) => A.linearOperator(parts).normal(disposed), 'A'),
    bad('a result of another shape', ({ x }) => A.linearOperator({ ...parts, apply: loss }).apply(x), 'A'),
  ],
  identityOperator: each(notSpaces, (domain) => loose.identityOperator!(domain)),
  adjointOf: each(notOperators, (operator) => loose.adjointOf!(operator)),
  compose: [
    bad('nothing', () => A.compose()),
    ...each(notOperators, (operator) => loose.compose!(identity, operator)),
    bad('spaces that do not fit', () => A.compose(identity, other)),
  ],
  addOperators: [
    bad('nothing', () => A.addOperators()),
    ...each(notOperators, (operator) => loose.addOperators!(identity, operator)),
    bad('different spaces', () => A.addOperators(identity, other)),
  ],
  stackOperators: [
    bad('nothing', () => A.stackOperators([])),
    ...each(notOperators, (operator) => loose.stackOperators!([identity, operator])),
    ...each(notOperators, (list) => loose.stackOperators!(list)),
    bad('different spaces', () => A.stackOperators([identity, other])),
    ...each(notOptions, (options) => loose.stackOperators!([identity], options)),
    ...each({ 'axis out of range': { axis: 3 }, 'axis a fraction': { axis: 0.5 } }, (options) =>
      A.stackOperators([identity], options as { axis: number }),
    ),
  ],
  scaleOperator: [
    ...each(notOperators, (operator) => loose.scaleOperator!(2, operator)),
    ...each(notTensors, (factor) => loose.scaleOperator!(factor, identity)),
    bad('a factor with axes', ({ x }) => A.scaleOperator(x, identity)),
    bad('a complex factor for real spaces', () => A.scaleOperator({ re: 0, im: 1 }, identity)),
  ],
  multiplyOperator: [
    ...each(notTensors, (weights) => loose.multiplyOperator!(weights)),
    bad('integers', ({ integers }) => A.multiplyOperator(integers)),
    ...each(notSpaces, (domain, { x }) => loose.multiplyOperator!(x, domain)),
    bad('shapes that do not broadcast', ({ x }) => A.multiplyOperator(x, { shape: [4], dtype: 'f32' })),
    bad('a disposed tensor', ({ disposed }) => A.multiplyOperator(disposed)),
  ],
};

/** Wrong uses of an optimiser made with `options`. */
function ofOptimiser(name: string, options: object, wrong: Readonly<Record<string, unknown>>): BadCall[] {
  const make = (): A.Optimiser => loose[name]!(options);
  const step = (
    given: Given,
    change: { params?: unknown; gradients?: unknown; state?: unknown; options?: unknown },
  ) => {
    const { x } = given;
    const state = make().init(x);
    try {
      const arguments_ = { params: x, gradients: x, state, options: {}, ...change };
      return (make().update as Loose)(
        arguments_.params,
        arguments_.gradients,
        arguments_.state,
        arguments_.options,
      );
    } finally {
      A.disposeTree(state);
    }
  };
  const changes = (values: object, key: string) =>
    each(values as Record<string, unknown>, (value, given) => step(given, { [key]: value }));
  return [
    ...each(
      { ...notOptions, 'a negative lr': { lr: -1 }, 'NaN for lr': { lr: Number.NaN }, ...wrong },
      (value) => loose[name]!(value),
    ),
    ...each(notPoints, (params) => make().init(params)),
    bad('init of integers', ({ integers }) => make().init(integers)),
    ...changes(notPoints, 'params'),
    ...changes(notTensors, 'gradients'),
    bad('gradients of another shape', (given) => step(given, { gradients: given.square })),
    bad('disposed gradients', (given) => step(given, { gradients: given.disposed })),
    ...changes({ ...notOptions, 'a negative lr': { lr: -1 }, 'text for lr': { lr: '1' } }, 'options'),
    bad('a tensor of many numbers for lr', (given) => step(given, { options: { lr: given.x } })),
    ...changes({ null: null, 'a number': 3, 'other names': { foo: 1 } }, 'state'),
  ];
}

const beta = {
  'beta 1': { betas: [1, 0.9] },
  'one beta': { betas: [0.9] },
  'NaN beta': { betas: [0.9, Number.NaN] },
};
const optimisers: Record<string, BadCall[]> = {
  adam: ofOptimiser(
    'adam',
    {},
    { ...beta, 'negative eps': { eps: -1 }, 'text for a flag': { amsgrad: 'yes' } },
  ),
  adamW: ofOptimiser('adamW', {}, { ...beta, 'negative decay': { weightDecay: -1 } }),
  rmsprop: ofOptimiser(
    'rmsprop',
    {},
    { 'alpha above 1': { alpha: 2 }, 'infinite momentum': { momentum: Infinity } },
  ),
  sgd: ofOptimiser(
    'sgd',
    { lr: 0.1, momentum: 0.9 },
    { 'no lr': {}, 'no options': undefined, 'nesterov without momentum': { lr: 1, nesterov: true } },
  ),
  clipByNorm: [
    ...each(notPoints, (gradients) => loose.clipByNorm!(gradients, 1)),
    ...each({ ...notNumbers, negative: -1 }, (norm, { x }) => loose.clipByNorm!(x, norm)),
  ],
  flattenParameters: [
    ...each(notPoints, (tree) => loose.flattenParameters!(tree)),
    bad('integers', ({ integers }) => A.flattenParameters({ integers })),
    bad('a disposed tensor', ({ disposed }) => A.flattenParameters([disposed])),
    bad('two devices', ({ x, elsewhere }) => A.flattenParameters([x, elsewhere])),
  ],
  unflattenParameters: [
    ...each(notTensors, (flat, { x }) => withLayout(x, (layout) => loose.unflattenParameters!(flat, layout))),
    ...each({ null: null, 'a number': 3, 'an object': {} }, (layout, { x }) =>
      loose.unflattenParameters!(x, layout),
    ),
    bad('a vector of another length', ({ x, z }) =>
      withLayout(z, (layout) => A.unflattenParameters(x, layout)),
    ),
    bad('integers', ({ x, key }) => withLayout(x, (layout) => A.unflattenParameters(key, layout))),
  ],
};

function withLayout<R>(tree: Tensor, call: (layout: A.FlatLayout<Tensor>) => R): R {
  const { flat, layout } = A.flattenParameters(tree);
  flat.dispose();
  return call(layout);
}

const trees: Record<string, BadCall[]> = {
  mapTree: each(notFunctions, (fn, { x }) => loose.mapTree!([x], fn)),
  rebuildTree: [
    ...each({ null: null, 'a number': 3 }, (leaves, { x }) => loose.rebuildTree!([x], leaves)),
    bad('too few leaves', ({ x }) => A.rebuildTree([x, x], [x])),
    bad('too many leaves', ({ x }) => A.rebuildTree([x], [x, x])),
  ],
};

const checks: Record<string, BadCall[]> = {
  gradcheck: [
    ...each(notFunctions, (f, { x }) => loose.gradcheck!(f, [x])),
    ...each({ null: null, 'a number': 3, 'no tensor': [3] }, (inputs) => loose.gradcheck!(loss, inputs)),
    ...each(
      {
        ...notOptions,
        'order 3': { order: 3 },
        'negative rtol': { rtol: -1 },
        'step 0': { step: 0 },
        'a fractional seed': { seed: 0.5 },
        'no entries': { maxEntries: 0 },
        'argnums out of range': { argnums: [1] },
        'argnums no list': { argnums: 0 },
        'fractional argnums': { argnums: [0.5] },
        'a number for a name': { name: 3 },
      },
      (options, { x }) => loose.gradcheck!(loss, [x], options),
    ),
    bad('a disposed input', ({ disposed }) => A.gradcheck(loss, [disposed])),
    bad('a function of no tensors', ({ x }) => loose.gradcheck!(() => 3, [x])),
  ],
  dotTest: [
    ...each(
      { null: null, 'a number': 3, 'an object': {}, 'no adjoint': { ...identity, adjoint: 3 } },
      (operator) => loose.dotTest!(operator),
    ),
    bad('a function without domain', () => A.dotTest((x) => x!)),
    ...each(notSpaces, (domain) => loose.dotTest!(twice, { domain })),
    ...each(
      {
        ...notOptions,
        'an unknown linearity': { linearity: 'semi' },
        'negative rtol': { rtol: -1 },
        'a fractional seed': { seed: 0.5 },
        'a name for a device': { device: 'wasm' },
        'a number for a name': { name: 3 },
      },
      (options) => loose.dotTest!(identity, options),
    ),
    bad('a function of no tensors', () => loose.dotTest!(() => 3, { domain: space })),
  ],
};

/** Wrong calls of the functions of `@adjoint/autograd`. */
export const autogradCalls: Readonly<Record<string, readonly BadCall[]>> = {
  ...derivatives,
  ...operators,
  ...optimisers,
  ...trees,
  ...checks,
};
