import type { LinearOperator } from '@adjoint/autograd';
import {
  ArgumentError,
  add,
  arange,
  cast,
  checkChoice,
  checkInteger,
  remainder,
  sub,
  type Tensor,
  type TensorType,
  take,
  type WaveletMode,
  waveletFilters,
} from '@adjoint/tensor';
import { onBehalf } from '../onBehalf.js';
import { centredFftOperator, dctOperator, waveletOperator } from '../operators/index.js';
import type { NumpyRandom } from '../sampling/index.js';
import { l1Penalty, type Penalty } from '../solvers/index.js';

/** What WaveletMode names. */
const modes: readonly WaveletMode[] = ['periodization', 'symmetric', 'zero', 'periodic'];

export const transforms = ['wavelet', 'fourier', 'dct'] as const;
/** Where images are sparse. */
export type SparsifyingTransform = (typeof transforms)[number];

export interface SparsityOptions {
  /** Default 'wavelet'. */
  readonly transform?: SparsifyingTransform | undefined;
  /** An orthogonal wavelet of `waveletNames`; default 'db4'. */
  readonly wavelet?: string | undefined;
  /** Levels; default 3, fewer where bands would have less than 6 rows or columns. */
  readonly level?: number | undefined;
  /** How images are continued beyond their edges; default 'periodization', for which the proximal map is exact. */
  readonly boundary?: WaveletMode | undefined;
}

/** A transform with W^H W = I, and the size of images it is best at. */
export interface Sparsity {
  /** 2^levels: sides of images are extended to multiples of it. 1 where any size is as good. */
  readonly multiple: number;
  /** The transform of images of a type. */
  on(space: TensorType): LinearOperator;
}

/** The transform that options describe, for images of height × width. @internal */
export function sparsityOf(
  fn: string,
  [height, width]: readonly [number, number],
  options: SparsityOptions,
): Sparsity {
  const transform = checkChoice(fn, 'option transform', options.transform ?? 'wavelet', transforms);
  if (transform === 'fourier') return { multiple: 1, on: (space) => centredFftOperator(space) };
  if (transform === 'dct') return { multiple: 1, on: dctOperator };
  const wavelet = checkWavelet(fn, options.wavelet ?? 'db4');
  const mode = checkChoice(fn, 'option boundary', options.boundary ?? 'periodization', modes);
  const level =
    options.level === undefined
      ? defaultLevel(Math.min(height, width))
      : checkInteger(fn, 'option level', options.level, { min: 0, max: 16 });
  return {
    multiple: mode === 'periodization' ? 2 ** level : 1,
    on: (space) => waveletOperator(space, { wavelet, level, mode }),
  };
}

/** Three levels: more did not help on brains, and hurt where there is one coil. Bands keep at least 6 samples a side. */
function defaultLevel(side: number): number {
  let level = 0;
  for (let n = Math.ceil(side / 2); n >= 6 && level < 3; n = Math.ceil(n / 2)) level++;
  return level;
}

/** Biorthogonal wavelets have no orthonormal transform, and so no proximal map in closed form. */
function checkWavelet(fn: string, wavelet: string): string {
  if (onBehalf(fn, () => waveletFilters(wavelet), 'option wavelet').orthogonal) return wavelet;
  throw new ArgumentError({
    fn,
    argument: 'option wavelet',
    expected: 'orthogonal (haar, db*, sym*)',
    got: JSON.stringify(wavelet),
    remedy: 'For others use admm() with waveletOperator().',
  });
}

/**
 * ‖W x‖₁ with its proximal map taken on an image shifted circularly by 0 … multiple − 1 rows and columns, drawn anew at every step:
 * on average the transform has no preferred grid, which removes its blocks.
 * Reference: Coifman & Donoho 1995; Figueiredo & Nowak, IEEE TIP 12 (2003).
 * @internal
 */
export function cycleSpinning(transform: LinearOperator, multiple: number, random: NumpyRandom): Penalty {
  const fixed = l1Penalty(transform);
  if (multiple === 1) return fixed;
  return {
    value: fixed.value,
    proximal: (v, t, [rows, columns]) => {
      const shifted = shift(shift(v, -2, rows!, 1), -1, columns!, 1);
      return shift(shift(fixed.proximal(shifted, t, []), -2, rows!, -1), -1, columns!, -1);
    },
    numbers: () => [random.randint(multiple), random.randint(multiple)],
  };
}

/** y[i] = x[i + by] or x[i − by] modulo the length, by a 0-d tensor: `roll` would need a number, and a trace for each. */
function shift(x: Tensor, axis: number, by: Tensor, sign: 1 | -1): Tensor {
  const n = x.shape.at(axis)!;
  const places = arange(0, n, 1, { dtype: by.dtype as 'f32', device: x.device });
  return take(x, cast(remainder(sign === 1 ? add(places, by) : sub(add(places, n), by), n), 'i32'), axis);
}
