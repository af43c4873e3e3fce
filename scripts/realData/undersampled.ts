import path from 'node:path';
import { cgSense, espirit, l1, openFastmri, sense, totalVariation, zeroFilled } from '@adjoint/mri';
import { abs, countNonzero, item, norm, scope, sub, type Tensor } from '@adjoint/tensor';
import { filesOf } from './files.js';
import { l1Iterations } from './methods.js';
import { writePicture } from './picture.js';

const lambda = 0.002;

/** Rows of a table: what is left of the data of measurements that were published undersampled, without a reference. */
export async function undersampledRows(): Promise<string[]> {
  const rows: string[] = [];
  for (const file of await filesOf('kspace-undersampled')) {
    const name = path.basename(file, '.h5');
    process.stderr.write(`real-data: ${name}\n`);
    using open = await openFastmri(file);
    const measurement = await open.slice(0);
    const { kspace, mask } = measurement;
    const part = ((await item(countNonzero(mask))) as number) / mask.size;
    const maps = await espirit(measurement);
    const A = sense(maps, mask);
    const misfit = async (image: Tensor): Promise<number> =>
      (await item(scope(() => norm(sub(A.apply(image), kspace)).div(norm(kspace))))) as number;
    const output = 'complex' as const;
    const methods = [
      cgSense({ maps, lambda: 0.01, output }),
      l1({ maps, lambda, wavelet: 'db2', iterations: l1Iterations, output }),
      totalVariation({ maps, lambda, output }),
    ];
    const images = [await zeroFilled().reconstruct(measurement)];
    const misfits: string[] = [];
    for (const method of methods) {
      using image = await method.reconstruct(measurement);
      misfits.push((await misfit(image)).toFixed(4));
      images.push(abs(image));
    }
    await writePicture(`undersampled-${name}`, images);
    const kind = mask.rank === 1 ? 'columns' : 'points';
    rows.push(
      `| ${name} | ${kspace.shape.join(' × ')} | ${(100 * part).toFixed(1)} % of ${kind} | ${misfits.join(' | ')} |`,
    );
    for (const x of [...images, maps, kspace, mask]) x.dispose();
  }
  return rows;
}
