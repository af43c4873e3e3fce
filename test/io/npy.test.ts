import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError, FormatError } from '../../packages/tensor/src/errors.js';
import { formatNpy, parseNpy } from '../../packages/tensor/src/io/npy.js';
import { ascii, bitsOf, hostArray, hostArrayArb, isConsistent, mutate, mutationArb } from './samples.js';

/** A file of the given header text, padded as NumPy does. */
function npy(text: string, values: number[], major = 1): Uint8Array {
  const start = major === 1 ? 10 : 12;
  const padded = `${text.padEnd(128 - start - 1)}\n`;
  const length = major === 1 ? [padded.length, 0] : [padded.length, 0, 0, 0];
  return Uint8Array.of(0x93, ...ascii('NUMPY'), major, 0, ...length, ...ascii(padded), ...values);
}

const header = (descr: string, shape: string, fortran = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;

// Files as numpy 2.4 writes them.
const floats = [
  0, 0, 0, 0, 0, 0, 0, 0x3f, 0, 0, 0x80, 0x3f, 0, 0, 0xc0, 0x3f, 0, 0, 0, 0x40, 0, 0, 0x20, 0x40,
];

describe('npy', () => {
  test('round trips every dtype bit by bit', () => {
    fc.assert(
      fc.property(hostArrayArb, (array) => {
        const bytes = formatNpy(array);
        expect(bytes.length % 64).toBe(array.data.byteLength % 64);
        expect(bitsOf(parseNpy(bytes))).toEqual(bitsOf(array));
      }),
    );
  });

  test('writes the bytes that NumPy writes', () => {
    expect(formatNpy(hostArray('f32', [2, 3], [0, 0.5, 1, 1.5, 2, 2.5]))).toEqual(
      npy(header('<f4', '(2, 3)'), floats),
    );
    expect(formatNpy(hostArray('c64', [], [1, -2]))).toEqual(
      npy(header('<c8', '()'), [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]),
    );
    expect(formatNpy(hostArray('bool', [2], [1, 0]))).toEqual(npy(header('|b1', '(2,)'), [1, 0]));
    expect(formatNpy(hostArray('u8', [0, 7], []))).toEqual(npy(header('|u1', '(0, 7)'), []));
  });

  test('reads versions 1.0 to 3.0', () => {
    for (const major of [1, 2, 3]) {
      const array = parseNpy(npy(header('<f4', '(2, 3)'), floats, major));
      expect(array).toEqual({ ...hostArray('f32', [2, 3], [0, 0.5, 1, 1.5, 2, 2.5]), fortranOrder: false });
    }
  });

  test('reads big-endian and Fortran order', () => {
    // np.asfortranarray([[1, 2, 3], [-4, 5, 6]]) as >i8.
    const columns = [1, -4, 2, 5, 3, 6].flatMap((x) =>
      x < 0 ? [255, 255, 255, 255, 255, 255, 255, 256 + x] : [0, 0, 0, 0, 0, 0, 0, x],
    );
    const array = parseNpy(npy(header('>i8', '(2, 3)', 'True'), columns));
    expect(array).toEqual({ ...hostArray('i32', [2, 3], [1, 2, 3, -4, 5, 6]), fortranOrder: true });
    // Byte order turns round within each part of a complex number, not across both.
    const complex = parseNpy(npy(header('>c8', '(1, 1)', 'True'), [0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0]));
    expect(Array.from(complex.data)).toEqual([1, -2]);
    const cube = parseNpy(npy(header('|u1', '(2, 2, 3)', 'True'), [0, 6, 3, 9, 1, 7, 4, 10, 2, 8, 5, 11]));
    expect(Array.from(cube.data)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  test('widens or narrows other numbers only without loss', () => {
    const read = (descr: string, count: number, values: number[]) =>
      parseNpy(npy(header(descr, `(${count},)`), values));
    const halves = read('<f2', 6, [0, 0x3e, 0, 0xc0, 0xff, 0x7b, 1, 0, 0, 0x7c, 0x66, 0x2e]);
    expect(Array.from(halves.data)).toEqual([
      1.5,
      -2,
      65504,
      2 ** -24,
      Number.POSITIVE_INFINITY,
      0.0999755859375,
    ]);
    expect(Array.from(read('|i1', 2, [255, 127]).data)).toEqual([-1, 127]);
    expect(Array.from(read('<i2', 1, [0xfe, 0xff]).data)).toEqual([-2]);
    expect(Array.from(read('<u2', 1, [0xfe, 0xff]).data)).toEqual([65534]);
    expect(Array.from(read('<u4', 1, [255, 255, 255, 127]).data)).toEqual([2147483647]);
    expect(Array.from(read('<u8', 1, [7, 0, 0, 0, 0, 0, 0, 0]).data)).toEqual([7]);
    expect(() => read('<u4', 1, [0, 0, 0, 128])).toThrow(
      'parseNpy: the values must be integers that fit into 32 bits with sign; got 2147483648 at element 0.',
    );
    expect(() => read('<i8', 1, [0, 0, 0, 0, 1, 0, 0, 0])).toThrow('got 4294967296');
    expect(() => read('<u8', 1, new Array(8).fill(255))).toThrow('got 18446744073709551615');
    expect(() => read('|b1', 2, [1, 2])).toThrow('got byte 2 at element 1');
  });

  test.each([
    ["{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", 'objects, strings and records are not read'],
    ["{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", 'a quoted string'],
    ["{'descr': '<U4', 'fortran_order': False, 'shape': (1,), }", 'descr'],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (1), }", "',' in a tuple of one"],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", 'an integer >= 0'],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (1.0,), }", "'"],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': 1, }", 'a quoted string'],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (9007199254740991, 3), }", 'below 2^53'],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", 'an integer'],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000,), }", '4000000000 bytes of values'],
    ["{'descr': '<f4', 'fortran_order': 0, 'shape': (1,), }", 'a quoted string'],
    ["{'descr': '<f4', 'fortran_order': 'False', 'shape': (1,), }", 'True or False'],
    ["{'descr': '<f4', 'fortran_order': False, }", 'shape must be a tuple'],
    ["{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", 'each once'],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': True}", 'each once'],
    ["{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } + exit()", 'the end of the header'],
    ["{'descr': '\\x3cf4', 'fortran_order': False, 'shape': (1,), }", 'without escapes'],
    ['', "'{'"],
  ])('refuses the header %s', (text, message) => {
    expect(() => parseNpy(npy(text, [0, 0, 0, 0]))).toThrow(FormatError);
    expect(() => parseNpy(npy(text, [0, 0, 0, 0]))).toThrow(message);
  });

  test('refuses other files', () => {
    expect(() => parseNpy(new Uint8Array(0))).toThrow(
      'parseNpy: bytes must be an npy file, starting with \\x93NUMPY; got 0 bytes that do not.',
    );
    expect(() => parseNpy(npy(header('<f4', '(1,)'), [0, 0, 0, 0], 4))).toThrow('version');
    const whole = npy(header('<f4', '(1,)'), [0, 0, 0, 0]);
    expect(() => parseNpy(whole.subarray(0, 131))).toThrow(
      '4 bytes of values for float32 of shape [1]; got 3',
    );
    expect(() => parseNpy(whole.subarray(0, 60))).toThrow('as it declares');
    expect(() => parseNpy(Uint8Array.of(0x93, ...ascii('NUMPY'), 2, 0, 255, 255, 255, 255))).toThrow(
      'at most 65536 bytes',
    );
    expect(() => formatNpy({ dtype: 'f32', shape: [3], data: new Float32Array(2) })).toThrow(ArgumentError);
    expect(() => formatNpy({ dtype: 'f64', shape: [2], data: new Float32Array(2) })).toThrow(ArgumentError);
    expect(() => formatNpy({ dtype: 'u8', shape: new Array(65).fill(1), data: new Uint8Array(1) })).toThrow(
      'at most 64 axes',
    );
  });

  test('damaged files are refused or read as something whole', () => {
    let refused = 0;
    fc.assert(
      fc.property(hostArrayArb, fc.array(mutationArb, { minLength: 1, maxLength: 4 }), (array, mutations) => {
        const bytes = formatNpy(array);
        // Half of the damage goes to the header's meaningful part.
        const damaged = mutate(
          bytes,
          mutations.map((m, k) => (k % 2 ? m : { ...m, at: m.at % 75 })),
        );
        try {
          expect(isConsistent(parseNpy(damaged))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
          refused++;
        }
      }),
      { numRuns: 1000 },
    );
    expect(refused).toBeGreaterThan(300);
  });
});
