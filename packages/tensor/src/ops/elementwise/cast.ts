import { apply1, checkTensor } from '../../dispatch.js';
import { checkDType, type DType, dtypeInfo, isComplex } from '../../dtype.js';
import { DTypeError } from '../../errors.js';
import { defineOp } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { convert, kindOf, operandOf } from './convert.js';
import { elementwiseStep } from './lower.wasm.js';
import { elementwisePlan } from './lower.wgsl.js';

export interface CastAttrs {
  readonly dtype: DType;
}

const int32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };
const saturate = (x: number): number =>
  Number.isNaN(x) ? 0 : Math.min(Math.max(Math.trunc(x), int32.min), int32.max);

/** y[i] = x[i] in another dtype. */
export const castOp = defineOp<CastAttrs>({
  name: 'cast',
  strided: true,
  infer: ([x], { dtype }) => [{ shape: x!.shape, dtype }],
  expression: (_, { dtype }, [x]) => convert(x!, kindOf(dtype)),
  reference: ([x], [y], { dtype }) => {
    const [from, to] = [dtypeInfo[x!.dtype], dtypeInfo[dtype]];
    for (let i = 0; i < y!.data.length; i++) {
      const part = to.parts === 2 ? i % 2 : 0;
      const at = to.parts === 2 ? (i - part) / 2 : i;
      const value = part < from.parts ? x!.data[at * from.parts + part]! : 0;
      if (to.kind === 'bool')
        y!.data[i] = Number(value !== 0 || (from.parts === 2 && x!.data[2 * i + 1] !== 0));
      else y!.data[i] = to.kind === 'integer' ? saturate(value) : value;
    }
  },
  wasm: ({ inputs: [x], outputs: [y], attrs: { dtype } }, target) => {
    const value = convert(operandOf(0, x!.dtype), kindOf(dtype));
    const input = { dtype: x!.dtype, strides: x!.strides, address: { input: 0 } };
    const output = { dtype, strides: y!.strides, address: { output: 0 }, value };
    return { steps: [elementwiseStep(target, y!.shape, [input], [output])] };
  },
  wgsl: ({ inputs: [x], outputs: [y], attrs: { dtype } }) =>
    elementwisePlan('cast', [x!], y!, convert(operandOf(0, x!.dtype), kindOf(dtype))),
});

/**
 * y = x in another dtype. Floats become integers towards zero, saturating at the ends of i32, NaN as 0;
 * u8 keeps the low byte of that; everything but 0 becomes true. Complex becomes only complex or bool.
 *
 * @throws DTypeError for complex to real: use real, imag or abs.
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  const fn = 'cast';
  checkTensor(fn, 'argument 1', x);
  checkDType(fn, 'argument 2', dtype);
  if (isComplex(x.dtype) && !isComplex(dtype) && dtype !== 'bool')
    throw new DTypeError({
      fn,
      argument: 'argument 2',
      expected: 'complex or bool for a complex tensor',
      got: dtype,
      remedy: 'Take real(x), imag(x) or abs(x).',
    });
  return apply1(castOp, [x], { dtype });
}
