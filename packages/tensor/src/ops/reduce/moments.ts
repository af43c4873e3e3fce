import { apply, checkTensor } from '../../dispatch.js';
import { isComplex } from '../../dtype.js';
import { defineOp } from '../../op.js';
import { scope } from '../../scope.js';
import type { Tensor } from '../../tensor.js';
import { add, complex, imag, real } from '../elementwise/index.js';
import { checkReduction, gatherAxes, type ReduceOptions, shaped } from './axes.js';
import { momentsReference } from './moments.reference.js';
import { momentsWasm } from './moments.wasm.js';
import { momentsWgsl } from './moments.wgsl.js';
import { checkFloat } from './norm.js';
import { type Span, withoutSpan } from './span.js';
import { fusesLoad } from './staging.wasm.js';

/** m = Σ_k x[o, k, i] / n and v = Σ_k (x[o, k, i] − m)² / n of real x. */
export const momentsOp = defineOp<Span>({
  name: 'moments',
  infer: ([x], span) => {
    const type = { shape: withoutSpan(x!.shape, span), dtype: x!.dtype };
    return [type, type];
  },
  reference: momentsReference,
  fuses: fusesLoad,
  wasm: momentsWasm,
  wgsl: momentsWgsl,
});

export interface Moments {
  readonly mean: Tensor;
  /** Divided by n, not n − 1; real. */
  readonly variance: Tensor;
}

/**
 * Mean and biased variance over axes in one stable pass: m = Σ x / n, v = Σ |x − m|² / n. f32 or c64
 * (variance f32). Deviations are taken from the mean of a block and blocks are merged (Chan, Golub and
 * LeVeque 1979), in double precision, so a large mean does not cost digits. Over an empty axis both are NaN.
 *
 * @throws DTypeError for integers and bool, AxisError.
 */
export function moments(x: Tensor, options: ReduceOptions = {}): Moments {
  checkTensor('moments', 'the argument', x);
  const { axes, resultShape } = checkReduction('moments', x.shape, options);
  checkFloat('moments', x.dtype);
  return scope(() => {
    if (!isComplex(x.dtype)) return realMoments(x, axes, resultShape);
    const [re, im] = [realMoments(real(x), axes, resultShape), realMoments(imag(x), axes, resultShape)];
    return { mean: complex(re.mean, im.mean), variance: add(re.variance, im.variance) };
  });
}

function realMoments(x: Tensor, axes: readonly number[], shape: readonly number[]): Moments {
  const gathered = gatherAxes(x, axes);
  const [mean, variance] = apply(momentsOp, [gathered.x], gathered.span) as [Tensor, Tensor];
  return { mean: shaped(mean, shape), variance: shaped(variance, shape) };
}
