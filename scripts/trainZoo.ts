/**
 * Makes the weights that @adjoint/models ships, with their model cards: `npm run train-zoo [-- --only NAME]`. Resumable:
 * what was interrupted goes on where it stood (out/zoo); files that are there are made again only with --again.
 */
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  cosineSchedule,
  fit as fitNetwork,
  loadWeights,
  lossCurveSvg,
  saveWeights,
  simulatedTrainingData,
} from '@adjoint/models';
import { info, init, key } from '@adjoint/tensor';
import { evaluate } from './zoo/evaluate.js';
import { modelCard } from './zoo/modelCard.js';
import { type Recipe, recipes } from './zoo/recipes.js';

const root = path.join(import.meta.dirname, '..');
const target = path.join(root, 'packages', 'models', 'weights');
const work = path.join(root, 'out', 'zoo');
const reportEverySeconds = 20;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    again: { type: 'boolean', default: false },
    threads: { type: 'string' },
  },
});

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

async function train(recipe: Recipe): Promise<void> {
  const { name, network, shape, coils, snr, seed, acceleration, centerFraction, steps, batchSize, lr } =
    recipe;
  const images = await recipe.images();
  const data = await simulatedTrainingData({
    ...{ images, shape, coils, snr, seed, acceleration, centerFraction },
  });
  images.dispose();
  let told = 0;
  const fitted = await fitNetwork(network, {
    ...{ data, steps, batchSize },
    loss: 'l1',
    schedule: cosineSchedule({ lr, warmup: 50 }),
    key: key(seed),
    checkpoint: path.join(work, `${name}.checkpoint.safetensors`),
    checkpointEvery: 60,
    resume: true,
    signal: stop.signal,
    onProgress: ({ step, objective, secondsLeft }) => {
      if (performance.now() - told < 1000 * reportEverySeconds) return;
      told = performance.now();
      console.log(
        `${name} ${step}/${steps}, loss ${objective?.toFixed(4)}, ${Math.round(secondsLeft)} s left`,
      );
    },
  });
  data.dispose();
  const { parameters } = fitted;
  const file = path.join(target, `${name}.safetensors`);
  await saveWeights(file, {
    network,
    parameters,
    metadata: {
      command: `npm run train-zoo -- --only ${name}`,
      trained: recipe.trainedOn,
      recipe: JSON.stringify({ shape, coils, snr, acceleration, centerFraction, steps, batchSize, lr, seed }),
      limits: 'One person, one contrast, one grid, simulated acquisition. No medical use.',
    },
  });
  await writeFile(path.join(target, `${name}.svg`), lossCurveSvg(fitted, { title: name }));
  const rows = await evaluate(recipe, await loadWeights(file));
  await writeFile(path.join(target, `${name}.md`), modelCard(recipe, fitted, rows, info().description));
  await rm(path.join(work, `${name}.checkpoint.safetensors`));
}

const stop = new AbortController();
process.once('SIGINT', () => stop.abort(new Error('interrupted; the same command goes on')));
const device = await init({ device: 'wasm', ...(values.threads && { threads: Number(values.threads) }) });
await mkdir(target, { recursive: true });
await mkdir(work, { recursive: true });
for (const recipe of recipes) {
  if (values.only !== undefined && values.only !== recipe.name) continue;
  if (!values.again && (await isThere(path.join(target, `${recipe.name}.safetensors`))))
    console.log(`${recipe.name} is there`);
  else await train(recipe);
}
device.dispose();
