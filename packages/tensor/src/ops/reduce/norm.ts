import { checkTensor } from '../../dispatch.js';
import { type DType, dtypeInfo, realOf } from '../../dtype.js';
import { ArgumentError, DTypeError, describe } from '../../errors.js';
import { defineOp } from '../../op.js';
import { scope } from '../../scope.js';
import type { Tensor } from '../../tensor.js';
import { abs } from '../elementwise/index.js';
import { checkReduction, type ReduceOptions } from './axes.js';
import { max, reduceWith } from './extremum.js';
import { normReference } from './norm.reference.js';
import { normWasm } from './norm.wasm.js';
import { normWgsl } from './norm.wgsl.js';
import { type Span, withoutSpan } from './span.js';
import { fusesLoad } from './staging.wasm.js';
import { sum } from './sum.js';

/** y[o, i] = (Σ_k |x[o, k, i]|²)^½, real. */
export const normOp = defineOp<Span>({
  name: 'norm',
  infer: ([x], span) => [{ shape: withoutSpan(x!.shape, span), dtype: realOf(x!.dtype) }],
  reference: normReference,
  fuses: fusesLoad,
  wasm: normWasm,
  wgsl: normWgsl,
});

export interface VectorNormOptions extends ReduceOptions {
  /** 2 (default): root of the sum of squares. 1: sum of moduli. Infinity: largest modulus. */
  readonly ord?: 1 | 2 | number;
}

/**
 * Vector norm over axes: ‖x‖₂ = (Σ|x|²)^½, ‖x‖₁ = Σ|x|, ‖x‖_∞ = max|x|. f32 or c64, result f32. Squares
 * are formed in double precision and so cannot overflow. The gradient of ‖x‖₂ is ȳ x/‖x‖₂, and 0 where
 * the norm is 0 (a subgradient, never NaN).
 *
 * @throws DTypeError for integers and bool, ArgumentError for another `ord`, ShapeError for the largest
 * modulus of nothing, AxisError.
 */
export function norm(x: Tensor, options: VectorNormOptions = {}): Tensor {
  checkTensor('norm', 'the argument', x);
  const { axes } = checkReduction('norm', x.shape, options, ['axes', 'keepDims', 'ord']);
  const { ord = 2, keepDims = false } = options;
  checkFloat('norm', x.dtype);
  if (ord === 2) return reduceWith('norm', normOp, x, { axes, keepDims });
  if (ord === 1) return scope(() => sum(abs(x), { axes, keepDims }));
  if (ord === Infinity) return scope(() => max(abs(x), { axes, keepDims }));
  throw new ArgumentError({
    fn: 'norm',
    argument: 'option ord',
    expected: '1, 2 or Infinity',
    got: describe(ord),
  });
}

/** Refuses dtypes without fractions. */
export function checkFloat(fn: string, dtype: DType): void {
  const { kind } = dtypeInfo[dtype];
  if (kind !== 'float' && kind !== 'complex')
    throw new DTypeError({
      fn,
      argument: 'the argument',
      expected: 'f32 or c64',
      got: dtype,
      remedy: "Use cast(x, 'f32').",
    });
}
