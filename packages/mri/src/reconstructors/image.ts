import { abs, checkChoice, identity, type Tensor } from '@adjoint/tensor';
import { cropCentre } from '../cropCentre.js';
import type { Measurement } from '../measurement.js';

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
