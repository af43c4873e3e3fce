import { checkChoice, checkInteger, checkNumber, checkOptions } from '../../check.js';
import { scope } from '../../scope.js';
import { checkShape, type Shape, sizeOf } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { add, mul } from '../elementwise/arithmetic.js';
import { cast } from '../elementwise/cast.js';
import { less } from '../elementwise/comparison.js';
import { call, type ElementwiseOp } from '../elementwise/define.js';
import { iota } from '../elementwise/full.js';
import { argsort } from '../sort/index.js';
import { reshape } from '../view/index.js';
import { bitsRow, complexNormalRow, integerRow, normalRow, purpose, uniformRow } from './distributions.js';
import { checkKey, type Key, keyWords } from './key.js';

/** One value per element, each from the block of its row-major index. */
function draw<A>(fn: string, row: ElementwiseOp<A>, key: Key, shape: Shape, attrs: A): Tensor {
  const dims = checkShape(fn, 'shape', shape);
  return scope(() => {
    const [k0, k1] = keyWords(fn, key);
    const counters = reshape(iota(sizeOf(dims), { device: key.device }), dims);
    return call(row, [k0, k1, counters], attrs);
  });
}

/** 32 random bits per element, i32. The same on every device. */
export function randomBits(key: Key, shape: Shape): Tensor {
  const dims = checkShape('randomBits', 'shape', shape);
  return scope(() => {
    const [k0, k1] = keyWords('randomBits', key);
    const counters = reshape(iota(sizeOf(dims), { device: key.device }), dims);
    return call(bitsRow, [k0, k1, counters, purpose.bits, 0], undefined);
  });
}

export interface UniformOptions {
  /** Default 0. */
  readonly low?: number;
  /** Default 1. */
  readonly high?: number;
  /** f32 (default), or f64 on the reference device: then the same 24 bits. */
  readonly dtype?: 'f32' | 'f64';
}

/**
 * Uniform numbers in [low, high): multiples of 2⁻²⁴, scaled. The same bits on every device for the default range.
 * @throws ArgumentError unless low <= high, both finite.
 */
export function uniform(key: Key, shape: Shape, options: UniformOptions = {}): Tensor {
  const fn = 'uniform';
  const { low = 0, high = 1, dtype = 'f32' } = checkOptions(fn, options, ['low', 'high', 'dtype']);
  checkNumber(fn, 'option low', low);
  checkNumber(fn, 'option high', high, { min: low });
  checkChoice(fn, 'option dtype', dtype, ['f32', 'f64']);
  return scope(() => {
    const unit = draw(fn, uniformRow, key, shape, undefined);
    const wide = dtype === 'f32' ? unit : cast(unit, dtype);
    const scaled = high - low === 1 ? wide : mul(wide, high - low);
    return low === 0 ? scaled : add(scaled, low);
  });
}

export interface NormalOptions {
  /** f32 (default), or f64 on the reference device. */
  readonly dtype?: 'f32' | 'f64';
}

/** Standard normal numbers: mean 0, variance 1, |x| < 5.8. Devices agree to 1e-6. */
export function normal(key: Key, shape: Shape, options: NormalOptions = {}): Tensor {
  const { dtype = 'f32' } = checkOptions('normal', options, ['dtype']);
  checkChoice('normal', 'option dtype', dtype, ['f32', 'f64']);
  return scope(() => {
    const x = draw('normal', normalRow, key, shape, undefined);
    return dtype === 'f32' ? x : cast(x, dtype);
  });
}

export interface ComplexNormalOptions {
  /** c64 (default), or c128 on the reference device. */
  readonly dtype?: 'c64' | 'c128';
}

/**
 * Circular complex normal numbers with E|z|² = 1: real and imaginary part independent with variance 1/2 each,
 * as torch.randn for complex dtypes. Scale by √2 for unit variance per part.
 */
export function complexNormal(key: Key, shape: Shape, options: ComplexNormalOptions = {}): Tensor {
  const { dtype = 'c64' } = checkOptions('complexNormal', options, ['dtype']);
  checkChoice('complexNormal', 'option dtype', dtype, ['c64', 'c128']);
  return scope(() => {
    const x = draw('complexNormal', complexNormalRow, key, shape, undefined);
    return dtype === 'c64' ? x : cast(x, dtype);
  });
}

/**
 * Uniform integers in [low, high), i32. Probabilities differ by less than 2⁻³² from equal.
 * @throws ArgumentError unless low < high are 32-bit integers less than 2³¹ apart.
 */
export function randint(key: Key, shape: Shape, low: number, high: number): Tensor {
  const fn = 'randint';
  checkInteger(fn, 'low', low, { min: -(2 ** 31), max: 2 ** 31 - 1 });
  checkInteger(fn, 'high', high, { min: low + 1, max: Math.min(2 ** 31, low + 2 ** 31 - 1) });
  return draw(fn, integerRow, key, shape, { low, span: high - low });
}

/**
 * True with probability p, bool.
 * @throws ArgumentError unless 0 <= p <= 1.
 */
export function bernoulli(key: Key, shape: Shape, p = 0.5): Tensor {
  checkNumber('bernoulli', 'p', p, { min: 0, max: 1 });
  return scope(() => less(draw('bernoulli', uniformRow, key, shape, undefined), p));
}

/** The integers 0 … count − 1 in random order, i32 [count]. */
export function permutation(key: Key, count: number): Tensor {
  checkInteger('permutation', 'count', count, { min: 0, max: 2 ** 31 - 1 });
  checkKey('permutation', key);
  return scope(() => argsort(randomBits(key, [count])));
}
