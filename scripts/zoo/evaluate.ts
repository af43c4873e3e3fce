import { unetReconstructor, type Weights } from '@adjoint/models';
import {
  builtinImages,
  headSplit,
  l1,
  type Reconstructor,
  type Scores,
  scores,
  zeroFilled,
} from '@adjoint/mri';
import { key } from '@adjoint/tensor';
import { measure } from './measure.js';
import type { Recipe } from './recipes.js';

/** Mean scores of a method on one set of images. */
export interface Row {
  readonly images: string;
  readonly count: number;
  readonly method: string;
  readonly scores: Scores;
}

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
    const { images: pictures } = await load();
    const measured = await measure(recipe, pictures, 1000);
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

function mean(list: readonly Scores[]): Scores {
  const names = Object.keys(list[0]!) as (keyof Scores)[];
  const average = (name: keyof Scores) => list.reduce((sum, row) => sum + row[name], 0) / list.length;
  return Object.fromEntries(names.map((name) => [name, average(name)])) as unknown as Scores;
}
