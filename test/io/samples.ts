import fc from 'fast-check';
import { type DType, dtypeInfo } from '../../packages/tensor/src/dtype.js';
import type { HostArray } from '../../packages/tensor/src/io/hostArray.js';

const dtypeArb = fc.constantFrom<DType>('f32', 'f64', 'c64', 'c128', 'i32', 'u8', 'bool');

/** Arrays of every dtype, rank 0 to 4, sizes with 0 and 1; any bit pattern, NaN included. */
export const hostArrayArb: fc.Arbitrary<HostArray> = fc
  .tuple(dtypeArb, fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }))
  .chain(([dtype, shape]) => {
    const { parts, array } = dtypeInfo[dtype];
    const length = shape.reduce((product, n) => product * n, parts as number);
    const bytes = length * array.prototype.BYTES_PER_ELEMENT;
    return fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((raw) => {
      const data = new array(Uint8Array.from(raw).buffer);
      return { dtype, shape, data: dtype === 'bool' ? data.map((x) => x & 1) : data };
    });
  });

/** What equality means for values: the same bits. */
export const bitsOf = ({ dtype, shape, data }: HostArray) => ({
  dtype,
  shape,
  bytes: Array.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
});

/** An array of any dtype from plain numbers. */
export const hostArray = (dtype: DType, shape: number[], values: number[]): HostArray => {
  const data = new dtypeInfo[dtype].array(
    new ArrayBuffer(values.length * dtypeInfo[dtype].array.prototype.BYTES_PER_ELEMENT),
  );
  data.set(values);
  return { dtype, shape, data };
};

export const ascii = (text: string): number[] => Array.from(text, (c) => c.charCodeAt(0));
export const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

/** A place in a file and what happens to it. */
export const mutationArb = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) }),
  fc.record({
    kind: fc.constant('flip' as const),
    at: fc.nat(),
    byte: fc.constantFrom(1, 2, 4, 8, 16, 32, 64, 128),
  }),
  fc.record({ kind: fc.constant('delete' as const), at: fc.nat(), byte: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ kind: fc.constant('double' as const), at: fc.nat(), byte: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat(), byte: fc.constant(0) }),
);

export function mutate(
  bytes: Uint8Array,
  mutations: readonly { kind: 'set' | 'flip' | 'delete' | 'double' | 'cut'; at: number; byte: number }[],
): Uint8Array {
  let result = Array.from(bytes);
  for (const { kind, at, byte } of mutations) {
    const place = result.length ? at % result.length : 0;
    if (kind === 'set') result[place] = byte;
    else if (kind === 'flip') result[place] ^= byte;
    else if (kind === 'delete') result.splice(place, byte);
    else if (kind === 'double') result.splice(place, 0, ...result.slice(place, place + byte));
    else result = result.slice(0, place);
  }
  return Uint8Array.from(result);
}

/** Whether an array is what its shape and dtype say. */
export const isConsistent = ({ dtype, shape, data }: HostArray): boolean =>
  data instanceof dtypeInfo[dtype].array &&
  shape.every((n) => Number.isSafeInteger(n) && n >= 0) &&
  data.length === shape.reduce((product, n) => product * n, dtypeInfo[dtype].parts as number);
