import { builtinImages, headSplit } from '@adjoint/mri';
import type { Tensor } from '@adjoint/tensor';
import { phantomSlices, phantomSubjects } from './recipes.js';

/** Images that no network saw, and no weight was chosen on. */
export interface TestSet {
  readonly title: string;
  readonly remark: string;
  /** Index of the network that is compared there, and of the images that l1 was tuned on. */
  readonly home: 0 | 1;
  /** One per image where they are of several. */
  readonly subjects: readonly string[];
  images(): Promise<Tensor>;
}

const split = headSplit('axial');
const headTest = split.test.filter((_, i) => i % 2 === 0);
const brainTest = Array.from({ length: 14 }, (_, i) => i + 3);

export const testSets: readonly TestSet[] = [
  {
    title: 'Held-out slices of the same head',
    remark: 'Within-subject: slices of the person trained on, 10 mm and more from any slice of the training.',
    home: 0,
    subjects: headTest.map(() => 'head'),
    images: () => builtinImages('head', { slices: headTest }).then(({ images }) => images),
  },
  {
    title: 'Another person and contrast (PD brain)',
    remark: 'One person: the intervals speak of more slices of that person, not of more persons.',
    home: 0,
    subjects: brainTest.map(() => 'brain'),
    images: () => builtinImages('brain', { slices: brainTest }).then(({ images }) => images),
  },
  {
    title: 'Generated T1 brains',
    remark: 'Every subject another one, none of them trained or tuned on.',
    home: 1,
    subjects: phantomSubjects.test.map((subject) => `phantom ${subject}`),
    images: () => phantomSlices(phantomSubjects.test),
  },
];

/** What l1's weight is chosen on: five images of either network's training. */
export const tuningImages: readonly (() => Promise<Tensor>)[] = [
  () => {
    const slices = Array.from(
      { length: 5 },
      (_, i) => split.training[Math.floor(((i + 0.5) * split.training.length) / 5)]!,
    );
    return builtinImages('head', { slices }).then(({ images }) => images);
  },
  () => phantomSlices(phantomSubjects.training.slice(0, 5)),
];
