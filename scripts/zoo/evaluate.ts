import { unetReconstructor, type Weights } from '@adjoint/models';
import {
  builtinImages,
  espirit,
  headSplit,
  l1,
  type Measurement,
  type Reconstructor,
  type Scores,
  scores,
  simulate,
  studyMask,
  undersample,
  zeroFilled,
} from '@adjoint/mri';
import { key } from '@adjoint/tensor';
import type { Recipe } from './recipes.js';

/** Mean scores of a method on one set of images. */
export interface Row {
  readonly images: string;
  readonly count: number;
  readonly method: string;
  readonly scores: Scores;
}

/** Of ESPIRiT: 7 columns of centre hold few kernels of the usual size 6. */
const kernel = 3;

const sets = [
  {
    images: 'the same head, slices left out (within-subject)',
    load: () => builtinImages('head', { slices: headSplit('axial').test.filter((_, i) => i % 6 === 1) }),
  },
  {
    images: 'another person and contrast (PD brain)',
    load: () => builtinImages('brain', { slices: [6, 8, 10, 12, 14] }),
  },
] as const;

/** The network beside methods that need no training, on images that it has not seen. */
export async function evaluate(recipe: Recipe, weights: Weights): Promise<Row[]> {
  const methods: Reconstructor[] = [zeroFilled(), l1(), unetReconstructor({ ...weights, name: recipe.name })];
  const rows: Row[] = [];
  for (const { images, load } of sets) {
    const measured = await measure(recipe, await load());
    for (const method of methods) {
      const found: Scores[] = [];
      for (const m of measured) {
        using image = await method.reconstruct(m, { key: key(0) });
        found.push(await scores(m.reference!, image));
      }
      rows.push({ images, count: found.length, method: method.name, scores: mean(found) });
    }
  }
  return rows;
}

/** Every image with noise, coils, phase and mask of its own. */
async function measure(
  recipe: Recipe,
  { images }: Awaited<ReturnType<typeof builtinImages>>,
): Promise<Measurement[]> {
  const { shape, coils, snr, acceleration, centerFraction } = recipe;
  const measured: Measurement[] = [];
  for (let i = 0; i < images.shape[0]!; i++) {
    const seed = 1000 + i;
    const full = await simulate({ images: images.slice([i]), shape, coils, snr, seed });
    const m = undersample(full, studyMask({ width: shape[1], acceleration, centerFraction, seed }));
    measured.push({ ...m, maps: await espirit(m, { kernel }) });
  }
  return measured;
}

function mean(list: readonly Scores[]): Scores {
  const names = Object.keys(list[0]!) as (keyof Scores)[];
  const average = (name: keyof Scores) => list.reduce((sum, row) => sum + row[name], 0) / list.length;
  return Object.fromEntries(names.map((name) => [name, average(name)])) as unknown as Scores;
}
