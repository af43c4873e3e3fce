import { abs, checkChoice, identity, slice, type Tensor } from '@adjoint/tensor';
import type { Measurement } from '../measurement.js';

/**
 * The centre of an image: rows from ⌊(H − h)/2⌋, columns from ⌊(W − w)/2⌋, as fastMRI crops. An image narrower than w is cropped to the
 * square of its width (the rule of fastMRI's FLAIR 203), a lower one keeps its rows.
 *
 * @param x [..., H, W]
 * @internal
 */
export function cropCentre(x: Tensor, [height, width]: readonly [number, number]): Tensor {
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  const [h, w] = width > columns ? [columns, columns] : [height, width];
  const range = (n: number, size: number): [number, number] => {
    const kept = Math.min(n, size);
    const from = Math.floor((n - kept) / 2);
    return [from, from + kept];
  };
  return slice(x, [...x.shape.slice(2).map(() => null), range(rows, h), range(columns, w)]);
}

/** What a method returns: |x|, or x itself for those who want its phase. */
export type ImageOutput = 'magnitude' | 'complex';
const outputs: readonly ImageOutput[] = ['magnitude', 'complex'];

export const checkOutput = (fn: string, output: ImageOutput = 'magnitude'): ImageOutput =>
  checkChoice(fn, 'option output', output, outputs);

/** The image a reconstructor returns, cropped as the measurement says. @internal */
export function finishedImage(x: Tensor, { crop }: Measurement, output: ImageOutput = 'magnitude'): Tensor {
  const kept = crop === undefined ? x : cropCentre(x, crop);
  return output === 'magnitude' ? abs(kept) : identity(kept);
}
