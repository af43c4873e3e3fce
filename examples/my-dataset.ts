/**
 * Images of one's own in a study: who breaks on them, and a report -> out/my-dataset/report.html
 *
 * `readImage` stands for a reader of yours: any real or complex image at least twice as fine as the study's grid. If
 * you have measured k-space, skip `simulate` and return it: { kspace: c64 [coils, H, W], mask: ones }.
 */
import { simulate } from '@adjoint/mri';
import { runStudy, type StudyDataset, type StudyResult, writeReport } from '@adjoint/robustness';
import { init, type Tensor, tensor } from '@adjoint/tensor';
import { isMain } from './isMain.js';

function readImage(person: number): Tensor {
  const pixels = Float32Array.from({ length: 128 * 128 }, (_, at) => {
    const [y, x] = [Math.floor(at / 128) / 64 - 1, (at % 128) / 64 - 1];
    return x * x + y * y < 0.7 ? 0.6 + 0.3 * Math.sin((8 + person) * x) * Math.cos(9 * y) : 0;
  });
  return tensor(pixels, { shape: [128, 128] });
}

const mine: StudyDataset = {
  name: 'discs',
  provenance: 'made by a formula, simulated acquisition',
  images: () =>
    [1, 2].map((person) => ({
      name: `${person}`,
      subject: `person ${person}`, // intervals are drawn by subject: say whose image it is
      measurement: () => simulate({ images: readImage(person), shape: [48, 48], coils: 3, seed: person }),
    })),
};

export async function main(out = 'out/my-dataset'): Promise<StudyResult> {
  await init();
  const what = { profile: 'tiny', methods: ['zero-filled'], experiments: ['curves'] } as const; // left out: quick, all
  const study = await runStudy({ out, data: [mine], ...what, resume: true });
  await writeReport(study, out);
  return study;
}

if (isMain(import.meta.url)) console.log((await main()).record.claims);
