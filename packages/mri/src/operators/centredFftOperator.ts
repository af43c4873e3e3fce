import { type LinearOperator, linearOperator } from '@adjoint/autograd';
import {
  centredFft,
  centredIfft,
  checkOptions,
  identity,
  normaliseAxes,
  type TensorType,
} from '@adjoint/tensor';
import { checkComplexPlane } from './spaces.js';

export interface CentredFftOptions {
  /** Default the last two. */
  readonly axes?: readonly number[];
}

/**
 * The centred unitary Fourier transform F from images to k-space, as an operator: F^H F = F F^H = I. The origin
 * stands at ⌊n/2⌋ on both sides, odd sizes included (fastMRI `fft2c`, BART `fft -u`).
 *
 * @param space complex [..., H, W], domain and range
 * @param options.axes default the last two; [-1] transforms along W alone.
 * @throws ShapeError, DTypeError for a space that is not complex [..., H, W]; AxisError.
 */
export function centredFftOperator(space: TensorType, options: CentredFftOptions = {}): LinearOperator {
  const fn = 'centredFftOperator';
  const domain = checkComplexPlane(fn, 'the space', space);
  const { axes } = checkOptions(fn, options, ['axes']);
  if (axes !== undefined) normaliseAxes(fn, axes, domain.shape.length);
  const over = axes === undefined ? {} : { axes };
  return linearOperator({
    name: 'centredFft',
    domain,
    range: domain,
    apply: (x) => centredFft(x, over),
    adjoint: (y) => centredIfft(y, over),
    normal: identity,
  });
}
