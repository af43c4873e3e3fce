import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  AdjointError,
  type DType,
  FormatError,
  init,
  read,
  ShapeError,
  type Tensor,
  tensor,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeNifti, encodeNifti, readNifti, writeNifti } from '../../../packages/mri/src/io/index.js';
import { damage, seededRandom } from './damage.js';

let folder: string;
beforeAll(async () => {
  await init({ device: 'reference' });
  folder = await mkdtemp(join(tmpdir(), 'adjoint-nifti-'));
});
afterAll(() => rm(folder, { recursive: true }));

const contents = async (x: Tensor) => ({ dtype: x.dtype, shape: x.shape, values: Array.from(await read(x)) });

interface Made {
  little?: boolean;
  code?: number;
  bits?: number;
  slope?: number;
  intercept?: number;
  dimensions?: number[];
  values?: (view: DataView, at: number, little: boolean) => void;
  bytes?: number;
}

/** A file as the standard has it, put together byte by byte. */
function nifti({
  little = true,
  code = 4,
  bits = 16,
  slope = 0,
  intercept = 0,
  dimensions = [3, 2],
  ...rest
}: Made): Uint8Array {
  const { bytes = (bits / 8) * dimensions.reduce((product, n) => product * n, 1), values } = rest;
  const file = new Uint8Array(352 + bytes);
  const view = new DataView(file.buffer);
  view.setInt32(0, 348, little);
  [dimensions.length, ...dimensions].forEach((n, k) => {
    view.setInt16(40 + 2 * k, n, little);
  });
  view.setInt16(70, code, little);
  view.setInt16(72, bits, little);
  dimensions.forEach((_, k) => {
    view.setFloat32(80 + 4 * k, k + 0.5, little);
  });
  view.setFloat32(108, 352, little);
  view.setFloat32(112, slope, little);
  view.setFloat32(116, intercept, little);
  file.set([0x6e, 0x2b, 0x31, 0], 344);
  values?.(view, 352, little);
  return file;
}

describe('NIfTI-1', () => {
  test.each([
    [2, 8, 'u8', 'setUint8', [1, 2, 3, 4, 5, 255]],
    [256, 8, 'i32', 'setInt8', [1, 2, 3, 4, 5, -128]],
    [4, 16, 'i32', 'setInt16', [1, 2, 3, 4, 5, -300]],
    [512, 16, 'i32', 'setUint16', [1, 2, 3, 4, 5, 65_535]],
    [8, 32, 'i32', 'setInt32', [1, 2, 3, 4, 5, -70_000]],
    [768, 32, 'i32', 'setUint32', [1, 2, 3, 4, 5, 70_000]],
    [16, 32, 'f32', 'setFloat32', [1, 2, 3, 4, 5, -0.5]],
    [64, 64, 'f64', 'setFloat64', [1, 2, 3, 4, 5, 0.1]],
    [1024, 64, 'i32', 'setBigInt64', [1, 2, 3, 4, 5, -70_000]],
    [1280, 64, 'i32', 'setBigUint64', [1, 2, 3, 4, 5, 70_000]],
  ] as const)(
    'datatype %i of %i bits is %s, in both byte orders',
    async (code, bits, dtype, setter, numbers) => {
      for (const little of [true, false]) {
        const values = (view: DataView, at: number) =>
          numbers.forEach((value, i) => {
            const number = bits === 64 && code > 1000 ? BigInt(value) : value;
            (view[setter] as (at: number, value: unknown, little: boolean) => void).call(
              view,
              at + (i * bits) / 8,
              number,
              little,
            );
          });
        const file = nifti({ little, code, bits, values });
        const { image, spacing } = await decodeNifti(file);
        expect(await contents(image)).toEqual({ dtype, shape: [2, 3], values: [...numbers] });
        expect(spacing).toEqual([1.5, 0.5]);
        expect(await contents((await decodeNifti(gzipSync(file))).image)).toEqual(await contents(image));
      }
    },
  );

  test.each([
    [32, 64, 'c64'],
    [1792, 128, 'c128'],
  ] as const)('complex datatype %i of %i bits', async (code, bits, dtype) => {
    for (const little of [true, false]) {
      const values = (view: DataView, at: number) =>
        [1, 2, -3, 0.5].forEach((value, i) => {
          if (bits === 64) view.setFloat32(at + 4 * i, value, little);
          else view.setFloat64(at + 8 * i, value, little);
        });
      const file = nifti({ little, code, bits, dimensions: [2], values });
      expect(await contents((await decodeNifti(file)).image)).toEqual({
        dtype,
        shape: [2],
        values: [1, 2, -3, 0.5],
      });
    }
  });

  test('slope and intercept make floats; a slope of 0, 1 or NaN leaves values alone', async () => {
    const values = (view: DataView, at: number) => view.setInt16(at, 7, true);
    const scaled = async (slope: number, intercept: number, code = 4, bits = 16) =>
      contents((await decodeNifti(nifti({ slope, intercept, dimensions: [1], values, code, bits }))).image);
    expect(await scaled(0.5, -1)).toEqual({ dtype: 'f32', shape: [1], values: [2.5] });
    expect(await scaled(0.5, -1, 8, 32)).toEqual({ dtype: 'f64', shape: [1], values: [2.5] });
    expect(await scaled(1, 10)).toMatchObject({ dtype: 'f32', values: [17] });
    for (const slope of [0, 1, Number.NaN])
      expect(await scaled(slope, 0)).toMatchObject({ dtype: 'i32', values: [7] });
  });

  test.each<[DType, number[]]>([
    ['u8', [0, 255]],
    ['i32', [-5, 70_000]],
    ['f32', [0.1, Number.NaN]],
    ['f64', [0.1, -1e300]],
    ['c64', [1, -2]],
    ['c128', [0.1, 0.2]],
  ])('%s round trips through both kinds of files', async (dtype, numbers) => {
    const parts = dtype.startsWith('c') ? 2 : 1;
    const x = tensor(
      Float64Array.from({ length: 6 * parts }, (_, i) => numbers[i % 2]!),
      { dtype, shape: [1, 2, 3] },
    );
    const affine = [
      [0, 0.5, 0, -1],
      [2, 0, 0, 4],
      [0, 0, -1.5, 0],
    ];
    for (const name of ['x.nii', 'x.nii.gz']) {
      await writeNifti(join(folder, name), x, {
        spacing: [1.5, 0.5, 2],
        affine,
        description: 'made by a test',
      });
      const found = await readNifti(join(folder, name));
      expect(await contents(found.image)).toEqual(await contents(x));
      expect(found).toMatchObject({ spacing: [1.5, 0.5, 2], affine, description: 'made by a test' });
    }
    const plain = await readFile(join(folder, 'x.nii'));
    expect(new Uint8Array(gunzipSync(await readFile(join(folder, 'x.nii.gz'))))).toEqual(
      new Uint8Array(plain),
    );
    expect((await readdir(folder)).sort()).toEqual(['x.nii', 'x.nii.gz']);
  });

  test('what cannot be written is refused', async () => {
    await expect(encodeNifti(tensor(1))).rejects.toThrow(ShapeError);
    await expect(encodeNifti(tensor(new Float32Array(0), { shape: [0, 3] }))).rejects.toThrow(ShapeError);
    await expect(encodeNifti(tensor([1]), { spacing: [0] })).rejects.toThrow('1 numbers > 0');
    await expect(encodeNifti(tensor([1]), { affine: [[1]] })).rejects.toThrow('3 rows of 4 numbers');
    await expect(writeNifti(join(folder, 'missing', 'x.nii'), tensor([1]))).rejects.toThrow('ENOENT');
  });

  const view = (file: Uint8Array) => new DataView(file.buffer);
  test.each<[string, () => Uint8Array, string]>([
    ['an empty file', () => new Uint8Array(0), 'of at least 348 bytes; got 0'],
    ['text', () => new TextEncoder().encode('not an image '.repeat(50)), 'which begins with 348'],
    ['NIfTI-2', () => fileWith((v) => v.setInt32(0, 540, true)), 'got NIfTI-2'],
    ['a header of a pair', () => fileWith((v) => v.setUint8(345, 0x69)), 'got the header of a pair'],
    ['Analyze', () => fileWith((v) => v.setUint32(344, 0, true)), 'got an Analyze header'],
    ['colours', () => nifti({ code: 128, bits: 24 }), 'of numbers; got RGB colours'],
    ['an unknown type', () => nifti({ code: 3 }), 'of numbers; got datatype 3'],
    ['a wrong number of bits', () => nifti({ bits: 8 }), 'of 16 bits a voxel, as int16 has; got 8'],
    ['no dimensions', () => nifti({ dimensions: [] }), 'of 1 to 7 dimensions; got 0'],
    [
      'a negative dimension',
      () => nifti({ dimensions: [3, -2], bytes: 12 }),
      'of dimensions >= 1; got [3, -2]',
    ],
    ['values inside the header', () => fileWith((v) => v.setFloat32(108, 100, true)), 'at an offset >= 352'],
    ['a file cut short', () => nifti({}).slice(0, 360), 'of 364 bytes for int16 [3, 2]; got 360'],
    [
      'a claim of terabytes',
      () => nifti({ dimensions: [32_767, 32_767, 32_767], bytes: 12 }),
      'bytes for int16',
    ],
    [
      'such a claim, gzipped',
      () => gzipSync(nifti({ dimensions: [32_767, 32_767, 32_767], bytes: 12 })),
      'a claim of',
    ],
    ['a gzipped file cut short', () => gzipSync(nifti({})).subarray(0, -12), 'undamaged gzip data'],
    [
      'fewer gzipped bytes than claimed',
      () => gzipSync(nifti({}).slice(0, 360)),
      'of 364 bytes when inflated; got 360',
    ],
    [
      'more gzipped bytes than claimed',
      () => gzipSync(nifti({ bytes: 99 })),
      'of 364 bytes when inflated; got more',
    ],
  ])('%s is refused', async (_, make, message) => {
    await expect(decodeNifti(make())).rejects.toThrow(FormatError);
    await expect(decodeNifti(make())).rejects.toThrow(message);
  });

  function fileWith(change: (view: DataView) => void): Uint8Array {
    const file = nifti({});
    change(view(file));
    return file;
  }

  test('a gzipped file with a wrong checksum is refused', async () => {
    const bytes = new Uint8Array(gzipSync(nifti({})));
    bytes[bytes.length - 6]! ^= 1;
    await writeFile(join(folder, 'bad.nii.gz'), bytes);
    await expect(readNifti(join(folder, 'bad.nii.gz'))).rejects.toThrow('undamaged gzip data');
  });

  test('damaged files are refused or read as something whole', async () => {
    const whole = await encodeNifti(
      tensor(Float32Array.from({ length: 60 }, Math.sin), { shape: [3, 4, 5] }),
    );
    const files = [whole, new Uint8Array(gzipSync(whole))];
    let refused = 0;
    for (let seed = 0; seed < 600; seed++) {
      const random = seededRandom(seed);
      const bytes = damage(files[seed % 2]!, random);
      // half of the damage goes to the parts of the header that are read
      if (seed % 4 === 0)
        bytes[[40, 42, 44, 70, 72, 108, 110, 112][Math.floor(random() * 8)]!] = Math.floor(random() * 256);
      try {
        const { image } = await decodeNifti(bytes);
        expect((await read(image)).length).toBe(image.size * (image.dtype.startsWith('c') ? 2 : 1));
      } catch (error) {
        expect(error, `seed ${seed}: ${error}`).toBeInstanceOf(AdjointError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(250);
  });
});
