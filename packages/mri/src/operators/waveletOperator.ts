import { type LinearOperator, linearOperator, vjp } from '@adjoint/autograd';
import {
  arrayToCoeffs,
  type CoefficientShapes,
  checkOptions,
  coefficientShapes,
  coeffsToArray,
  slice,
  type Tensor,
  type TensorType,
  type WaveletMode,
  wavedec2,
  waveletFilters,
  waverec2,
  zeros,
} from '@adjoint/tensor';
import { onBehalf } from '../onBehalf.js';
import { checkPlane } from './spaces.js';

export interface WaveletOptions {
  /** A name of `waveletNames`; default 'db4'. */
  readonly wavelet?: string;
  /** Number of levels; default the largest useful one, `dwtMaxLevel` of the shorter axis. */
  readonly level?: number;
  /** How images are continued beyond their edges; default 'periodization'. */
  readonly mode?: WaveletMode;
}

/**
 * The 2-D wavelet transform W, from images to all its coefficients in one array, with PyWavelets' filters, sizes
 * and layout (`pywt.coeffs_to_array(pywt.wavedec2(x))`; holes between bands are 0). The adjoint is the true one,
 * for every wavelet, size, level and mode; W is orthonormal for orthogonal wavelets in mode 'periodization' where
 * 2^level divides H and W, and the adjoint is the inverse then.
 *
 * @param space floating or complex [..., H, W]
 * @throws ArgumentError for an unknown wavelet, mode or level; ShapeError, DTypeError.
 * @example const W = waveletOperator({ shape: [320, 320], dtype: 'c64' }, { wavelet: 'db4', level: 3 });
 */
export function waveletOperator(space: TensorType, options: WaveletOptions = {}): LinearOperator {
  const fn = 'waveletOperator';
  const domain = checkPlane(fn, 'the space', space);
  const {
    wavelet = 'db4',
    level,
    mode = 'periodization',
  } = checkOptions(fn, options, ['wavelet', 'level', 'mode']);
  const [height, width] = domain.shape.slice(-2) as [number, number];
  const settings = level === undefined ? { mode } : { mode, level };
  const shapes = onBehalf(fn, () => coefficientShapes([height, width], wavelet, settings));
  const size = [0, 1].map((i) =>
    shapes.details.reduce((sum, band) => sum + band[i]!, shapes.approximation[i]!),
  );
  const apply = (x: Tensor): Tensor => coeffsToArray(wavedec2(x, wavelet, settings));
  const synthesise = (y: Tensor): Tensor =>
    cropTo(waverec2(arrayToCoeffs(y, shapes), wavelet, { mode }), height, width);
  return linearOperator({
    name: 'wavelet',
    domain,
    range: { shape: [...domain.shape.slice(0, -2), ...size], dtype: domain.dtype },
    apply,
    adjoint: isSynthesis(wavelet, mode, shapes, [height, width]) ? synthesise : transposed(apply, domain),
  });
}

/** The first rows and columns: one of each is too many where a size is odd. */
const cropTo = (x: Tensor, height: number, width: number): Tensor =>
  slice(x, [...x.shape.slice(2).map(() => null), [0, height], [0, width]]);

/**
 * Whether the inverse is the adjoint: filters are their own duals, and the edge adds nothing. Mode 'zero' does
 * not at any length; 'periodization' repeats a sample where a length is odd.
 */
function isSynthesis(wavelet: string, mode: WaveletMode, shapes: CoefficientShapes, size: number[]): boolean {
  if (!waveletFilters(wavelet).orthogonal) return false;
  if (mode === 'zero') return true;
  if (mode !== 'periodization') return false;
  const inputs = [...shapes.details.slice(1), size].slice(0, shapes.details.length);
  return inputs.every(([rows, columns]) => rows! % 2 === 0 && columns! % 2 === 0);
}

/** The adjoint of a linear function, from its pullback; where it is taken does not matter. */
const transposed =
  (f: (x: Tensor) => Tensor, { shape, dtype }: TensorType) =>
  (y: Tensor): Tensor => {
    using at = vjp(f, zeros(shape, { dtype, device: y.device }));
    return at.pullback(y)[0];
  };
