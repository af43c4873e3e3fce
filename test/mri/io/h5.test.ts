import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AdjointError,
  ArgumentError,
  createDevice,
  FormatError,
  init,
  read,
  type Tensor,
  tensor,
  zeros,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeH5, type H5File, openH5, readH5, writeH5 } from '../../../packages/mri/src/io/index.js';
import { fixture, fixtureBytes } from './fixture.js';

let folder: string;
let types: H5File;
beforeAll(async () => {
  await init({ device: 'reference' });
  folder = await mkdtemp(join(tmpdir(), 'adjoint-h5-'));
  types = await openH5(fixture('types.h5'));
});
afterAll(async () => {
  await types.close();
  await rm(folder, { recursive: true });
});

const contents = async (x: Tensor) => ({ dtype: x.dtype, shape: x.shape, values: Array.from(await read(x)) });

describe('stored types', () => {
  test.each([
    ['i1', 'int8', 'i32'],
    ['u1', 'uint8', 'u8'],
    ['i2', 'int16', 'i32'],
    ['u2', 'uint16', 'i32'],
    ['i4', 'int32', 'i32'],
    ['u4', 'uint32', 'i32'],
    ['i8', 'int64', 'i32'],
    ['u8', 'uint64', 'i32'],
    ['f2', 'float16', 'f32'],
    ['f4', 'float32', 'f32'],
    ['f8', 'float64', 'f64'],
  ])('%s of either byte order is %s, and read as %s', async (name, type, dtype) => {
    for (const stored of [name, `${name}_big`]) {
      expect(types.datasets.get(stored)).toEqual({ name: stored, shape: [2, 3], type, dtype });
      expect(await contents(await types.read(stored))).toEqual({
        dtype,
        shape: [2, 3],
        values: [1, 2, 3, 4, 5, 100],
      });
    }
  });

  test.each([
    ['c8', 'complex64', 'c64'],
    ['c16', 'complex128', 'c128'],
  ])('%s of either byte order is %s', async (name, type, dtype) => {
    for (const stored of [name, `${name}_big`]) {
      expect(types.datasets.get(stored)).toMatchObject({ type, dtype });
      expect(await contents(await types.read(stored))).toEqual({ dtype, shape: [2], values: [1, 2, 3, -4] });
    }
    expect((await types.read(name, { dtype: 'c64' })).dtype).toBe('c64');
  });

  test('booleans, other names of complex parts, scalars, empty arrays, links, groups, filters', async () => {
    const values = async (name: string) => contents(await types.read(name));
    expect(await values('bool')).toEqual({ dtype: 'bool', shape: [3], values: [1, 0, 1] });
    expect(await values('named')).toEqual({ dtype: 'c64', shape: [1], values: [1.5, -2.5] });
    expect(await values('scalar')).toEqual({ dtype: 'f32', shape: [], values: [7] });
    expect(await values('empty')).toEqual({ dtype: 'f32', shape: [0, 3], values: [] });
    expect(await values('group/inner/x')).toEqual({ dtype: 'f32', shape: [1], values: [1] });
    const shuffled = await types.read('shuffled', { offset: [1, 3], count: [2, 2] });
    expect(await contents(shuffled)).toEqual({ dtype: 'f32', shape: [2, 2], values: [19, 20, 35, 36] });
    expect(await contents(await types.read('shuffled', { offset: [3] }))).toMatchObject({ shape: [1, 16] });
  });

  test('links within the file are followed, those to other files are not', async () => {
    expect(await contents(await types.read('soft'))).toEqual(await contents(await types.read('f4')));
    expect(
      [...types.datasets.keys()].filter((name) => ['outside', 'detour', 'broken'].includes(name)),
    ).toEqual([]);
  });

  test('text and attributes', async () => {
    expect(await types.text('text')).toBe('Grüße');
    expect(await types.texts('texts')).toEqual(['one', 'two']);
    expect(await types.texts('fixed')).toEqual(['abc', 'de']);
    expect(await types.attributes()).toEqual({
      count: 3,
      ratio: 0.5,
      name: 'Ä',
      flag: true,
      list: [1, 2],
      names: ['a', 'b'],
      big: 2 ** 40,
    });
    expect(await types.attributes('f4')).toEqual({ unit: 'T' });
  });

  test('integers become floats on request, and nothing is lost silently', async () => {
    expect(await contents(await types.read('u2', { dtype: 'f32' }))).toMatchObject({ dtype: 'f32' });
    await expect(types.read('c8', { dtype: 'f32' })).rejects.toThrow('convertible to f32; got c64');
    await expect(types.read('wide')).rejects.toThrow('got 1099511627776 at element 0. Store it as float64.');
    const wasm = await createDevice({ device: 'wasm', threads: 0 });
    expect((await types.read('f8', { device: wasm })).dtype).toBe('f32');
    wasm.dispose();
  });

  test.each([
    ['text', 'dataset "text" is text []; expected an array of numbers.'],
    ['pairs', 'dataset "pairs" is records of a, b [1]; expected an array of numbers.'],
    ['ragged', 'dataset "ragged" is lists of varying length [2]; expected'],
    ['reference', 'dataset "reference" is references []; expected'],
    ['nothing', 'dataset "nothing" is float32 without values; expected'],
    ['virtual', 'dataset "virtual" stands in other files; expected'],
    ['lzf', 'dataset "lzf" is compressed by lzf; expected gzip. Repack it with'],
    ['outside', 'dataset "outside" is missing; expected one of'],
    ['broken', 'dataset "broken" is missing'],
    [
      'never_filled',
      'dataset "never_filled" claims 4000000000000 bytes (float32 [1000000, 1000000]); expected no more',
    ],
  ])('%s is refused', async (name, message) => {
    // one file each: what the library refuses ends the worker's use
    using file = await openH5(fixture('types.h5'));
    await expect(file.read(name)).rejects.toThrow(FormatError);
    await expect(file.read(name)).rejects.toThrow(message);
  });

  test('regions are checked', async () => {
    for (const region of [{ offset: [3] }, { count: [3] }, { offset: [1], count: [2] }, { offset: [0.5] }])
      await expect(types.read('f4', region)).rejects.toThrow(ArgumentError);
    await expect(types.read('f4', { offset: [0, 0, 0] })).rejects.toThrow('option offset to list no more');
  });
});

describe('writing', () => {
  test('every dtype, text, groups and attributes come back', async () => {
    const path = join(folder, 'all.h5');
    const big = new Float32Array(2 * 3 * 2 * 64 * 64).map((_, i) => i);
    const given = {
      f32: tensor([1.5, Number.NaN, -0]),
      f64: tensor([0.1], { dtype: 'f64' }),
      i32: tensor([-(2 ** 31), 2 ** 31 - 1], { dtype: 'i32' }),
      u8: tensor([0, 255], { dtype: 'u8' }),
      'group/deep/c64': tensor([[1, { re: 2, im: -3 }]]),
      c128: tensor([{ re: 0.1, im: 0.2 }], { dtype: 'c128' }),
      scalar: tensor(3),
      empty: tensor(new Float32Array(0), { shape: [0, 4] }),
      chunked: tensor(big, { dtype: 'c64', shape: [3, 2, 64, 64] }),
    };
    const attributes = {
      text: 'Grüße',
      whole: -3,
      big: 2 ** 40,
      real: 0.5,
      list: [1, 2.5],
      names: ['a', 'bc'],
    };
    await writeH5(
      path,
      { ...given, note: 'two\nlines', yes: tensor([true, false]) },
      { attributes, datasetAttributes: { 'group/deep/c64': { unit: 'T' } }, compression: 4 },
    );
    const found = await readH5(path);
    for (const [name, x] of Object.entries(given))
      expect([name, await contents(found.tensors[name]!)]).toEqual([name, await contents(x)]);
    expect(await contents(found.tensors.yes!)).toEqual({ dtype: 'u8', shape: [2], values: [1, 0] });
    expect({ ...found.texts }).toEqual({ note: 'two\nlines' });
    expect(found.attributes).toEqual(attributes);
    using file = await openH5(path);
    expect(await file.attributes('group/deep/c64')).toEqual({ unit: 'T' });
    expect((await read(await file.read('chunked', { offset: [2, 1, 63, 63] }))).join()).toBe(
      `${big.slice(-2)}`,
    );
    expect(await readdir(folder)).toEqual(['all.h5']);
    await rm(path);
  });

  test('slice by slice, and the same in memory', async () => {
    const slices = async function* (count = 3) {
      for (let i = 0; i < count; i++) yield tensor(new Float32Array(6).fill(i), { shape: [2, 3] });
    };
    const content = { x: { shape: [3, 2, 3], dtype: 'f32' as const, slices: slices() } };
    const { tensors } = await readH5(await encodeH5(content), { names: ['x'] });
    expect((await contents(tensors.x!)).values).toEqual([
      0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2,
    ]);
    for (const [count, message] of [
      [2, '3 slices, as its shape says; got 2'],
      [4, 'slice 3 of datasets.x must be one of 3'],
    ] as const)
      await expect(encodeH5({ x: { ...content.x, slices: slices(count) } })).rejects.toThrow(message);
  });

  test('slices of any rank; wrong ones are refused', async () => {
    const rows = [tensor([1, 2]), tensor([3, 4])];
    const numbers = [tensor(5), tensor(6)];
    const none = { shape: [2, 0], dtype: 'f32' as const, slices: [zeros([0]), zeros([0])] };
    const { tensors } = await readH5(
      await encodeH5({
        rows: { shape: [2, 2], dtype: 'f32', slices: rows },
        numbers: { shape: [2], dtype: 'f32', slices: numbers },
        none,
      }),
    );
    expect(await tensors.rows!.toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(await tensors.numbers!.toArray()).toEqual([5, 6]);
    expect(tensors.none!.shape).toEqual([2, 0]);
    for (const wrong of [{ shape: [] }, { shape: [-1] }, { dtype: 'f16' }])
      await expect(encodeH5({ x: { ...none, ...wrong } as never })).rejects.toThrow(AdjointError);
    for (const wrong of [5, null, undefined, [1]])
      await expect(encodeH5({ x: wrong as never })).rejects.toThrow(ArgumentError);
  });

  test('a failure leaves the old file as it was, and nothing beside it', async () => {
    const path = join(folder, 'kept.h5');
    await writeH5(path, { x: tensor([7]) });
    const before = await readFile(path);
    const broken = (function* () {
      yield tensor([1]);
      throw new Error('the source failed');
    })();
    await expect(writeH5(path, { x: { shape: [2, 1], dtype: 'f32', slices: broken } })).rejects.toThrow(
      'the source failed',
    );
    await expect(writeH5(path, { x: tensor([1]) }, { attributes: { a: [] } })).rejects.toThrow(ArgumentError);
    expect(await readFile(path)).toEqual(before);
    expect(await readdir(folder)).toEqual(['kept.h5']);
    await rm(path);
    await expect(writeH5(join(folder, 'missing', 'x.h5'), { x: tensor([1]) })).rejects.toThrow(AdjointError);
    for (const name of ['', '/x', 'a//b', '../x'.replace('..', '.'), 'a/'])
      await expect(encodeH5({ [name]: tensor([1]) })).rejects.toThrow('the name of a dataset');
    await expect(encodeH5({ a: tensor([1]), 'a/b': tensor([1]) })).rejects.toThrow(FormatError);
  });
});

describe('what is no HDF5 file', () => {
  test.each([
    ['an empty file', new Uint8Array(0), 'file signature not found'],
    ['text', new TextEncoder().encode('kspace,1,2,3\n'.repeat(50)), 'file signature not found'],
    ['a file cut short', fixtureBytes('volume.h5').slice(0, 20_000), 'truncated file'],
  ])('%s', async (_, bytes, message) => {
    const path = join(folder, 'bad.h5');
    await writeFile(path, bytes);
    const error = await openH5(path).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toContain(`openH5: ${path} must be a readable HDF5 file; got ${message}`);
    await expect(openH5(bytes)).rejects.toThrow(message);
    await rm(path);
  });

  test('a missing file, a folder, a wrong argument', async () => {
    await expect(openH5(join(folder, 'nope.h5'))).rejects.toThrow('ENOENT');
    await expect(openH5(folder)).rejects.toThrow(AdjointError);
    await expect(openH5(7 as never)).rejects.toThrow(ArgumentError);
    await expect(openH5(fixture('types.h5'), { timeoutMs: 0 })).rejects.toThrow(ArgumentError);
    await expect(openH5(fixture('types.h5'), { timeout: 1 } as never)).rejects.toThrow('"timeout"');
  });

  test.skipIf(process.platform === 'win32')('a pipe that nobody writes to is refused at once', async () => {
    const path = join(folder, 'pipe.h5');
    execFileSync('mkfifo', [path]);
    await expect(openH5(path)).rejects.toThrow(
      `openH5: path must be of a file; got the pipe, socket or device ${path}`,
    );
    await expect(openH5(folder)).rejects.toThrow('got the folder');
    await rm(path);
  });

  test('a library that takes too long is stopped', async () => {
    await expect(openH5(fixture('types.h5'), { timeoutMs: 1 })).rejects.toThrow(
      'got one on which the HDF5 library works for more than 0.001 s. It is probably damaged',
    );
  });

  test('an aborted read rejects with the reason and closes the file', async () => {
    const control = new AbortController();
    const file = await openH5(fixture('types.h5'), { signal: control.signal });
    const reading = file.read('f4');
    control.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
    await expect(file.read('f4')).rejects.toThrow('enough');
  });

  test('bytes in memory stay there, whatever the worker had before', async () => {
    await (await openH5(fixture('types.h5'))).close();
    using file = await openH5(fixtureBytes('types.h5'));
    expect(await contents(await file.read('scalar'))).toEqual({ dtype: 'f32', shape: [], values: [7] });
    expect(existsSync('/adjoint.h5')).toBe(false);
  });

  test('a closed file says so', async () => {
    const file = await openH5(fixtureBytes('types.h5'));
    await file.close();
    await expect(file.read('f4')).rejects.toThrow('openH5: the given bytes was closed');
    await file.close();
  });
});
