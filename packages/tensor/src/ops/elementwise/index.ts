export { leakyRelu, relu, type SoftplusOptions, sigmoid, softplus } from './activation.js';
export { add, div, mul, neg, reciprocal, square, sub } from './arithmetic.js';
export { cast } from './cast.js';
export {
  equal,
  greater,
  greaterEqual,
  isFinite,
  isNan,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  notEqual,
} from './comparison.js';
export { conj } from './conj.js';
export type { Operand } from './define.js';
export { exp, expm1, log, log1p, rsqrt, sqrt } from './exponential.js';
export { clamp, maximum, minimum } from './extremum.js';
export { type FullOptions, full, iota } from './full.js';
export { abs, abs2, angle, sign, unitPhase } from './modulus.js';
export { complex, imag, real } from './parts.js';
export { pow } from './pow.js';
export { ceil, floor, floorDivide, remainder, round, trunc } from './rounding.js';
export { where } from './select.js';
export { acos, asin, atan, atan2, cos, cosh, sin, sinh, tan, tanh } from './trigonometric.js';
