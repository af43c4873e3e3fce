import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError, FormatError } from '../../packages/tensor/src/errors.js';
import { formatSafetensors, parseSafetensors } from '../../packages/tensor/src/io/safetensors.js';
import { bitsOf, hostArray, hostArrayArb, isConsistent, mutate, mutationArb } from './samples.js';

/** A file of the given header text and values. */
function file(header: string | number[], values: number[] = [], length?: bigint): Uint8Array {
  const text = typeof header === 'string' ? [...new TextEncoder().encode(header)] : header;
  const prefix = new Uint8Array(8);
  new DataView(prefix.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  return Uint8Array.of(...prefix, ...text, ...values);
}

const nameArb = fc
  .string({ maxLength: 10, unit: 'grapheme' })
  .filter((name) => name !== '__proto__' && name !== '__metadata__');
const contentArb = fc.tuple(
  fc.uniqueArray(nameArb, { maxLength: 5 }),
  fc.array(hostArrayArb, { minLength: 5, maxLength: 5 }),
  fc.uniqueArray(fc.tuple(nameArb, fc.string({ unit: 'grapheme' })), {
    maxLength: 3,
    selector: ([key]) => key,
  }),
);

describe('safetensors', () => {
  test('round trips every dtype bit by bit', () => {
    fc.assert(
      fc.property(contentArb, ([names, arrays, metadata]) => {
        const pairs = names.map((name, k) => [name, arrays[k]] as const);
        const bytes = formatSafetensors(pairs, metadata);
        const parsed = parseSafetensors(bytes);
        expect(Object.fromEntries(parsed.metadata)).toEqual(Object.fromEntries(metadata));
        expect(parsed.tensors.size).toBe(names.length);
        for (const [name, array] of pairs) expect(bitsOf(parsed.tensors.get(name)!)).toEqual(bitsOf(array));
        expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
        expect(formatSafetensors([...pairs].reverse(), [...metadata].reverse())).toEqual(bytes);
      }),
    );
  });

  test('writes the documented layout', () => {
    const bytes = formatSafetensors(
      [
        ['b', hostArray('u8', [3], [1, 2, 3])],
        ['a', hostArray('f32', [2, 1], [1, -2])],
      ],
      [['format', 'pt']],
    );
    const header =
      '{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[3],"data_offsets":[8,11]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
    expect(bytes).toEqual(file(padded, [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 1, 2, 3]));
  });

  test('reads other writers', () => {
    // Header order differs from byte order; spaces; escapes; an empty tensor between.
    const { tensors, metadata } = parseSafetensors(
      file(
        '{ "y" : {"shape":[], "data_offsets":[4,12],"dtype":"I64"},\n"\\u0078":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},"e":{"dtype":"F16","shape":[0,3],"data_offsets":[4,4]}}   ',
        [0x80, 0x3f, 0x40, 0xc0, 254, 255, 255, 255, 255, 255, 255, 255],
      ),
    );
    expect([...tensors.keys()]).toEqual(['x', 'e', 'y']);
    expect(tensors.get('x')).toEqual(hostArray('f32', [2], [1, -3]));
    expect(tensors.get('y')).toEqual(hostArray('i32', [], [-2]));
    expect(tensors.get('e')).toEqual(hostArray('f32', [0, 3], []));
    expect(metadata.size).toBe(0);
    expect(parseSafetensors(file('{}')).tensors.size).toBe(0);
  });

  test('values are copies at any alignment', () => {
    const bytes = formatSafetensors([['x', hostArray('f64', [1], [Math.PI])]]);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    const x = parseSafetensors(Buffer.from(shifted.buffer, 3)).tensors.get('x')!;
    shifted.fill(0);
    expect(x.data[0]).toBe(Math.PI);
  });

  const f32 = (offsets: string, shape = '[1]') =>
    `{"dtype":"F32","shape":${shape},"data_offsets":${offsets}}`;
  test.each<[string, string | number[], string]>([
    ['empty header', '', "starting with '{'"],
    ['array header', '[]', "starting with '{'"],
    ['leading space', ' {}', "starting with '{'"],
    ['byte order mark', [0xef, 0xbb, 0xbf, 0x7b, 0x7d], "starting with '{'"],
    ['not UTF-8', [0x7b, 0x22, 0xff, 0x22, 0x7d], 'UTF-8'],
    ['cut short', '{"a":', 'its end'],
    ['text after the end', '{} x', 'the end of the header'],
    ['trailing comma', `{"a":${f32('[0,4]')},}`, 'a string'],
    ['single quotes', "{'a':1}", 'a string'],
    ['raw control character', '{"a\n":1}', 'a JSON string'],
    ['lone surrogate', '{"\\ud800":1}', 'half of a surrogate pair'],
    ['comment', '{/**/}', 'a string'],
    ['deep nesting', `{"a":${'['.repeat(100000)}`, 'nested at most'],
    ['duplicate name', `{"a":${f32('[0,4]')},"a":${f32('[0,4]')}}`, 'distinct'],
    ['duplicate name by escape', `{"a":${f32('[0,4]')},"\\u0061":${f32('[0,4]')}}`, 'distinct'],
    ['duplicate key', '{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 'distinct'],
    ['__proto__', `{"__proto__":${f32('[0,4]')}}`, 'not __proto__'],
    ['__proto__ inside', '{"a":{"__proto__":1}}', 'not __proto__'],
    ['__proto__ in metadata', '{"__metadata__":{"__proto__":"x"}}', 'not __proto__'],
    ['metadata of numbers', '{"__metadata__":{"a":1}}', '__metadata__ "a" must be a string'],
    ['metadata list', '{"__metadata__":[]}', 'an object of strings'],
    ['entry is a number', '{"a":1}', 'an object of dtype'],
    ['entry lacks shape', '{"a":{"dtype":"F32","data_offsets":[0,4]}}', 'an object of dtype'],
    ['entry has more', '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}', 'an object of dtype'],
    ['unknown dtype', '{"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}', 'got "F8_E4M3"'],
    [
      'inherited dtype',
      '{"a":{"dtype":"constructor","shape":[4],"data_offsets":[0,4]}}',
      'got "constructor"',
    ],
    ['dtype is a list', '{"a":{"dtype":["F32"],"shape":[1],"data_offsets":[0,4]}}', 'no string'],
    ['negative size', `{"a":${f32('[0,4]', '[-1]')}}`, 'a whole number >= 0'],
    ['fractional size', `{"a":${f32('[0,4]', '[1.0]')}}`, 'a whole number >= 0'],
    ['exponent', `{"a":${f32('[0,4]', '[1e0]')}}`, 'a whole number >= 0'],
    ['leading zero', `{"a":${f32('[0,4]', '[01]')}}`, 'a whole number >= 0'],
    ['size as text', `{"a":${f32('[0,4]', '["1"]')}}`, 'whole numbers >= 0'],
    ['null', `{"a":${f32('[0,4]', '[null]')}}`, 'a whole number >= 0'],
    ['huge size', `{"a":${f32('[0,4]', '[9007199254740993]')}}`, 'below 2^53'],
    ['huge digits', `{"a":${f32('[0,4]', `[${'9'.repeat(400)}]`)}}`, 'below 2^53'],
    [
      'overflowing product',
      `{"a":${f32('[0,4]', '[4294967296,4294967296,4294967296]')}}`,
      'below 2^53 bytes',
    ],
    ['product that wraps to 4 bytes', `{"a":${f32('[0,4]', '[4611686018427387905]')}}`, 'below 2^53'],
    ['size against bytes', `{"a":${f32('[0,4]', '[2]')}}`, '8 bytes apart'],
    ['reversed offsets', `{"a":${f32('[4,0]', '[1]')}}`, '4 bytes apart'],
    ['one offset', `{"a":${f32('[4]')}}`, 'two whole numbers'],
    ['offsets beyond the file', `{"a":${f32('[0,8]', '[2]')}}`, '8 bytes of values'],
    ['gap at the start', `{"a":${f32('[4,8]')}}`, 'starting at 0'],
    ['overlap', `{"a":${f32('[0,4]')},"b":${f32('[0,4]')}}`, 'starting at 4'],
    ['bytes left over', `{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}`, '3 bytes of values'],
    ['empty tensor out of place', `{"a":${f32('[0,4]')},"b":${f32('[2,2]', '[0]')}}`, 'starting at 4'],
    ['boolean of 2', '{"a":{"dtype":"BOOL","shape":[4],"data_offsets":[0,4]}}', 'booleans stored as 0 or 1'],
  ])('refuses %s', (_, header, message) => {
    const bytes = file(header, [2, 2, 2, 2]);
    expect(() => parseSafetensors(bytes)).toThrow(FormatError);
    expect(() => parseSafetensors(bytes)).toThrow(message);
  });

  test('refuses false header lengths', () => {
    expect(() => parseSafetensors(new Uint8Array(7))).toThrow('at least 8 bytes long; got 7');
    for (const length of [3n, 100_000_001n, 2n ** 63n, 2n ** 64n - 1n])
      expect(() => parseSafetensors(file('{}', [], length))).toThrow(
        'parseSafetensors: the header length must be at most 2',
      );
    expect(() => parseSafetensors(file('{}', [], 0n))).toThrow("starting with '{'");
  });

  test('refuses integers beyond 32 bits', () => {
    const bytes = file('{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}', [0, 0, 0, 128, 0, 0, 0, 0]);
    expect(() => parseSafetensors(bytes)).toThrow(
      'tensor "a" must be integers that fit into 32 bits with sign; got 2147483648 at element 0.',
    );
  });

  test('refuses names that cannot be written', () => {
    const a = hostArray('u8', [1], [7]);
    for (const name of ['__metadata__', '__proto__', '\ud800'])
      expect(() => formatSafetensors([[name, a]])).toThrow(ArgumentError);
    expect(() =>
      formatSafetensors([
        ['a', a],
        ['a', a],
      ]),
    ).toThrow('distinct');
    expect(() => formatSafetensors([], [['a', '\udc00']])).toThrow('Unicode');
    expect(() => formatSafetensors([['a', { ...a, shape: [2] }]])).toThrow(ArgumentError);
  });

  test('damaged files are refused or read as something whole', () => {
    let refused = 0;
    fc.assert(
      fc.property(
        contentArb,
        fc.array(mutationArb, { minLength: 1, maxLength: 4 }),
        ([names, arrays, metadata], mutations) => {
          const bytes = formatSafetensors(
            names.map((name, k) => [name, arrays[k]] as const),
            metadata,
          );
          const headerEnd = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
          // Half of the damage goes to the header.
          const damaged = mutate(
            bytes,
            mutations.map((m, k) => (k % 2 ? m : { ...m, at: m.at % headerEnd })),
          );
          try {
            for (const array of parseSafetensors(damaged).tensors.values())
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

  test('headers made of format fragments in any order', () => {
    const tokens = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"dtype"',
      '"shape"',
      '"data_offsets"',
      '"F32"',
      '0',
      '4',
      '-1',
      '1e999',
      '"__metadata__"',
      'null',
      ' ',
      '"',
      '\\',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...tokens), { maxLength: 40 }), (parts) => {
        try {
          parseSafetensors(file(`{${parts.join('')}}`, [0, 0, 0, 0]));
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
