import { type DType, dtypeInfo, isComplex } from '../../dtype.js';
import {
  type Complex,
  constant,
  float,
  int,
  intConstant,
  intParameter,
  type LaneType,
  mask,
  type Node,
  operand,
  parameter,
} from './expression.js';

/** A value in a kernel: one expression, or two for a complex number. */
export type Value = Node | Complex<Node>;

/** How formulas treat a dtype: u8 and i32 alike are `integer`, computed in i32. */
export type Kind = 'bool' | 'integer' | 'float' | 'complex';
export const kindOf = (dtype: DType): Kind => dtypeInfo[dtype].kind;

const laneOf: Record<Kind, LaneType> = { bool: 'mask', integer: 'i32', float: 'f32', complex: 'f32' };

/** Operand `k` as it is stored. */
export const operandOf = (k: number, dtype: DType): Value =>
  isComplex(dtype)
    ? { re: operand(k, 'f32', 0), im: operand(k, 'f32', 1) }
    : operand(k, laneOf[kindOf(dtype)]);

export const isPair = (value: Value): value is Complex<Node> => 're' in value;
const realPart = (value: Value): Node => (isPair(value) ? value.re : value);

/** A value that takes the number given when the kernel runs. */
export function fillValue(dtype: DType, [re, im]: readonly [number, number]): Value {
  if (isComplex(dtype)) return { re: parameter(re), im: parameter(im) };
  if (dtype === 'bool') return isNonzero(intParameter(Number(re !== 0)));
  return kindOf(dtype) === 'integer' ? intParameter(re) : parameter(re);
}

/** Truth value of a number: everything but 0 is true, NaN too. */
export function isNonzero(value: Value): Node {
  if (isPair(value)) return mask.or(isNonzero(value.re), isNonzero(value.im));
  if (value.type === 'mask') return value;
  return mask.not(value.type === 'i32' ? int.eq(value, intConstant(0)) : float.eq(value, constant(0)));
}

const toFloat = (x: Node): Node =>
  x.type === 'f32' ? x : int.toFloat(x.type === 'mask' ? mask.toInt(x) : x);
const toInteger = (x: Node): Node =>
  x.type === 'i32' ? x : x.type === 'mask' ? mask.toInt(x) : float.toInt(x);

/**
 * A value as another kind. Floats become integers towards zero, saturating at the ends of i32, NaN as 0;
 * u8 keeps the low byte when it is stored. A complex number loses its imaginary part (callers refuse that).
 */
export function convert(value: Value, kind: Kind): Value {
  if (kind === 'complex') return isPair(value) ? value : { re: toFloat(value), im: constant(0) };
  if (kind === 'float') return toFloat(realPart(value));
  if (kind === 'integer') return toInteger(realPart(value));
  return isNonzero(value);
}
