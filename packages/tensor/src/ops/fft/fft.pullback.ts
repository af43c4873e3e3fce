import { type Primitive, type Pullback, primitive } from '../row.js';
import { type FftAttributes, fftOp, transform } from './fft.js';

/** x̄ = Aᴴ ȳ: the transform with the other sign, the same factor and the same centre. */
const fftPullback: Pullback<FftAttributes> = ([yBar], { attrs }) => [
  transform(yBar!, { ...attrs, inverse: !attrs.inverse }),
];

export const fftPrimitives: Primitive[] = [primitive({ op: fftOp, pullback: fftPullback })];
