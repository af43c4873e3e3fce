import { disposeTree } from '@adjoint/autograd';
import { breathing } from '@adjoint/mri';
import {
  add,
  div,
  foldIn,
  type Key,
  key as keyOf,
  mul,
  NumericalError,
  read,
  scope,
  type Tensor,
} from '@adjoint/tensor';
import type { Network, Parameters } from '../network.js';
import { Batches, batchFrom } from './batches.js';
import { type Identity, loadCheckpoint, saveCheckpoint, type ValidationPoint } from './checkpoint.js';
import { fileExists } from './fileExists.js';
import { checkFit, type FitOptions, type FitSettings } from './fitOptions.js';
import { rateAt } from './schedule.js';
import { type State, Steps } from './steps.js';

export interface FitResult {
  readonly network: Network;
  /** The caller's to dispose of. */
  readonly parameters: Parameters;
  /** Of every step, before it; those of interrupted runs included. */
  readonly losses: readonly number[];
  readonly validation: readonly ValidationPoint[];
  readonly steps: number;
  readonly stepsPerEpoch: number;
  /** Of training, over all runs. */
  readonly seconds: number;
}

const fn = 'fit';

/**
 * Trains a network by mini-batches: every epoch takes the examples in a new order, every step draws masks and
 * augmentation anew, and one compiled function computes loss, gradient and the optimiser's step.
 *
 * Everything random follows from the key and the number of the step, so that a training that was interrupted and goes on
 * from its checkpoint (`resume`) ends with the same weights, bit for bit on `wasm`, as one that was not. When the signal
 * aborts, the checkpoint is written before the promise rejects.
 *
 * @throws ArgumentError, ShapeError for options; NumericalError once the loss is not finite: the checkpoint is then the
 * last good one; FormatError for a checkpoint of another training
 * @example
 * const { parameters } = await fit(unet({ chans: 16, pools: 3 }), {
 *   data, optimizer: adam({ lr: 1e-3 }), epochs: 40, batchSize: 4, checkpoint: 'unet.checkpoint.safetensors', resume: true,
 * });
 */
export async function fit(network: Network, options: FitOptions): Promise<FitResult> {
  const settings = checkFit(fn, network, options);
  const root = options.key ?? keyOf(0);
  const training = await Training.begin(network, settings, root, options.parameters);
  try {
    await training.run(options.signal);
    return training.result();
  } finally {
    training.dispose();
    if (options.key === undefined) root.dispose();
  }
}

/** Keys of what is random, all from the root. */
interface Keys {
  readonly samples: Key;
  readonly dropout: Key;
  readonly validation: Key;
}

class Training {
  private readonly losses: number[] = [];
  private readonly validation: ValidationPoint[] = [];
  private secondsBefore = 0;
  private stepsBefore = 0;
  private readonly started = performance.now();
  private savedAt = performance.now();

  private constructor(
    private readonly network: Network,
    private readonly settings: FitSettings,
    private readonly identity: Identity,
    private readonly keys: Keys,
    private readonly batches: Batches,
    private readonly steps: Steps,
    private state: State,
  ) {}

  /** Ready for its first step, or for the one after the checkpoint's last. */
  static async begin(
    network: Network,
    settings: FitSettings,
    root: Key,
    given: Parameters | undefined,
  ): Promise<Training> {
    const { data, batchSize, optimizer, loss, schedule, checkpoint, resume } = settings;
    const words = Array.from(await read(root), (word) => word >>> 0);
    const keys = scope(() => ({
      samples: foldIn(root, 'samples'),
      dropout: foldIn(root, 'dropout'),
      validation: foldIn(root, 'validation'),
    }));
    const { architecture, config } = network;
    const identity = {
      architecture,
      config,
      optimizer: optimizer.name,
      batchSize,
      size: data.size,
      key: words,
    };
    const parameters = given ?? scope(() => network.init(foldIn(root, 'weights')));
    const steps = new Steps(network, loss, optimizer, parameters, schedule !== undefined);
    const state = steps.start(parameters);
    if (!given) disposeTree(parameters);
    const batches = new Batches(fn, data, batchSize, keys.samples, words);
    const training = new Training(network, settings, identity, keys, batches, steps, state);
    try {
      if (checkpoint !== undefined && resume && (await fileExists(checkpoint)))
        await training.load(checkpoint);
      else await training.save(); // refuses a path that cannot be written before hours have passed
    } catch (error) {
      training.dispose();
      throw error;
    }
    return training;
  }

  async run(signal: AbortSignal | undefined): Promise<void> {
    const breath = breathing({ signal });
    const before = this.losses.length + this.validation.length;
    try {
      while (!this.isDone || this.isValidationDue) {
        await breath();
        await (this.isValidationDue ? this.validate(breath) : this.step());
        if (this.isValidationDue) continue; // a step is told together with what it led to
        this.report();
        if (performance.now() - this.savedAt >= 1000 * this.settings.checkpointEvery) await this.save();
      }
    } catch (error) {
      if (signal?.aborted && error === signal.reason) await this.save();
      throw error;
    }
    if (this.losses.length + this.validation.length > before) await this.save();
  }

  result(): FitResult {
    return {
      network: this.network,
      parameters: this.steps.parametersOf(this.state),
      losses: this.losses,
      validation: this.validation,
      steps: this.losses.length,
      stepsPerEpoch: this.batches.stepsPerEpoch,
      seconds: this.seconds,
    };
  }

  dispose(): void {
    this.steps.dispose();
    disposeTree([this.state.weights, this.state.optimiser, { ...this.keys }]);
  }

  private get seconds(): number {
    return this.secondsBefore + (performance.now() - this.started) / 1000;
  }

  private get epoch(): number {
    return Math.floor(this.losses.length / this.batches.stepsPerEpoch);
  }

  /** Steps in all, where they are what limits the training. */
  private get stepLimit(): number | undefined {
    const { epochs, steps } = this.settings;
    return epochs === undefined ? steps : epochs * this.batches.stepsPerEpoch;
  }

  /** Done of the whole, from 0 to 1. */
  private get fraction(): number {
    const limit = this.stepLimit;
    const part = limit === undefined ? this.seconds / this.settings.seconds! : this.losses.length / limit;
    return Math.min(1, part);
  }

  private get isDone(): boolean {
    return this.fraction >= 1;
  }

  private async step(): Promise<void> {
    const step = this.losses.length;
    const { schedule } = this.settings;
    const lr = schedule ? rateAt(fn, schedule, { step, epoch: this.epoch, fraction: this.fraction }) : 0;
    const batch = await this.batches.at(step);
    const next = scope(() => this.steps.next(this.state, batch, foldIn(this.keys.dropout, step), lr));
    this.state = { weights: next.weights, optimiser: next.optimiser };
    disposeTree({ ...batch });
    const loss = (await next.loss.item()) as number;
    next.loss.dispose();
    if (!Number.isFinite(loss))
      throw new NumericalError({
        fn,
        argument: `the loss of step ${step}`,
        expected: 'finite',
        got: String(loss),
        remedy: 'Take a smaller step size, and check the examples for NaN.',
      });
    this.losses.push(loss);
  }

  /** Also where a training was interrupted between a step and the validation after it. */
  private get isValidationDue(): boolean {
    const { validate, validateEvery = this.batches.stepsPerEpoch } = this.settings;
    const done = this.losses.length;
    const isTaken = this.validation.at(-1)?.step === done;
    return validate !== undefined && done > 0 && done % validateEvery === 0 && !isTaken;
  }

  /** Mean loss over the validation data, weighted by batch. */
  private async validate(breath: () => Promise<void>): Promise<void> {
    const { validate: data, batchSize } = this.settings;
    let sum: Tensor | undefined;
    for (let first = 0; first < data!.size; first += batchSize) {
      await breath();
      const batch = await batchFrom(fn, data!, first, batchSize, this.keys.validation);
      const before = sum;
      sum = scope(() => {
        const part = mul(this.steps.lossOf(this.state, batch), batch.input.shape[0]!);
        return before ? add(before, part) : part;
      });
      before?.dispose();
      disposeTree({ ...batch });
    }
    using mean = div(sum!, data!.size);
    sum!.dispose();
    this.validation.push({ step: this.losses.length, loss: (await mean.item()) as number });
  }

  private report(): void {
    const { onProgress } = this.settings;
    const done = this.losses.length;
    const { fraction, seconds } = this;
    onProgress?.({
      step: done,
      steps: this.stepLimit ?? Math.max(done, Math.round(done / fraction)),
      objective: this.losses.at(-1),
      epoch: this.epoch,
      seconds,
      secondsLeft: this.secondsLeft(),
      validation: this.validation.at(-1)?.loss,
    });
  }

  private secondsLeft(): number {
    const limit = this.stepLimit;
    if (limit === undefined) return Math.max(0, this.settings.seconds! - this.seconds);
    const done = this.losses.length;
    const pace = (this.seconds - this.secondsBefore) / Math.max(1, done - this.stepsBefore);
    return pace * (limit - done);
  }

  private async save(): Promise<void> {
    const { checkpoint } = this.settings;
    if (checkpoint === undefined) return;
    const { losses, validation, seconds } = this;
    const parameters = this.steps.parametersOf(this.state);
    const { optimiser } = this.state;
    await saveCheckpoint(checkpoint, this.identity, { parameters, optimiser, losses, validation, seconds });
    disposeTree(parameters);
    this.savedAt = performance.now();
  }

  private async load(path: string): Promise<void> {
    const found = await loadCheckpoint(fn, path, this.network, this.identity);
    const { optimiser } = this.state;
    const fresh = this.steps.start(found.parameters);
    disposeTree(found.parameters);
    disposeTree([this.state.weights, optimiser, fresh.optimiser]);
    this.state = { weights: fresh.weights, optimiser: found.optimiser };
    this.losses.push(...found.losses);
    this.validation.push(...found.validation);
    this.secondsBefore = found.seconds;
    this.stepsBefore = found.losses.length;
  }
}
