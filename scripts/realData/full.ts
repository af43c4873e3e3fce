import path from 'node:path';
import { espirit, openFastmri, studyMask, undersample } from '@adjoint/mri';
import { mapAgreement } from './agreement.js';
import { Bart } from './bart.js';
import { filesOf } from './files.js';
import { bartMethod, bestOutcome, methods, type Outcome } from './methods.js';
import { writePicture } from './picture.js';

const acceleration = 4;
const centerFraction = 0.08;
const seed = 1;

/** Everything about one file. */
export interface FileResult {
  readonly name: string;
  readonly shape: readonly number[];
  /** Columns that were kept. */
  readonly columns: number;
  readonly outcomes: readonly Omit<Outcome, 'image'>[];
  /** Of our maps with BART's, where BART is installed and there is more than one coil. */
  readonly agreement: { readonly mean: number; readonly least: number } | undefined;
}

/** Fully sampled files, undersampled here and reconstructed by every method. */
export async function fullResults(withBart: boolean): Promise<FileResult[]> {
  const results: FileResult[] = [];
  for (const file of await filesOf('kspace')) results.push(await measureFile(file, withBart));
  return results;
}

async function measureFile(file: string, withBart: boolean): Promise<FileResult> {
  const name = path.basename(file, '.h5');
  using open = await openFastmri(file);
  const full = await open.slice(0);
  const { reference } = full;
  if (!reference) throw new Error(`real-data: ${name} has no reference`);
  const shape = full.kspace.shape;
  const mask = studyMask({ width: shape.at(-1)!, acceleration, centerFraction, seed });
  const measurement = undersample(full, mask);
  const maps = await espirit(measurement);
  const bart = withBart ? await Bart.of(measurement, maps) : undefined;
  const outcomes: Outcome[] = [];
  for (const method of bart ? [...methods, bartMethod(bart)] : methods) {
    process.stderr.write(`real-data: ${name} ${method.name}\n`);
    outcomes.push(await bestOutcome(method, measurement, maps, reference));
  }
  await writePicture(name, [reference, ...outcomes.map(({ image }) => image)]);
  const theirs = bart && shape[0]! > 1 ? await bart.ecalib() : undefined;
  const agreement = theirs && (await mapAgreement(maps, theirs));
  await bart?.remove();
  for (const { image } of outcomes) image.dispose();
  for (const x of [maps, theirs, measurement.kspace, measurement.mask, full.kspace, full.mask, reference])
    x?.dispose();
  return {
    name,
    shape,
    columns: mask.values.reduce((sum, value) => sum + value, 0),
    outcomes: outcomes.map(({ image: _, ...rest }) => rest),
    agreement,
  };
}
