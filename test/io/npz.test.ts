import fc from 'fast-check';
import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { ArgumentError, FormatError } from '../../packages/tensor/src/errors.js';
import { formatNpy } from '../../packages/tensor/src/io/npy.js';
import { formatNpz, parseNpz } from '../../packages/tensor/src/io/npz.js';
import { crc32, readZip } from '../../packages/tensor/src/io/zip.js';
import {
  ascii,
  bitsOf,
  fromBase64,
  hostArray,
  hostArrayArb,
  isConsistent,
  mutate,
  mutationArb,
} from './samples.js';

// np.savez(f, a=np.array([1, 2], 'i4'), b=np.array(3.5)), numpy 2.4.
const STORED =
  'UEsDBC0AAAAAAAAAIQAL+aot//////////8FABQAYS5ucHkBABAAiAAAAAAAAACIAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxpNCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgyLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAQAAAAIAAABQSwMELQAAAAAAAAAhAD0+41v//////////wUAFABiLm5weQEAEACIAAAAAAAAAIgAAAAAAAAAk05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAMQFBLAQItAy0AAAAAAAAAIQAL+aotiAAAAIgAAAAFAAAAAAAAAAAAAACAAQAAAABhLm5weVBLAQItAy0AAAAAAAAAIQA9PuNbiAAAAIgAAAAFAAAAAAAAAAAAAACAAb8AAABiLm5weVBLBQYAAAAAAgACAGYAAAB+AQAAAAA=';
// np.savez_compressed(f, a=np.array([1, 2], 'i4'), z=np.zeros((100, 100), 'c8')).
const DEFLATED =
  'UEsDBC0AAAAIAAAAIQAL+aot//////////8FABQAYS5ucHkBABAAiAAAAAAAAABLAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TaaKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6mjoKtQoUAC5GBgYGJiAGAFBLAwQtAAAACAAAACEAUetahf//////////BQAUAHoubnB5AQAQAAA5AQAAAAAAsgAAAAAAAADtyKEKwlAAheFZfYrbrsLCbCJmm8NiMMnYrhjEyZ1YxKfwhZ3dZP6+cOD873q/3R0mxaN4xi4NbY6rENftMpYhnvp8z8312OcuffumuQxp7MO5uaXxzxZVVYZx5mV4hb9MCwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+OEDUEsBAi0DLQAAAAgAAAAhAAv5qi1LAAAAiAAAAAUAAAAAAAAAAAAAAIABAAAAAGEubnB5UEsBAi0DLQAAAAgAAAAhAFHrWoWyAAAAADkBAAUAAAAAAAAAAAAAAIABggAAAHoubnB5UEsFBgAAAAACAAIAZgAAAGsBAAAAAA==';

const namesArb = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme-ascii' });

describe('npz', () => {
  test('round trips, compressed or not', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(namesArb, { maxLength: 4 }),
        fc.array(hostArrayArb, { minLength: 4, maxLength: 4 }),
        fc.boolean(),
        (names, arrays, compress) => {
          // 'a' and 'a.npy' would be one name.
          fc.pre(names.every((name) => !name.endsWith('.npy')));
          const file = formatNpz(
            names.map((name, k) => [name, arrays[k]] as const),
            { compress },
          );
          const parsed = parseNpz(file);
          expect([...parsed.keys()].sort()).toEqual([...names].sort());
          names.forEach((name, k) => {
            expect(bitsOf(parsed.get(name)!)).toEqual(bitsOf(arrays[k]));
          });
        },
      ),
    );
  });

  test('the same arrays give the same bytes', () => {
    const array = hostArray('i32', [2], [1, 2]);
    expect(formatNpz([['a', array]])).toEqual(formatNpz(new Map([['a', array]])));
  });

  test('large arrays pass through the streaming reader whole', () => {
    const big = {
      dtype: 'i32' as const,
      shape: [1 << 20],
      data: Int32Array.from({ length: 1 << 20 }, (_, k) => (k * k) % 1009),
    };
    const data = parseNpz(formatNpz([['big', big]])).get('big')!.data as Int32Array;
    expect(data.length).toBe(big.data.length);
    expect(data.every((value, k) => value === big.data[k])).toBe(true);
  });

  test('reads what NumPy writes', () => {
    const stored = parseNpz(fromBase64(STORED));
    expect(bitsOf(stored.get('a')!)).toEqual(bitsOf(hostArray('i32', [2], [1, 2])));
    expect(bitsOf(stored.get('b')!)).toEqual(bitsOf(hostArray('f64', [], [3.5])));
    const deflated = parseNpz(fromBase64(DEFLATED));
    expect(bitsOf(deflated.get('a')!)).toEqual(bitsOf(hostArray('i32', [2], [1, 2])));
    expect(deflated.get('z')).toMatchObject({ dtype: 'c64', shape: [100, 100] });
    expect(deflated.get('z')?.data.every((x) => x === 0)).toBe(true);
  });

  test('reads chosen names past members it cannot read', () => {
    const file = zipSync({ 'a.npy': formatNpy(hostArray('u8', [1], [7])), 'notes.txt': Uint8Array.of(1) });
    expect(() => parseNpz(file)).toThrow('array "notes.txt" must be an npy file');
    expect([...parseNpz(file, { names: ['a'] }).keys()]).toEqual(['a']);
    expect(() => parseNpz(file, { names: ['b'] })).toThrow(
      'parseNpz: names must be among a, notes.txt; got "b".',
    );
  });

  test('refuses bombs before it allocates', () => {
    // Zeros beyond what the npy header says.
    const padded = new Uint8Array(10_000_000);
    padded.set(formatNpy(hostArray('f32', [2], [1, 2])));
    expect(() => parseNpz(zipSync({ 'a.npy': padded }))).toThrow(
      'must be 136 bytes, from its shape; got a declared size of 10000000',
    );
    const honest = zipSync({
      'a.npy': formatNpy({ dtype: 'u8', shape: [10_000_000], data: new Uint8Array(10_000_000) }),
    });
    expect(() => parseNpz(honest, { maxBytes: 1_000_000 })).toThrow('Raise maxBytes');
    // A false declared size, larger and smaller.
    const at = readEntryAt(honest);
    const view = new DataView(honest.buffer);
    for (const [size, message] of [
      [4e9, 'at most 1032 times'],
      [10_000_129, 'a declared size'],
      [200, 'as declared'],
      [0, 'as declared'],
    ] as const) {
      view.setUint32(at + 24, size, true);
      expect(() => parseNpz(honest, { maxBytes: 2 ** 33 })).toThrow(message);
    }
  });

  test('refuses archives that are not plain', () => {
    const file = formatNpz([['a', hostArray('u8', [1], [7])]], { compress: false });
    const at = readEntryAt(file);
    const change = (offset: number, byte: number) => {
      const copy = file.slice();
      copy[offset] = byte;
      return copy;
    };
    expect(() => parseNpz(change(at + 8, 1))).toThrow('unencrypted');
    expect(() => parseNpz(change(at + 10, 12))).toThrow('compression method 12');
    expect(() => parseNpz(change(at + 16, file[at + 16] ^ 1))).toThrow('as its checksum says');
    expect(() => parseNpz(change(30, 98))).toThrow('named alike');
    expect(() => parseNpz(file.subarray(0, file.length - 1))).toThrow('without its end record');
    expect(() => parseNpz(new Uint8Array(0))).toThrow(FormatError);
    expect(parseNpz(formatNpz([])).size).toBe(0);
  });

  test('refuses members that overlap or repeat a name', () => {
    const a = hostArray('u8', [1], [7]);
    const file = formatNpz(
      [
        ['a', a],
        ['b', a],
      ],
      { compress: false },
    );
    const first = readEntryAt(file);
    const second = readEntryAt(file, first + 1);
    const overlapping = file.slice();
    // The second entry points at the first member, whose name it takes on.
    new DataView(overlapping.buffer).setUint32(second + 42, 0, true);
    overlapping[second + 46] = 97;
    expect(() => parseNpz(overlapping)).toThrow(/overlap|repeated/);
    const repeated = file.slice();
    repeated[second + 46] = 97;
    repeated[new DataView(file.buffer).getUint32(second + 42, true) + 30] = 97;
    expect(() => parseNpz(repeated)).toThrow('a repeated name');
  });

  test('refuses names that cannot be written', () => {
    const a = hostArray('u8', [1], [7]);
    for (const name of ['', 'a\u0000']) expect(() => formatNpz([[name, a]])).toThrow(ArgumentError);
    expect(() =>
      formatNpz([
        ['a', a],
        ['a', a],
      ]),
    ).toThrow('distinct');
  });

  test('damaged files are refused or read as something whole', () => {
    const arrays = [
      ['a', hostArray('f32', [3, 5], new Array(15).fill(0.25))],
      ['b', hostArray('c64', [], [1, 2])],
    ] as const;
    const files = [
      formatNpz(arrays),
      formatNpz(arrays, { compress: false }),
      fromBase64(STORED),
      fromBase64(DEFLATED),
    ];
    let refused = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(mutationArb, { minLength: 1, maxLength: 3 }),
        (file, mutations) => {
          try {
            for (const array of parseNpz(mutate(file, mutations), { maxBytes: 1e8 }).values())
              expect(isConsistent(array)).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError);
            refused++;
          }
        },
      ),
      { numRuns: 1500 },
    );
    expect(refused).toBeGreaterThan(500);
  });

  test('damaged compressed data is refused, or was padding', () => {
    const data = Uint8Array.from({ length: 500 }, (_, k) => (k * k) % 251);
    const file = formatNpz([['a', { dtype: 'u8', shape: [500], data }]]);
    const { stored } = readZip(file)[0];
    const offset = stored.byteOffset - file.byteOffset;
    fc.assert(
      fc.property(fc.nat(stored.length - 1), fc.integer({ min: 1, max: 255 }), (at, byte) => {
        const copy = file.slice();
        copy[offset + at] ^= byte;
        try {
          expect(parseNpz(copy).get('a')?.data).toEqual(data);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('crc32 of the standard check string', () => {
    expect(crc32(Uint8Array.from(ascii('123456789')))).toBe(0xcbf43926);
  });
});

/** Offset of a directory entry at or after `from`. */
function readEntryAt(bytes: Uint8Array, from = 0): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let at = from; at + 4 <= bytes.length; at++) if (view.getUint32(at, true) === 0x02014b50) return at;
  throw new Error('no directory entry');
}
