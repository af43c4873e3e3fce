import {
  checkBoolean,
  checkInteger,
  checkNumber,
  checkOptions,
  type Device,
  type DType,
  linalg,
  type Tensor,
  tensor,
} from '@adjoint/tensor';
import { breathing, type LoopOptions } from '../loop.js';
import type { Measurement } from '../measurement.js';
import { type CalibrationBlock, readCalibrationBlock } from './calibrationBlock.js';
import { calibrationKernels } from './calibrationKernels.js';
import { calibrationSource, overSlices } from './calibrationSource.js';
import { complexTypeOf } from './coilStack.js';
import { type Eigenmaps, eigenmaps } from './eigenmaps.js';

export interface CalibrationOptions extends LoopOptions {
  /** Side of the kernel, default 6. */
  readonly kernel?: number;
  /** Largest side of the calibration region, default 24. */
  readonly calibration?: number;
  /** Kernels belong to singular values with (σ_j/σ_0)² > threshold; 1e-6 … 0.99, default 0.001. */
  readonly threshold?: number;
  /** Number of sets of maps, default 1. */
  readonly sets?: number;
  /** Phases relative to the first virtual coil (default), or to coil 0. */
  readonly rotatePhase?: boolean;
  /** Real [W] or [H, W], for bare k-space; default: what is not 0 was sampled. */
  readonly mask?: Tensor;
}

/** Names of the options. @internal */
export const calibrationOptionNames = [
  'kernel',
  'calibration',
  'threshold',
  'sets',
  'rotatePhase',
  'mask',
  'signal',
  'onProgress',
] as const;

/**
 * What `espirit` finds before maps are cropped: unit eigenvectors, and the eigenvalues that tell where there is
 * signal. For a soft transition, multiply the vectors by a function of the values.
 *
 * @returns vectors, complex [..., sets, coils, H, W], and values, real [..., sets, H, W], largest first
 * @throws as `espirit`
 */
export async function espiritEigenmaps(
  source: Measurement | Tensor,
  options: CalibrationOptions = {},
): Promise<Eigenmaps> {
  return eigenmapsOf('espiritEigenmaps', source, options);
}

/** `espiritEigenmaps` on behalf of another function. @internal */
export async function eigenmapsOf(
  fn: string,
  source: Measurement | Tensor,
  options: CalibrationOptions,
): Promise<Eigenmaps> {
  const { mask, signal, onProgress } = checkOptions(fn, options, calibrationOptionNames);
  const from = calibrationSource(fn, source, mask);
  const { shape } = from.kspace;
  const settings = checkSettings(fn, options, shape.at(-3)!);
  const steps = shape.slice(0, -3).reduce((a, b) => a * b, 1);
  const breath = breathing({ signal });
  return overSlices(from, (kspace, sampled, i) =>
    calibrateSlice(fn, kspace, sampled, settings, async (done) => {
      onProgress?.({ step: i + done, steps });
      await breath();
    }),
  );
}

interface Settings {
  readonly kernel: number;
  readonly calibration: number;
  readonly threshold: number;
  readonly sets: number;
  readonly rotatePhase: boolean;
}

function checkSettings(fn: string, options: CalibrationOptions, coils: number): Settings {
  const { kernel = 6, calibration = 24, threshold = 0.001, sets = 1, rotatePhase = true } = options;
  return {
    kernel: checkInteger(fn, 'option kernel', kernel, { min: 1 }),
    calibration: checkInteger(fn, 'option calibration', calibration, { min: 1 }),
    threshold: checkNumber(fn, 'option threshold', threshold, { min: 1e-6, max: 0.99 }),
    sets: checkInteger(fn, 'option sets', sets, { min: 1, max: coils }),
    rotatePhase: checkBoolean(fn, 'option rotatePhase', rotatePhase),
  };
}

async function calibrateSlice(
  fn: string,
  kspace: Tensor,
  mask: ArrayLike<number> | undefined,
  settings: Settings,
  progress: (done: number) => Promise<void>,
): Promise<Eigenmaps> {
  const target = { dtype: complexTypeOf(kspace), device: kspace.device };
  const [coils, height, width] = kspace.shape as [number, number, number];
  const { kernel, calibration, threshold, sets, rotatePhase } = settings;
  const block = await readCalibrationBlock(fn, kspace, mask, calibration);
  using kernels = await calibrationKernels(fn, block, kernel, threshold, target);
  const virtual = rotatePhase ? await firstVirtualCoil(block, target) : firstCoil(coils);
  using reference = tensor(virtual, { shape: [coils, 1], ...target });
  const start = { coils: startingCoils(block, sets), reference };
  return await eigenmaps(kernels, [height, width], start, progress);
}

/**
 * Coils to start from, for the first set first: BART's choice, the first coils in reverse, passing over those that are
 * silent, from whose unit vectors nothing would come.
 */
function startingCoils({ coils, re, im }: CalibrationBlock, sets: number): number[] {
  const count = re.length / coils;
  const energy = Array.from({ length: coils }, (_, coil) => {
    let total = 0;
    for (let i = coil * count; i < (coil + 1) * count; i++) total += re[i]! ** 2 + im[i]! ** 2;
    return total;
  });
  const quiet = Math.max(...energy) * 1e-12;
  const order = [...energy.keys()].sort((a, b) => Number(energy[a]! <= quiet) - Number(energy[b]! <= quiet));
  return order.slice(0, sets).reverse();
}

const firstCoil = (coils: number): Float64Array => {
  const values = new Float64Array(2 * coils);
  values[0] = 1;
  return values;
};

/**
 * The combination of coils with most energy in the calibration block: the top eigenvector of its Gram matrix, with
 * the phase that makes its largest entry positive.
 */
async function firstVirtualCoil(
  { coils, re, im }: CalibrationBlock,
  target: { dtype: DType; device: Device },
): Promise<Float64Array> {
  const count = re.length / coils;
  const gram = new Float64Array(2 * coils * coils);
  let most = 0;
  for (let a = 0; a < coils; a++)
    for (let b = 0; b < coils; b++) {
      let [x, y] = [0, 0];
      for (let i = 0; i < count; i++) {
        const [p, q] = [a * count + i, b * count + i];
        x += re[p]! * re[q]! + im[p]! * im[q]!;
        y += im[p]! * re[q]! - re[p]! * im[q]!;
      }
      gram[2 * (a * coils + b)] = x;
      gram[2 * (a * coils + b) + 1] = y;
      most = Math.max(most, Math.abs(x), Math.abs(y));
    }
  using matrix = tensor(
    gram.map((value) => value / most),
    { shape: [coils, coils], ...target },
  );
  const { values, vectors } = await linalg.eigh(matrix);
  const all = await vectors.data();
  values.dispose();
  vectors.dispose();
  return withoutPhase(
    Float64Array.from(
      { length: 2 * coils },
      (_, i) => all[2 * (Math.floor(i / 2) * coils + coils - 1) + (i % 2)]!,
    ),
  );
}

function withoutPhase(u: Float64Array): Float64Array {
  let largest = 0;
  for (let i = 0; i < u.length; i += 2)
    if (Math.hypot(u[i]!, u[i + 1]!) > Math.hypot(u[largest]!, u[largest + 1]!) * (1 + 1e-6)) largest = i;
  const size = Math.hypot(u[largest]!, u[largest + 1]!);
  const [re, im] = [u[largest]! / size, u[largest + 1]! / size];
  return u.map((value, i) => (i % 2 === 0 ? value * re + u[i + 1]! * im : value * re - u[i - 1]! * im));
}
