/**
 * Makes the weights that @adjoint/models ships, with their model cards: `npm run train-zoo [-- --only NAME]`. Resumable:
 * what was interrupted goes on where it stood (out/zoo); files that are there are made again only with --again.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { loadWeights, lossCurveSvg } from '@adjoint/models';
import { info, init } from '@adjoint/tensor';
import { evaluate } from './zoo/evaluate.js';
import { isThere } from './zoo/isThere.js';
import { modelCard } from './zoo/modelCard.js';
import { type Recipe, recipes } from './zoo/recipes.js';
import { train } from './zoo/train.js';

const root = path.join(import.meta.dirname, '..');
const target = path.join(root, 'packages', 'models', 'weights');
const work = path.join(root, 'out', 'zoo');

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    again: { type: 'boolean', default: false },
    threads: { type: 'string' },
  },
});

async function make(recipe: Recipe): Promise<void> {
  const { name } = recipe;
  const file = path.join(target, `${name}.safetensors`);
  const fitted = await train(recipe, {
    ...{ work, target: file, command: `npm run train-zoo -- --only ${name}`, signal: stop.signal },
  });
  await writeFile(path.join(target, `${name}.svg`), lossCurveSvg(fitted, { title: name }));
  const rows = await evaluate(recipe, await loadWeights(file));
  await writeFile(path.join(target, `${name}.md`), modelCard(recipe, fitted, rows, info().description));
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
  else await make(recipe);
}
device.dispose();
