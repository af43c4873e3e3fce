import { apply1, checkTensor } from '../../dispatch.js';
import { dtypeInfo } from '../../dtype.js';
import { defineOp } from '../../op.js';
import { scope } from '../../scope.js';
import type { Tensor } from '../../tensor.js';
import { checkReduction, type ReduceOptions, shaped } from './axes.js';
import { type Span, spansOf, withoutSpan } from './span.js';
import { sumReference } from './sum.reference.js';
import { fusesSum, sumWasm } from './sum.wasm.js';
import { sumWgsl } from './sum.wgsl.js';

/** y[o, i] = Σ_k x[o, k, i] over neighbouring axes; integers and bool add up to i32. */
export const sumOp = defineOp<Span>({
  name: 'sum',
  infer: ([x], span) => {
    const { kind } = dtypeInfo[x!.dtype];
    const dtype = kind === 'integer' || kind === 'bool' ? 'i32' : x!.dtype;
    return [{ shape: withoutSpan(x!.shape, span), dtype }];
  },
  reference: sumReference,
  fuses: fusesSum,
  wasm: sumWasm,
  wgsl: sumWgsl,
});

/**
 * Sum over axes: y = Σ x. Any dtype; i32, u8 and bool give i32 (wrapping), the others their own.
 * f32 and c64 are accumulated in double precision, so the error is about one rounding of Σ|x|, and the
 * bits do not depend on the number of threads. The sum over an empty axis is 0.
 *
 * @throws AxisError for an axis out of range or named twice.
 * @example sum(x)                                  // scalar
 * @example sum(x, { axes: [-2, -1], keepDims: true })
 */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkTensor('sum', 'the argument', x);
  const { axes, resultShape } = checkReduction('sum', x.shape, options);
  // From the last run of neighbouring axes to the first: sums need no copy to bring axes together.
  const spans = axes.length === 0 ? [{ axis: 0, count: 0 }] : spansOf(axes).reverse();
  return scope(() =>
    shaped(
      spans.reduce((y, span) => apply1(sumOp, [y], span), x),
      resultShape,
    ),
  );
}
