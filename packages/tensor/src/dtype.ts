import { DTypeError, describe } from './errors.js';

/**
 * Element types. c64 is two f32 interleaved `[re, im]`, c128 two f64. `f64` and `c128` exist on the
 * reference device only: no portable GPU has them.
 */
export type DType = 'f32' | 'c64' | 'i32' | 'u8' | 'bool' | 'f64' | 'c128';
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array;

interface DTypeInfo {
  /** Bytes of one element. */
  readonly bytes: number;
  /** Array entries of one element: 2 for complex. */
  readonly parts: 1 | 2;
  readonly array: new (buffer: ArrayBufferLike, offset?: number, length?: number) => TypedArray;
  readonly kind: 'bool' | 'integer' | 'float' | 'complex';
}

const table: Record<DType, DTypeInfo> = {
  bool: { bytes: 1, parts: 1, array: Uint8Array, kind: 'bool' },
  u8: { bytes: 1, parts: 1, array: Uint8Array, kind: 'integer' },
  i32: { bytes: 4, parts: 1, array: Int32Array, kind: 'integer' },
  f32: { bytes: 4, parts: 1, array: Float32Array, kind: 'float' },
  f64: { bytes: 8, parts: 1, array: Float64Array, kind: 'float' },
  c64: { bytes: 8, parts: 2, array: Float32Array, kind: 'complex' },
  c128: { bytes: 16, parts: 2, array: Float64Array, kind: 'complex' },
};

/** Facts about the dtypes, by name; without prototype, so that no other name is found. */
export const dtypeInfo: Readonly<Record<DType, DTypeInfo>> = Object.assign(Object.create(null), table);

export const allDTypes = Object.keys(dtypeInfo) as DType[];

const kindOf = (fn: string, dtype: DType): DTypeInfo['kind'] =>
  dtypeInfo[checkDType(fn, 'the dtype', dtype)].kind;

export const isComplex = (dtype: DType): boolean => kindOf('isComplex', dtype) === 'complex';
/** Floating or complex: the dtypes that carry gradients. */
export const isDifferentiable = (dtype: DType): boolean =>
  ['float', 'complex'].includes(kindOf('isDifferentiable', dtype));
export const isDouble = (dtype: DType): boolean =>
  doubles.includes(checkDType('isDouble', 'the dtype', dtype));
const doubles: readonly DType[] = ['f64', 'c128'];

/** Real dtype of the same precision: c64 → f32, c128 → f64. */
export function realOf(dtype: DType): DType {
  checkDType('realOf', 'the dtype', dtype);
  return dtype === 'c64' ? 'f32' : dtype === 'c128' ? 'f64' : dtype;
}

/** Complex dtype of the same precision; integers and bool become c64. */
export const complexOf = (dtype: DType): DType =>
  doubles.includes(checkDType('complexOf', 'the dtype', dtype)) ? 'c128' : 'c64';

const rank: Record<DTypeInfo['kind'], number> = { bool: 0, integer: 1, float: 2, complex: 3 };

/**
 * Result dtype of mixed operands: bool < u8 < i32 < float < complex, double precision if any float
 * operand has it. i32 with f32 gives f32; f32 with c64 gives c64.
 */
export function promote(a: DType, b: DType): DType {
  if (a === b) return a;
  for (const dtype of [a, b]) checkDType('promote', 'the dtype', dtype);
  const [low, high] = rank[dtypeInfo[a].kind] <= rank[dtypeInfo[b].kind] ? [a, b] : [b, a];
  const kind = dtypeInfo[high].kind;
  if (kind === 'bool') return 'bool';
  if (kind === 'integer') return dtypeInfo[low].kind === 'bool' ? high : 'i32';
  const double = isDouble(a) || isDouble(b);
  return kind === 'complex' ? (double ? 'c128' : 'c64') : double ? 'f64' : 'f32';
}

/** The dtype that a weak JavaScript number takes beside `dtype`: it never widens a float. */
export function weakPromote(dtype: DType, value: number | { re: number; im: number }): DType {
  if (typeof value === 'object') return complexOf(dtype);
  const { kind } = dtypeInfo[dtype];
  if (kind === 'float' || kind === 'complex') return dtype;
  if (!Number.isInteger(value)) return 'f32';
  return kind === 'bool' || (dtype === 'u8' && (value < 0 || value > 255)) ? 'i32' : dtype;
}

export function checkDType(fn: string, argument: string, dtype: unknown): DType {
  if (typeof dtype !== 'string' || !(dtype in dtypeInfo))
    throw new DTypeError({ fn, argument, expected: `one of ${allDTypes.join(', ')}`, got: describe(dtype) });
  return dtype as DType;
}
