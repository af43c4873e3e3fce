import { adam, type Optimiser, rmsprop } from '@adjoint/autograd';
import type { LoopOptions, ProgressReport } from '@adjoint/mri';
import {
  ArgumentError,
  checkBoolean,
  checkChoice,
  checkFunction,
  checkInteger,
  checkNumber,
  checkOptions,
  describe,
  type Key,
} from '@adjoint/tensor';
import type { TrainingData } from '../data/index.js';
import { checkParameters, type Network, type Parameters } from '../network.js';
import { type LossFunction, type LossName, lossOf } from './losses.js';
import type { Schedule } from './schedule.js';

/** Where a training is. */
export interface FitReport extends ProgressReport {
  /** Epochs done. */
  readonly epoch: number;
  /** Seconds of training so far, those of interrupted runs included. */
  readonly seconds: number;
  /** Until the end, at the pace so far. */
  readonly secondsLeft: number;
  /** Mean loss of the validation data, when it was last taken. */
  readonly validation: number | undefined;
}

export interface FitOptions extends Omit<LoopOptions, 'onProgress'> {
  readonly data: TrainingData;
  /** 'l1' (default), 'mse', 'ssim' of the images in their own units, or a traceable function. */
  readonly loss?: LossName | LossFunction | undefined;
  /** One, or the name of one with step size 1e-3; default 'adam'. */
  readonly optimizer?: OptimizerName | Optimiser | undefined;
  /** How long: one of epochs, steps and seconds. */
  readonly epochs?: number | undefined;
  readonly steps?: number | undefined;
  readonly seconds?: number | undefined;
  /** Default 1. */
  readonly batchSize?: number | undefined;
  /** Step sizes; default: the optimiser's own. */
  readonly schedule?: Schedule | undefined;
  /** Weights to start from; default: random ones. */
  readonly parameters?: Parameters | undefined;
  /** Examples whose mean loss is taken after every epoch, or every `validateEvery` steps. */
  readonly validate?: TrainingData | undefined;
  readonly validateEvery?: number | undefined;
  /** File, ending in .safetensors, that keeps the state: regularly, at the end, and when the signal aborts. */
  readonly checkpoint?: string | undefined;
  /** Seconds between checkpoints; default 300. */
  readonly checkpointEvery?: number | undefined;
  /** Goes on from the checkpoint if there is one. Default false: it is replaced. */
  readonly resume?: boolean | undefined;
  /** Of initial weights, order, masks, augmentation, dropout; default `key(0)`. */
  readonly key?: Key | undefined;
  readonly onProgress?: ((report: FitReport) => void) | undefined;
}

const usualRate = 1e-3;
const optimizers = {
  adam: () => adam({ lr: usualRate }),
  rmsprop: () => rmsprop({ lr: usualRate }),
} as const;
export type OptimizerName = keyof typeof optimizers;

function optimizerOf(fn: string, given: OptimizerName | Optimiser): Optimiser {
  if (typeof given === 'object' && typeof given?.update === 'function') return given;
  const names = Object.keys(optimizers) as OptimizerName[];
  return optimizers[checkChoice(fn, 'option optimizer', given, names)]();
}

const optionNames = [
  ...['data', 'loss', 'optimizer', 'epochs', 'steps', 'seconds', 'batchSize', 'schedule', 'parameters'],
  ...['validate', 'validateEvery', 'checkpoint', 'checkpointEvery', 'resume', 'key', 'signal', 'onProgress'],
];

/** Options with their defaults. */
export interface FitSettings {
  readonly data: TrainingData;
  readonly loss: LossFunction;
  readonly optimizer: Optimiser;
  readonly epochs: number | undefined;
  readonly steps: number | undefined;
  readonly seconds: number | undefined;
  readonly batchSize: number;
  readonly schedule: Schedule | undefined;
  readonly validate: TrainingData | undefined;
  readonly validateEvery: number | undefined;
  readonly checkpoint: string | undefined;
  readonly checkpointEvery: number;
  readonly resume: boolean;
  readonly onProgress: ((report: FitReport) => void) | undefined;
}

export function checkFit(fn: string, network: Network, options: FitOptions): FitSettings {
  if (network === null || typeof network?.apply !== 'function')
    throw new ArgumentError({ fn, argument: 'network', expected: 'a network', got: describe(network) });
  checkOptions(fn, options, optionNames);
  const { batchSize = 1, checkpointEvery = 300, resume = false, checkpoint, schedule, onProgress } = options;
  const data = checkData(fn, 'data', options.data);
  checkLength(fn, options);
  checkInteger(fn, 'option batchSize', batchSize, { min: 1, max: data.size });
  checkNumber(fn, 'option checkpointEvery', checkpointEvery, { min: 0 });
  checkBoolean(fn, 'option resume', resume);
  for (const [name, value] of Object.entries({ schedule, onProgress }))
    if (value !== undefined) checkFunction(fn, `option ${name}`, value);
  if (options.validateEvery !== undefined)
    checkInteger(fn, 'option validateEvery', options.validateEvery, { min: 1 });
  if (checkpoint !== undefined && (typeof checkpoint !== 'string' || !checkpoint.endsWith('.safetensors')))
    throw new ArgumentError({
      fn,
      argument: 'option checkpoint',
      expected: 'a path that ends in .safetensors',
      got: describe(checkpoint),
    });
  if (resume && checkpoint === undefined)
    throw new ArgumentError({ fn, argument: 'option resume', expected: 'with a checkpoint', got: 'none' });
  if (options.parameters !== undefined) checkParameters(fn, 'option parameters', network, options.parameters);
  return {
    ...{ data, batchSize, checkpoint, checkpointEvery, resume, schedule, onProgress },
    loss: lossOf(fn, options.loss ?? 'l1'),
    optimizer: optimizerOf(fn, options.optimizer ?? 'adam'),
    epochs: options.epochs,
    steps: options.steps,
    seconds: options.seconds,
    validate: options.validate && checkData(fn, 'validate', options.validate),
    validateEvery: options.validateEvery,
  };
}

function checkLength(fn: string, { epochs, steps, seconds }: FitOptions): void {
  const given = Object.entries({ epochs, steps, seconds }).filter(([, value]) => value !== undefined);
  if (given.length !== 1)
    throw new ArgumentError({
      fn,
      argument: 'options',
      expected: 'with one of epochs, steps and seconds',
      got: given.length === 0 ? 'none' : given.map(([name]) => name).join(' and '),
    });
  const [name, value] = given[0]!;
  if (name === 'seconds') checkNumber(fn, 'option seconds', value, { positive: true });
  else checkInteger(fn, `option ${name}`, value, { min: 1 });
}

function checkData(fn: string, name: string, data: TrainingData): TrainingData {
  if (data === null || typeof data?.sample !== 'function')
    throw new ArgumentError({
      fn,
      argument: `option ${name}`,
      expected: 'an object with size and sample()',
      got: describe(data),
    });
  checkInteger(fn, `option ${name}.size`, data.size, { min: 1 });
  return data;
}
