import {
  type FlatLayout,
  flattenParameters,
  type Optimiser,
  type OptimiserState,
  unflattenParameters,
  valueAndGrad,
} from '@adjoint/autograd';
import { type Jitted, jit, type Key, scope, type Tensor } from '@adjoint/tensor';
import type { Network, Parameters } from '../network.js';
import type { Batch, LossFunction } from './losses.js';

/** All weights in one vector and what the optimiser remembers: what a step changes. */
export interface State {
  readonly weights: Tensor;
  readonly optimiser: OptimiserState;
}

interface Stepped extends State {
  readonly loss: Tensor;
}

/**
 * The compiled step. Weights are one vector, given up at every step, so that the optimiser is one kernel over all of
 * them and nothing is allocated after the second step.
 */
export class Steps {
  readonly layout: FlatLayout<Parameters>;
  private readonly step: Jitted<[Tensor, OptimiserState, Batch, Key, Tensor], Stepped>;
  private readonly loss: Jitted<[Tensor, Batch], Tensor>;

  constructor(
    network: Network,
    lossOf: LossFunction,
    private readonly optimiser: Optimiser,
    parameters: Parameters,
    hasRate: boolean,
  ) {
    const { flat, layout } = flattenParameters(parameters);
    flat.dispose();
    this.layout = layout;
    const run = (weights: Tensor, batch: Batch, key?: Key): Tensor =>
      lossOf(
        network.apply(unflattenParameters(weights, layout), batch.input, key && { key }),
        batch.target,
        batch,
      );
    this.step = jit(
      (weights: Tensor, state: OptimiserState, batch: Batch, key: Key, lr: Tensor) => {
        const { value, gradient } = valueAndGrad((w: Tensor) => run(w, batch, key))(weights);
        const next = optimiser.update(weights, gradient, state, hasRate ? { lr } : {});
        return { weights: next.params, optimiser: next.state, loss: value };
      },
      { donate: [0, 1] },
    );
    this.loss = jit((weights: Tensor, batch: Batch) => run(weights, batch));
  }

  start(parameters: Parameters): State {
    return scope(() => {
      const weights = flattenParameters(parameters).flat;
      return { weights, optimiser: this.optimiser.init(weights) };
    });
  }

  /** One step; the state given is used up. */
  next({ weights, optimiser }: State, batch: Batch, key: Key, lr: number): Stepped {
    return this.step(weights, optimiser, { ...batch }, key, lr);
  }

  lossOf = ({ weights }: State, batch: Batch): Tensor => this.loss(weights, { ...batch });

  parametersOf = ({ weights }: State): Parameters => scope(() => unflattenParameters(weights, this.layout));

  dispose(): void {
    this.step.dispose();
    this.loss.dispose();
  }
}
