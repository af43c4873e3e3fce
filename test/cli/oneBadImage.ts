import { simulate } from '@adjoint/mri';
import type { StudyDataset } from '@adjoint/robustness';
import { ones, tensor } from '@adjoint/tensor';

/** A data set for `adjoint study --data`: one image that can be used, and one that is not a number somewhere. */
const dataset: StudyDataset = {
  name: 'mine',
  provenance: 'made for a test',
  images: () =>
    ['good', 'bad'].map((name) => ({
      ...{ name, subject: name },
      async measurement() {
        const { kspace } = await simulate({ images: square(), shape: [48, 48], coils: 3, seed: 1 });
        const mask = ones([48]);
        if (name === 'good') return { kspace, mask };
        const values = (await kspace.data()) as Float32Array;
        values[0] = Number.NaN;
        return { kspace: tensor(values, { dtype: 'c64', shape: kspace.shape }), mask };
      },
    })),
};

function square() {
  const values = new Float32Array(96 * 96);
  for (let y = 24; y < 72; y++) values.fill(1 + (y % 16) / 16, y * 96 + 20, y * 96 + 76);
  return tensor(values, { shape: [96, 96] });
}

export default dataset;
