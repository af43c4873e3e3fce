import { type Optimiser, valueAndGrad } from '@adjoint/autograd';
import { currentDevice, scope, slice, stack, type Tensor } from '@adjoint/tensor';
import { errorOf } from './compare.js';
import { GoldenError, type Group, type Stored } from './h5.js';
import { optimiserOf } from './optimisers.js';
import type { Result } from './suite.js';
import { type GoldenNet, withAlgorithm } from './unetNet.js';

/** Of the loss before the first step. */
const startLimit = 1e-5;
/**
 * Of the curve: Adam and RMSprop take full steps where gradients are nearly 0, so that roundings grow; the file stores by how
 * much PyTorch's own training in single precision strays.
 */
const curveLimit = (own: number): number => Math.max(1e-3, 3 * own);
/** In double precision the same arithmetic goes the same way. */
const doubleLimit = 1e-6;

/** On the reference device a step takes seconds, and one shows gradient and optimiser. */
const referenceSteps = 1;

/**
 * Losses before the first and after every step of a training of all weights. By sums of products, as PyTorch computed the
 * stored deviation: Winograd's roundings are larger, and grow alike.
 */
export function trainingCase(group: Group, net: GoldenNet): Result[] {
  group.only('trained', 'all weights');
  const expected = group.dataset('loss_f64');
  const own = errorOf(group.dataset('loss_f32'), expected, 'max');
  const isReference = currentDevice('golden').name === 'reference';
  const all = group.number('steps');
  const losses = train(optimiserOf(group), net, isReference ? referenceSteps : all);
  const limit = isReference ? doubleLimit : curveLimit(own);
  return [
    {
      name: 'loss before training',
      got: slice(losses, [[0, 1]]),
      expected: part(expected, 1),
      limit: startLimit,
    },
    { name: 'losses', got: losses, expected: part(expected, losses.size), limit },
  ];
}

const train = (optimiser: Optimiser, net: GoldenNet, steps: number): Tensor =>
  withAlgorithm('direct', () =>
    scope(() => {
      let params = net.weights;
      let state = optimiser.init(params);
      const losses: Tensor[] = [];
      for (let step = 0; step <= steps; step++) {
        const next = scope(() => {
          const { value, gradient } = valueAndGrad(net.loss, { hasAux: true })(params, net.x);
          return { value, ...optimiser.update(params, gradient, state) };
        });
        losses.push(next.value);
        ({ params, state } = next);
      }
      return stack(losses);
    }),
  );

/** The first values of a curve. */
function part({ data, dtype, shape }: Stored, count: number): Stored {
  if (shape.length !== 1) throw new GoldenError('a curve has one axis');
  return { dtype, shape: [count], data: data.slice(0, count) };
}
