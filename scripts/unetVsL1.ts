/**
 * Trains two U-nets for 30 minutes each and compares them with tuned l1: `npm run unet-vs-l1`, which writes
 * docs/unet-vs-l1.md. `-- --only NAME` trains one of them (two can train beside each other). Resumable: interrupted
 * trainings go on, finished ones are not repeated (out/unet-vs-l1).
 */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { loadWeights } from '@adjoint/models';
import { info, init } from '@adjoint/tensor';
import { compareAll } from './unetVsL1/compare.js';
import { page } from './unetVsL1/page.js';
import { recipes } from './unetVsL1/recipes.js';
import { isThere } from './zoo/isThere.js';
import { train } from './zoo/train.js';

const root = path.join(import.meta.dirname, '..');
const work = path.join(root, 'out', 'unet-vs-l1');
const target = path.join(root, 'docs', 'unet-vs-l1.md');

const { values } = parseArgs({ options: { only: { type: 'string' }, threads: { type: 'string' } } });
const wanted = recipes.filter(({ name }) => values.only === undefined || values.only === name);
if (wanted.length === 0) {
  console.error(`--only ${values.only}: there are ${recipes.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

const weightsOf = (name: string): string => path.join(work, `${name}.safetensors`);

const stop = new AbortController();
process.once('SIGINT', () => stop.abort(new Error('interrupted; the same command goes on')));
const device = await init({ device: 'wasm', ...(values.threads && { threads: Number(values.threads) }) });
await mkdir(work, { recursive: true });
for (const recipe of wanted) {
  const file = weightsOf(recipe.name);
  if (await isThere(file)) console.log(`${recipe.name} is trained`);
  else await train(recipe, { ...{ work, target: file, command: 'npm run unet-vs-l1', signal: stop.signal } });
}
if (wanted.length === recipes.length) {
  const networks = await Promise.all(recipes.map(({ name }) => loadWeights(weightsOf(name))));
  const compared = await compareAll(networks);
  await writeFile(`${target}.part`, page(networks, compared, info().description));
  await rename(`${target}.part`, target);
  console.log(`wrote ${path.relative(root, target)}`);
}
device.dispose();
