import { checkMeasurement, type Measurement, type Reconstructor, readH5, writeH5 } from '@adjoint/mri';
import {
  AdjointError,
  ArgumentError,
  abs,
  checkNumber,
  checkOptions,
  describe,
  formatShape,
  isComplex,
  mul,
  NumericalError,
  reshape,
  ShapeError,
  scope,
  sum,
  type Tensor,
  where,
} from '@adjoint/tensor';
import { nodeModule, runCommand } from './runCommand.js';

export interface ExternalMethodOptions {
  /** A command line for the system's shell; {in} and {out} in it become the names of the files. */
  readonly command: string;
  /** Default 'external'. */
  readonly name?: string | undefined;
  /** Of one reconstruction, in milliseconds; default ten minutes. */
  readonly timeoutMs?: number | undefined;
}

/**
 * A reconstruction method that is a program: it reads an HDF5 file and writes another. As it has no gradients it joins
 * transferred attacks, shifts, heat maps and everything else that only scores images.
 *
 * Written for it: `kspace` complex64 [slices, coils, H, W], zero where nothing was sampled; `mask` float32 [W] or [H, W]; `maps`
 * complex64 like `kspace` or [coils, H, W] where they are known; attribute `crop` "height,width" where images are cropped. Expected of
 * it: `reconstruction` float32 [slices, height, width] (complex: its magnitude is taken) and exit code 0.
 *
 * @throws ArgumentError for a command without {in} or {out}. From `reconstruct`: AdjointError where the program fails, is too slow or
 * writes nothing, ShapeError and NumericalError for images of another size or with NaN.
 * @example externalMethod({ command: 'python3 recon.py {in} {out}', name: 'mine' })
 */
export function externalMethod(options: ExternalMethodOptions): Reconstructor {
  const fn = 'externalMethod';
  const { command, name = 'external' } = checkOptions(fn, options, ['command', 'name', 'timeoutMs']);
  const timeoutMs = checkNumber(fn, 'option timeoutMs', options.timeoutMs ?? 600_000, { positive: true });
  if (typeof command !== 'string' || !command.includes('{in}') || !command.includes('{out}'))
    throw new ArgumentError({
      ...{ fn, argument: 'option command', expected: 'a command line with {in} and {out}' },
      got: describe(command),
      remedy: "As in 'python3 recon.py {in} {out}'.",
    });
  return {
    name,
    async reconstruct(measurement, { signal } = {}) {
      await checkMeasurement(name, measurement);
      const { mkdtemp, rm } = await nodeModule<typeof import('node:fs/promises')>(fn, 'node:fs/promises');
      const { tmpdir } = await nodeModule<typeof import('node:os')>(fn, 'node:os');
      const folder = await mkdtemp(`${tmpdir()}/adjoint-external-`);
      try {
        const [from, to] = [`${folder}/in.h5`, `${folder}/out.h5`];
        await writeMeasurement(from, measurement);
        const line = command.replaceAll('{in}', quote(from)).replaceAll('{out}', quote(to));
        await runCommand(name, line, { timeoutMs, signal });
        return await readImage(name, to, measurement);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** For the shell: temporary folders may have blanks in their names. */
const quote = (path: string): string =>
  process.platform === 'win32' ? `"${path}"` : `'${path.replaceAll("'", `'\\''`)}'`;

async function writeMeasurement(path: string, { kspace, mask, maps, crop }: Measurement): Promise<void> {
  const plane = kspace.shape.slice(-3);
  using samples = scope(() => reshape(where(mask, kspace, 0), [-1, ...plane]));
  const datasets = { kspace: samples, mask, ...(maps && { maps }) };
  await writeH5(path, datasets, { attributes: crop ? { crop: crop.join() } : {} });
}

async function readImage(
  name: string,
  path: string,
  { kspace, reference, crop }: Measurement,
): Promise<Tensor> {
  const found = await readH5(path, { names: ['reconstruction'], device: kspace.device }).catch((error) => {
    throw new AdjointError(`${name}: its result cannot be read: ${(error as Error).message}`);
  });
  using stored = found.tensors.reconstruction!;
  const lead = kspace.shape.slice(0, -3);
  const size = reference?.shape.slice(-2) ?? crop ?? kspace.shape.slice(-2);
  const slices = lead.reduce((a, b) => a * b, 1);
  const argument = 'its dataset reconstruction';
  const isFitting = stored.size === slices * size[0]! * size[1]! && `${stored.shape.slice(-2)}` === `${size}`;
  if (!isFitting)
    throw new ShapeError({
      ...{ fn: name, argument, expected: formatShape([slices, ...size]), got: formatShape(stored.shape) },
    });
  const image = scope(() =>
    reshape(isComplex(stored.dtype) ? abs(stored) : mul(stored, 1), [...lead, ...size]),
  );
  using total = scope(() => sum(mul(image, 0)));
  if ((await total.item()) === 0) return image;
  image.dispose();
  throw new NumericalError({ ...{ fn: name, argument, expected: 'finite', got: 'NaN or infinite pixels' } });
}
