import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { cropCentre, kspaceOfBart, kspaceToBart, type Measurement, readCfl, writeCfl } from '@adjoint/mri';
import { abs, scope, type Tensor, transpose } from '@adjoint/tensor';

const run = promisify(execFile);

/** What BART calls itself, or undefined where it is not installed. */
export const bartVersion = async (): Promise<string | undefined> =>
  run('bart', ['version']).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );

/** A folder of BART's files for one measurement. */
export class Bart {
  private constructor(
    private readonly folder: string,
    private readonly crop: readonly [number, number] | undefined,
  ) {}

  /** Writes what `pics` and `ecalib` read. */
  static async of({ kspace, crop }: Measurement, maps: Tensor): Promise<Bart> {
    const bart = new Bart(await mkdtemp(path.join(tmpdir(), 'real-data-')), crop);
    for (const [name, x] of Object.entries({ kspace, maps })) {
      using ordered = kspaceToBart(x);
      await writeCfl(path.join(bart.folder, name), ordered);
    }
    return bart;
  }

  /** The magnitude image of `pics` with these options, cropped. */
  async pics(...options: string[]): Promise<Tensor> {
    await run('bart', ['pics', '-S', ...options, 'kspace', 'maps', 'image'], { cwd: this.folder });
    using stored = await readCfl(path.join(this.folder, 'image'));
    return scope(() => {
      const image = abs(transpose(stored));
      return this.crop ? cropCentre(image, this.crop) : image;
    });
  }

  /** The maps of `ecalib` with one set, [coils, H, W]. */
  async ecalib(): Promise<Tensor> {
    await run('bart', ['ecalib', '-m1', 'kspace', 'theirs'], { cwd: this.folder });
    using stored = await readCfl(path.join(this.folder, 'theirs'));
    return kspaceOfBart(stored);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}
