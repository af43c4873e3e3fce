import { rm } from 'node:fs/promises';
import path from 'node:path';
import {
  cosineSchedule,
  type FitResult,
  fit as fitNetwork,
  saveWeights,
  simulatedTrainingData,
} from '@adjoint/models';
import { key } from '@adjoint/tensor';
import type { Recipe } from './recipes.js';

const reportEverySeconds = 20;

interface Training {
  /** Keeps the state while the training runs. */
  readonly work: string;
  /** Of the weights, .safetensors. */
  readonly target: string;
  /** That makes them. */
  readonly command: string;
  readonly signal: AbortSignal;
}

/** Trains by a recipe and writes the weights. What was interrupted goes on where it stood. */
export async function train(recipe: Recipe, { work, target, command, signal }: Training): Promise<FitResult> {
  const { name, network, shape, coils, snr, seed, acceleration, centerFraction, steps, batchSize, lr } =
    recipe;
  const checkpoint = path.join(work, `${name}.checkpoint.safetensors`);
  const images = await recipe.images();
  const data = await simulatedTrainingData({
    ...{ images, shape, coils, snr, seed, acceleration, centerFraction },
  });
  images.dispose();
  let told = 0;
  const fitted = await fitNetwork(network, {
    ...{ data, steps, batchSize, checkpoint, signal },
    loss: 'l1',
    schedule: cosineSchedule({ lr, warmup: 50 }),
    key: key(seed),
    checkpointEvery: 60,
    resume: true,
    onProgress: ({ step, objective, secondsLeft }) => {
      if (performance.now() - told < 1000 * reportEverySeconds) return;
      told = performance.now();
      console.log(
        `${name} ${step}/${steps}, loss ${objective?.toFixed(4)}, ${Math.round(secondsLeft)} s left`,
      );
    },
  });
  data.dispose();
  await saveWeights(target, {
    network,
    parameters: fitted.parameters,
    metadata: {
      ...{ command, trained: recipe.trainedOn, limits: recipe.limits },
      recipe: JSON.stringify({ shape, coils, snr, acceleration, centerFraction, steps, batchSize, lr, seed }),
      seconds: String(Math.round(fitted.seconds)),
    },
  });
  await rm(checkpoint);
  return fitted;
}
