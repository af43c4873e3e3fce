import { checkInteger, checkOptions } from '../../check.js';
import type { Device } from '../../device.js';
import { apply1 } from '../../dispatch.js';
import { checkDType, type DType, dtypeInfo, isComplex } from '../../dtype.js';
import { DTypeError } from '../../errors.js';
import { defineOp } from '../../op.js';
import { deviceOption } from '../../runtime.js';
import { type Scalar, scalarParts } from '../../scalar.js';
import { checkShape, type Shape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { attrsKey } from './attrsKey.js';
import { fillValue } from './convert.js';
import { fillStep } from './copy.js';
import { linearIndex } from './expression.js';
import { elementwiseStep } from './lower.wasm.js';
import { elementwisePlan } from './lower.wgsl.js';

export interface FullAttrs {
  readonly shape: Shape;
  readonly dtype: DType;
  /** Real and imaginary part. */
  readonly value: readonly [number, number];
}

/** y[i] = value. */
export const fullOp = defineOp<FullAttrs>({
  name: 'full',
  key: attrsKey,
  infer: (_, { shape, dtype }) => [{ shape, dtype }],
  expression: (_, { dtype, value }) => fillValue(dtype, value),
  reference: (_, [y], { value }) => {
    const { parts } = dtypeInfo[y!.dtype];
    for (let i = 0; i < y!.data.length; i++) y!.data[i] = value[i % parts]!;
  },
  wasm: ({ outputs: [y], attrs }, target) => ({
    steps: [fillStep(target, y!.dtype, y!, attrs.value, { output: 0 })],
  }),
  wgsl: ({ outputs: [y], attrs }) => elementwisePlan('full', [], y!, fillValue(y!.dtype, attrs.value)),
});

/** y[i] = i. */
export const iotaOp = defineOp<{ readonly count: number }>({
  name: 'iota',
  infer: (_, { count }) => [{ shape: [count], dtype: 'i32' }],
  reference: (_, [y]) => {
    for (let i = 0; i < y!.data.length; i++) y!.data[i] = i;
  },
  wasm: ({ outputs: [y] }, target) => {
    const output = { dtype: y!.dtype, strides: y!.strides, address: { output: 0 }, value: linearIndex };
    return { steps: [elementwiseStep(target, y!.shape, [], [output])] };
  },
  wgsl: ({ outputs: [y] }) => elementwisePlan('iota', [], y!, linearIndex),
});

export interface FullOptions {
  /** Default: f32, bool for a boolean, c64 for `{ re, im }`. */
  readonly dtype?: DType;
  /** Default: the current device. */
  readonly device?: Device;
}

const naturalDType = (value: Scalar): DType =>
  typeof value === 'boolean' ? 'bool' : typeof value === 'object' ? 'c64' : 'f32';

/**
 * A tensor whose elements all have one value.
 *
 * @throws ShapeError for a bad shape, DTypeError for a complex value in a real dtype.
 * @example full([2, 3], 0.5)
 * @example full([4], { re: 0, im: 1 })   // c64
 */
export const full = (shape: Shape, value: Scalar, options: FullOptions = {}): Tensor =>
  filled('full', shape, value, options);

/** `full` on behalf of another function. @internal */
export function filled(fn: string, shape: Shape, value: Scalar, options: FullOptions): Tensor {
  checkOptions(fn, options, ['dtype', 'device']);
  const device = deviceOption(fn, options.device);
  const dims = checkShape(fn, 'shape', shape);
  const [re, im] = scalarParts(fn, 'value', value);
  const dtype =
    options.dtype === undefined ? naturalDType(value) : checkDType(fn, 'option dtype', options.dtype);
  if (im !== 0 && !isComplex(dtype))
    throw new DTypeError({
      fn,
      argument: 'option dtype',
      expected: 'complex for a complex value',
      got: dtype,
    });
  const stored = dtype === 'bool' ? Number(re !== 0) : re;
  device.admit(fn, { shape: dims, dtype });
  return apply1(fullOp, [], { shape: dims, dtype, value: [stored, im] }, device);
}

/** The integers 0 … count − 1, i32 [count]. */
export function iota(count: number, options: Pick<FullOptions, 'device'> = {}): Tensor {
  checkInteger('iota', 'count', count, { min: 0, max: 2 ** 31 - 1 });
  checkOptions('iota', options, ['device']);
  return apply1(iotaOp, [], { count }, deviceOption('iota', options.device));
}
