import { adam, disposeTree } from '@adjoint/autograd';
import {
  cosineSchedule,
  fit,
  type Network,
  type Parameters,
  parameterCount,
  simulatedTrainingData,
  unet,
  unetReconstructor,
} from '@adjoint/models';
import { brainPhantom, builtinImages, kneePhantom, type Reconstructor, type Scores } from '@adjoint/mri';
import { concat, type Tensor } from '@adjoint/tensor';
import type { UnitOutput } from '../core/store.js';
import type { Acquisition } from '../data/source.js';
import type { TrainingChoice } from '../plan/profiles.js';
import { methodKey } from './clean.js';
import type { UnitContext } from './context.js';
import { loadImage } from './loadedImage.js';
import { reconstructAndRate } from './method.js';

export interface TrainParameters extends TrainingChoice {
  /** Whether others reconstruct with it: its weights are kept. */
  readonly isKept: boolean;
  readonly acquisition: Acquisition;
  readonly acceleration: number;
  readonly centerFraction: number;
  readonly seed: number;
}

export interface TrainResult {
  readonly losses: readonly number[];
  /** Numbers in the network. */
  readonly parameters: number;
  /** Clean scores on the inputs `image0`, `image1`, … */
  readonly scores: readonly Scores[];
}

/** Trains a U-net from random weights, and rates it on the images it is given, which it has not seen. */
export async function trainUnit(context: UnitContext): Promise<UnitOutput> {
  const given = context.parameters<TrainParameters>();
  const network = unet({ chans: given.chans, pools: given.pools });
  const { parameters, losses } = await trained(context, given, network);
  const scores = await rateAll(context, unetReconstructor({ network, parameters, name: 'unet' }));
  const result = { losses, parameters: parameterCount(network), scores } satisfies TrainResult;
  if (given.isKept) return { result, tensors: parameters };
  disposeTree({ ...parameters });
  return { result };
}

/** Goes on from the checkpoint of an attempt that did not come to its end, with the same weights in the end. */
async function trained(
  context: UnitContext,
  given: TrainParameters,
  network: Network,
): Promise<{ parameters: Parameters; losses: readonly number[] }> {
  const { steps, batchSize, learningRate: lr, acceleration, centerFraction, seed, acquisition } = given;
  const { grid, coils, snr } = acquisition;
  using images = await trainingImages(given);
  const data = await simulatedTrainingData({
    ...{ images, shape: grid, coils, snr, seed, acceleration, centerFraction },
  });
  const cosine = cosineSchedule({ lr, warmup: Math.ceil(steps / 50) });
  try {
    return await fit(network, {
      ...{ data, steps, batchSize, optimizer: adam({ lr }), key: context.key('training') },
      schedule: given.schedule === 'cosine' ? cosine : undefined,
      ...{
        checkpoint: await context.checkpointFile(),
        resume: true,
        checkpointEvery: context.checkpointEvery,
      },
      onProgress: ({ step }) => context.report((0.9 * step) / steps),
    });
  } finally {
    data.dispose();
  }
}

type Objects = Pick<TrainParameters, 'head' | 'volumes' | 'subjects' | 'acquisition'>;

/** On their native grids, f32 [n, N, N]. */
async function trainingImages({ head, volumes, subjects, acquisition }: Objects): Promise<Tensor> {
  const size = 2 * Math.max(...acquisition.grid);
  const slices = async (volume: number): Promise<Tensor> =>
    (await builtinImages('head', { plane: 'axial', volume, slices: head })).images;
  const each = await Promise.all(
    head.length > 0
      ? volumes.map(slices)
      : subjects.map((subject, i) => (i % 2 === 0 ? brainPhantom : kneePhantom)({ subject, size })),
  );
  const all = concat(each, 0);
  for (const one of each) one.dispose();
  return all;
}

async function rateAll(context: UnitContext, method: Reconstructor): Promise<Scores[]> {
  const all: Scores[] = [];
  for (const input of Object.keys(context.unit.inputs)) {
    const { sampled, dispose } = await loadImage(context, input);
    const { image, scores } = await reconstructAndRate(method, sampled, undefined, methodKey(context));
    image.dispose();
    dispose();
    all.push(scores);
  }
  return all;
}
