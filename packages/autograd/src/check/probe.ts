import {
  ArgumentError,
  checkInteger,
  type Device,
  describe,
  dtypeInfo,
  sizeOf,
  type Tensor,
  type TensorType,
  tensor,
} from '@adjoint/tensor';

/** Seeded random numbers on the host: the same on every device, in double precision. */
export class Probe {
  private state: number;

  constructor(fn: string, seed: number) {
    this.state = checkInteger(fn, 'option seed', seed) | 0;
  }

  /** In (0, 1). splitmix32: Steele, Lea & Flood, OOPSLA 2014, with the 32-bit finaliser of MurmurHash3. */
  uniform(): number {
    this.state = (this.state + 0x9e3779b9) | 0;
    let z = this.state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (((z ^ (z >>> 16)) >>> 0) + 0.5) / 4294967296;
  }

  /** An integer in [0, n). */
  below(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Standard normal (Box-Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  normals(count: number): Float64Array {
    return Float64Array.from({ length: count }, () => this.normal());
  }

  /** Standard normal entries; both parts of complex ones. */
  values({ shape, dtype }: TensorType): Float64Array {
    return this.normals(sizeOf(shape) * dtypeInfo[dtype].parts);
  }
}

/** What a checked function returned: at least one tensor that can be compared. */
export function checkProbed(fn: string, results: readonly Tensor[]): readonly Tensor[] {
  if (results.length > 0) return results;
  throw new ArgumentError({
    fn,
    argument: 'the result of the function',
    expected: 'a floating or complex tensor, or several in a tree',
    got: 'none',
  });
}

export function checkName(fn: string, name: unknown): void {
  if (name !== undefined && typeof name !== 'string')
    throw new ArgumentError({ fn, argument: 'option name', expected: 'text', got: describe(name) });
}

/** Host values (complex interleaved) as a tensor. */
export const upload = (values: Float64Array, { shape, dtype }: TensorType, device: Device): Tensor =>
  tensor(values, { shape, dtype, device });

/** Values of tensors in double precision. */
export const download = (tensors: readonly Tensor[]): Promise<Float64Array[]> =>
  Promise.all(tensors.map(async (x) => Float64Array.from(await x.data())));

/** Re ⟨a, b⟩ over lists of host arrays: with complex numbers as pairs, the plain dot product. */
export function dot(a: readonly Float64Array[], b: readonly Float64Array[]): number {
  let sum = 0;
  a.forEach((values, k) => {
    for (let i = 0; i < values.length; i++) sum += values[i]! * b[k]![i]!;
  });
  return sum;
}

export const norm = (a: readonly Float64Array[]): number => Math.sqrt(dot(a, a));
