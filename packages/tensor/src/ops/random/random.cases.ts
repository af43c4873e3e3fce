import type { Tensor } from '../../tensor.js';
import { call } from '../elementwise/define.js';
import { full } from '../elementwise/full.js';
import { type BadCall, type Draw, type FunctionRow, functionRow } from '../row.js';
import { distributionOps } from './distributions.js';
import { foldIn, key, splitKey } from './key.js';
import { bernoulli, complexNormal, normal, permutation, randint, randomBits, uniform } from './random.js';

const gradient = 'a random draw has no derivative with respect to its key';
const keyShape = { shape: [2], values: { low: -(2 ** 20), high: 2 ** 20 } };

/** Keys of another shape or dtype. */
const badKeys = (run: (key: Tensor) => unknown): BadCall[] => [
  { what: 'a key of three words', call: () => run(full([3], 1, { dtype: 'i32' })) },
  { what: 'a float key', call: () => run(full([2], 1)) },
];

/** A row of a function of one key. */
function keyed<P extends object>(
  name: string,
  run: (key: Tensor, params: P) => Tensor | readonly Tensor[],
  params: (draw: Draw) => P,
  bad: readonly BadCall[] = [],
): FunctionRow<P> {
  return functionRow<P>({
    name,
    call: ([k], p) => run(k!, p),
    dtypes: [['i32']],
    sample: (draw) => ({ inputs: [keyShape], params: params(draw) }),
    gradient,
    bad: [...badKeys((k) => run(k, params(firstChoice))), ...bad],
  });
}

/** The smallest of everything. */
const firstChoice: Draw = {
  int: (min) => min,
  pick: (choices) => choices[0]!,
  bool: () => false,
  shape: () => [2],
  broadcastable: (count) => Array.from({ length: count }, () => [2]),
};

const shaped = (draw: Draw) => ({ shape: draw.shape({ maxSize: 7 }) });

const opRows = distributionOps
  .filter((row) => !row.samples.attrs)
  .map((row) =>
    functionRow({
      name: row.name,
      call: (inputs) => call(row, inputs, undefined),
      dtypes: row.samples.dtypes,
      sample: (draw) => ({
        inputs: draw
          .broadcastable(row.arity)
          .map((shape) => ({ shape, values: { low: -(2 ** 20), high: 2 ** 20 } })),
        params: {},
      }),
      gradient,
    }),
  );

export const randomRows: readonly FunctionRow[] = [
  keyed(
    'splitKey',
    (k, { count }) => splitKey(k, count),
    (draw) => ({ count: draw.int(1, 5) }),
  ),
  keyed(
    'foldIn:index',
    (k, { labels }) => foldIn(k, labels[0]),
    (draw) => ({ labels: [draw.int(-99, 99)] as const }),
  ),
  keyed(
    'foldIn:name',
    (k, { name }) => foldIn(k, name),
    (draw) => ({ name: draw.pick(['', 'a', 'conv1.weight']) }),
  ),
  keyed('randomBits:shape', (k, { shape }) => randomBits(k, shape), shaped),
  keyed(
    'uniform',
    (k, { shape, low, width }) => uniform(k, shape, { low, high: low + width }),
    (draw) => ({
      ...shaped(draw),
      low: draw.pick([0, -1.5]),
      width: draw.pick([1, 3]),
    }),
  ),
  keyed('normal', (k, { shape }) => normal(k, shape), shaped),
  keyed('complexNormal', (k, { shape }) => complexNormal(k, shape), shaped),
  keyed(
    'randint',
    (k, { shape, low, high }) => randint(k, shape, low, high),
    (draw) => ({
      ...shaped(draw),
      low: draw.int(-9, 0),
      high: draw.int(1, 9),
    }),
    [{ what: 'an empty range', call: ([k]) => randint(k!, [2], 3, 3) }],
  ),
  keyed(
    'bernoulli',
    (k, { shape, p }) => bernoulli(k, shape, p),
    (draw) => ({ ...shaped(draw), p: draw.pick([0, 0.3, 1]) }),
  ),
  keyed(
    'permutation',
    (k, { count }) => permutation(k, count),
    (draw) => ({ count: draw.int(0, 20) }),
  ),
  functionRow<{ seed: number }>({
    name: 'key',
    call: (_, { seed }) => key(seed),
    dtypes: [[]],
    sample: (draw) => ({ inputs: [], params: { seed: draw.pick([0, 7, -1, 2 ** 40 + 5]) } }),
    gradient: 'no inputs',
  }),
];

export const randomOpRows: readonly FunctionRow[] = opRows;
