import type { DType } from '@adjoint/tensor';
import { GoldenError, type Stored } from './h5.js';

/** `max`: max|a − b| / max|b|. `l2`: ‖a − b‖ / ‖b‖. Complex entries by their modulus. */
export type Measure = 'max' | 'l2';

const parts = (dtype: DType): number => (dtype === 'c64' || dtype === 'c128' ? 2 : 1);
const isWhole = (dtype: DType): boolean => dtype === 'i32' || dtype === 'u8' || dtype === 'bool';

/** Relative error of `got`; where the expected values are all 0, the absolute one. Infinity for misplaced NaN. */
export function errorOf(got: Stored, expected: Stored, measure: Measure): number {
  requireSameType(got, expected);
  const step = parts(expected.dtype);
  const [difference, size] = [new Norm(measure), new Norm(measure)];
  for (let i = 0; i < expected.data.length; i += step) {
    difference.add(distance(got, expected, i, step));
    size.add(modulus(expected, i, step));
  }
  const scale = size.value;
  return Number.isFinite(scale) && scale > 0 ? difference.value / scale : difference.value;
}

function requireSameType(got: Stored, expected: Stored): void {
  const kind = (dtype: DType) => (parts(dtype) === 2 ? 'complex' : isWhole(dtype) ? 'integer' : 'real');
  if (got.shape.join() !== expected.shape.join())
    throw new GoldenError(`has shape [${got.shape}], expected [${expected.shape}]`);
  if (kind(got.dtype) !== kind(expected.dtype))
    throw new GoldenError(
      `is ${kind(got.dtype)} (${got.dtype}), expected ${kind(expected.dtype)} (${expected.dtype})`,
    );
}

const modulus = ({ data }: Stored, i: number, step: number): number =>
  step === 1 ? Math.abs(data[i]!) : Math.hypot(data[i]!, data[i + 1]!);

function distance(got: Stored, expected: Stored, i: number, step: number): number {
  let sum = 0;
  for (let k = i; k < i + step; k++) {
    const [a, b] = [got.data[k]!, expected.data[k]!];
    if (Object.is(a, b)) continue;
    const part = a - b;
    if (!Number.isFinite(part)) return Infinity;
    sum += part * part;
  }
  return Math.sqrt(sum);
}

class Norm {
  private sum = 0;
  constructor(private readonly measure: Measure) {}

  add(value: number): void {
    if (this.measure === 'l2') this.sum += value * value;
    else if (!(value <= this.sum)) this.sum = value;
  }

  get value(): number {
    return this.measure === 'l2' ? Math.sqrt(this.sum) : this.sum;
  }
}
