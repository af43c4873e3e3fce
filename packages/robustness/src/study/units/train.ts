import { adam, disposeTree } from '@adjoint/autograd';
import { fit, parameterCount, simulatedTrainingData, unet, unetReconstructor } from '@adjoint/models';
import { brainPhantom, builtinImages, kneePhantom, type Reconstructor, type Scores } from '@adjoint/mri';
import { concat, type Tensor } from '@adjoint/tensor';
import type { UnitOutput } from '../core/store.js';
import type { Acquisition } from '../data/source.js';
import { methodKey } from './clean.js';
import type { UnitContext } from './context.js';
import { loadImage } from './loadedImage.js';
import { reconstructAndRate } from './method.js';

export interface TrainParameters {
  readonly steps: number;
  readonly batchSize: number;
  readonly chans: number;
  readonly pools: number;
  readonly learningRate: number;
  /** Axial slices of the built-in head; none: subjects of the generated families. */
  readonly head: readonly number[];
  readonly subjects: readonly number[];
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

/** Trains a U-net from random weights, and rates it on images it has not seen. */
export async function trainUnit(context: UnitContext): Promise<UnitOutput> {
  const { steps, batchSize, chans, pools, learningRate, ...rest } = context.parameters<TrainParameters>();
  const { acquisition, acceleration, centerFraction, seed } = rest;
  const { grid, coils, snr } = acquisition;
  using images = await trainingImages(rest);
  const data = await simulatedTrainingData({
    ...{ images, shape: grid, coils, snr, seed, acceleration, centerFraction },
  });
  const network = unet({ chans, pools });
  const { parameters, losses } = await fit(network, {
    ...{ data, steps, batchSize, optimizer: adam({ lr: learningRate }), key: context.key('training') },
    onProgress: ({ step }) => context.report((0.9 * step) / steps),
  });
  data.dispose();
  const scores = await rateAll(context, unetReconstructor({ network, parameters, name: 'unet' }));
  disposeTree({ ...parameters });
  return { result: { losses, parameters: parameterCount(network), scores } satisfies TrainResult };
}

type Objects = Pick<TrainParameters, 'head' | 'subjects' | 'acquisition'>;

/** On their native grids, f32 [n, N, N]. */
async function trainingImages({ head, subjects, acquisition }: Objects): Promise<Tensor> {
  if (head.length > 0) return (await builtinImages('head', { plane: 'axial', slices: head })).images;
  const size = 2 * Math.max(...acquisition.grid);
  const each = await Promise.all(
    subjects.map((subject, i) => (i % 2 === 0 ? brainPhantom : kneePhantom)({ subject, size })),
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
