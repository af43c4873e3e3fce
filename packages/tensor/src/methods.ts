import type { TypedArray } from './dtype.js';
import { abs, abs2, add, conj, div, imag, mul, neg, real, sub } from './ops/elementwise/index.js';
import { matmul } from './ops/matmul/index.js';
import { mean, type ReduceOptions, sum } from './ops/reduce/index.js';
import { type Range, reshape, slice, transpose } from './ops/view/index.js';
import { item, type NestedArray, toArray, valuesOf } from './read.js';
import type { Complex, Scalar } from './scalar.js';
import { Tensor } from './tensor.js';

/** The common chain as methods: each is the free function of the same name with the tensor first. */
interface TensorMethods {
  add(y: Tensor | Scalar): Tensor;
  sub(y: Tensor | Scalar): Tensor;
  mul(y: Tensor | Scalar): Tensor;
  div(y: Tensor | Scalar): Tensor;
  neg(): Tensor;
  conj(): Tensor;
  abs(): Tensor;
  abs2(): Tensor;
  real(): Tensor;
  imag(): Tensor;
  sum(options?: ReduceOptions): Tensor;
  mean(options?: ReduceOptions): Tensor;
  reshape(shape: readonly number[]): Tensor;
  slice(ranges: readonly Range[]): Tensor;
  transpose(axes?: readonly number[]): Tensor;
  matmul(y: Tensor): Tensor;
  /** Values in row-major order (complex interleaved), once computed. */
  data(): Promise<TypedArray>;
  /** The value of a one-element tensor. */
  item(): Promise<number | Complex>;
  /** Values as nested arrays. */
  toArray(): Promise<NestedArray>;
}

declare module './tensor.js' {
  interface Tensor extends TensorMethods {}
}

const asMethods: { [name in keyof TensorMethods]: (x: Tensor, ...rest: never[]) => unknown } = {
  add,
  sub,
  mul,
  div,
  neg,
  conj,
  abs,
  abs2,
  real,
  imag,
  sum,
  mean,
  reshape,
  slice,
  transpose,
  matmul,
  data: (x) => valuesOf('data', x),
  item,
  toArray,
};

for (const [name, fn] of Object.entries(asMethods))
  Object.defineProperty(Tensor.prototype, name, {
    configurable: true,
    writable: true,
    value(this: Tensor, ...rest: never[]) {
      return fn(this, ...rest);
    },
  });
