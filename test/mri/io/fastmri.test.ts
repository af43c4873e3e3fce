import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AdjointError, FormatError, init, read, type Tensor, tensor, zeros } from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  encodeH5,
  type H5Content,
  openFastmri,
  openH5,
  writeFastmri,
} from '../../../packages/mri/src/io/index.js';

let folder: string;
beforeAll(async () => {
  await init({ device: 'reference' });
  folder = await mkdtemp(join(tmpdir(), 'adjoint-fastmri-'));
});
afterAll(() => rm(folder, { recursive: true }));

const counting = (shape: number[], dtype: 'c64' | 'f32' = 'c64') => {
  const count = shape.reduce((product, n) => product * n, dtype === 'c64' ? 2 : 1);
  return tensor(
    Float32Array.from({ length: count }, (_, i) => i + 1),
    { dtype, shape },
  );
};
const values = async (x: Tensor | undefined) => x && Array.from(await read(x));
const header = (encoded: number[], recon: number[], lines = '') =>
  '<ismrmrdHeader><encoding>' +
  Object.entries({ encodedSpace: encoded, reconSpace: recon })
    .map(([name, [x, y]]) => `<${name}><matrixSize><x>${x}</x><y>${y}</y><z>1</z></matrixSize></${name}>`)
    .join('') +
  `<encodingLimits>${lines}</encodingLimits></encoding></ismrmrdHeader>`;
const lines = (maximum: number, center: number) =>
  `<kspace_encoding_step_1><minimum>0</minimum><maximum>${maximum}</maximum><center>${center}</center></kspace_encoding_step_1>`;

const open = async (datasets: Record<string, H5Content>, options = {}) =>
  openFastmri(await encodeH5(datasets), options);

describe('reading the fastMRI layout', () => {
  test('a slice with everything a file can have', async () => {
    const kspace = counting([2, 3, 6, 4]);
    using file = await open({
      kspace,
      maps: kspace,
      reconstruction_rss: counting([2, 4, 2], 'f32'),
      mask: tensor([true, false, true, true]),
      ismrmrd_header: header([6, 4], [3, 3]),
    });
    expect([file.slices, file.shape]).toEqual([2, [2, 3, 6, 4]]);
    const m = await file.slice(1);
    expect(await values(m.kspace)).toEqual((await values(kspace))!.slice(144));
    expect(await values(m.maps)).toEqual((await values(kspace))!.slice(144));
    expect(await values(m.mask)).toEqual([1, 0, 1, 1]);
    expect([m.mask.dtype, m.mask.shape]).toEqual(['f32', [4]]);
    // the reference's size wins over the header's
    expect(m.crop).toEqual([4, 2]);
    expect(await values(m.reference)).toEqual([9, 10, 11, 12, 13, 14, 15, 16]);
    for (const slice of [-1, 2, 0.5])
      await expect(file.slice(slice)).rejects.toThrow('openFastmri: slice must be');
  });

  test('single-coil files have one coil; a mask may be of single entries', async () => {
    using file = await open({
      kspace: counting([2, 6, 4]),
      mask: counting([6, 4], 'f32'),
      reconstruction_esc: counting([2, 3, 3], 'f32'),
    });
    expect(file.shape).toEqual([2, 1, 6, 4]);
    const m = await file.slice(0);
    expect([m.kspace.shape, m.mask.shape, m.crop]).toEqual([
      [1, 6, 4],
      [6, 4],
      [3, 3],
    ]);
    expect(new Set(await values(m.mask))).toEqual(new Set([1]));
  });

  test('without reference the header says the crop; an image too narrow for it is cropped to a square', async () => {
    const crop = async (recon: number[]) => {
      using file = await open({ kspace: counting([1, 1, 8, 5]), ismrmrd_header: header([8, 5], recon) });
      return (await file.slice(0)).crop;
    };
    expect(await crop([4, 4])).toEqual([4, 4]);
    expect(await crop([6, 6])).toEqual([5, 5]);
    using plain = await open({ kspace: counting([1, 1, 8, 5]) });
    expect((await plain.slice(0)).crop).toBeUndefined();
    expect(plain.header).toBeUndefined();
  });

  test('zero padding outside the encoding limits is not measured, if it is zero', async () => {
    // left = ⌊8/2⌋ - 2 = 2, right = 2 + 4 + 1 = 7
    const padded = new Float32Array(2 * 2 * 8).map((_, i) =>
      Number([2, 3, 4, 5, 6].includes(Math.floor(i / 2) % 8)),
    );
    const mask = async (kspace: Tensor, limits: string) => {
      using file = await open({ kspace, ismrmrd_header: header([2, 8], [2, 8], limits) });
      return values((await file.slice(0)).mask);
    };
    const zeroed = tensor(padded, { dtype: 'c64', shape: [1, 1, 2, 8] });
    expect(await mask(zeroed, lines(4, 2))).toEqual([0, 0, 1, 1, 1, 1, 1, 0]);
    expect(await mask(zeroed, '')).toEqual(new Array(8).fill(1));
    expect(await mask(counting([1, 1, 2, 8]), lines(4, 2))).toEqual(new Array(8).fill(1));
  });

  test('double precision is converted when asked for', async () => {
    const datasets = {
      kspace: tensor([0.1, 0, 0.2, 0], { dtype: 'f64' }).reshape([1, 1, 1, 4]),
      reconstruction_rss: tensor([0.1, 0.2], { dtype: 'f64' }).reshape([1, 1, 2]),
    };
    const double = {
      ...datasets,
      kspace: tensor(new Float64Array([0.1, 0.2, 0.3, 0.4]), { dtype: 'c128', shape: [1, 1, 1, 2] }),
    };
    await expect(open(double)).rejects.toThrow(
      'dataset "kspace" is complex128 [1, 1, 1, 2]; expected complex64 [slices, coils, H, W]. Pass { convert: true }.',
    );
    using file = await open(double, { convert: true });
    const m = await file.slice(0);
    expect([m.kspace.dtype, m.reference!.dtype]).toEqual(['c64', 'f32']);
    expect(await values(m.kspace)).toEqual([0.1, 0.2, 0.3, 0.4].map(Math.fround));
    await expect(open(datasets, { convert: true })).rejects.toThrow(
      'is float64 [1, 1, 1, 4]; expected complex64',
    );
  });

  test('the error of a file of another kind', async () => {
    const path = join(folder, 'k.h5');
    await writeFastmri(path, { kspace: counting([1, 1, 2, 2]) });
    const { writeH5 } = await import('../../../packages/mri/src/io/index.js');
    await writeH5(path, { kspace: zeros([8, 16, 16], { dtype: 'f64' }) });
    const error = await openFastmri(path).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toBe(
      `openFastmri: cannot read ${path}: dataset "kspace" is float64 [8, 16, 16]; expected complex64 [slices, coils, H, W]. ` +
        `Convert with: adjoint convert ${path} --out …`,
    );
    await rm(path);
  });

  test.each<[string, () => Record<string, H5Content>, string]>([
    [
      'no k-space',
      () => ({ x: tensor([1]) }),
      'dataset "kspace" is missing; the file has x; expected complex64',
    ],
    ['nothing', () => ({}), 'dataset "kspace" is missing; the file has none'],
    [
      'flat k-space',
      () => ({ kspace: counting([4, 4]) }),
      'is complex64 [4, 4]; expected complex64 [slices, coils, H, W]',
    ],
    ['empty k-space', () => ({ kspace: counting([0, 1, 4, 4]) }), 'is complex64 [0, 1, 4, 4]'],
    [
      'a reference of another number of slices',
      () => ({ kspace: counting([2, 1, 4, 4]), reconstruction_rss: counting([1, 4, 4], 'f32') }),
      'dataset "reconstruction_rss" is float32 [1, 4, 4]; expected float32 [2, h <= 4, w <= 4]',
    ],
    [
      'a reference larger than the image',
      () => ({ kspace: counting([1, 1, 4, 4]), reconstruction_rss: counting([1, 5, 4], 'f32') }),
      'is float32 [1, 5, 4]',
    ],
    [
      'maps of other coils',
      () => ({ kspace: counting([1, 2, 4, 4]), maps: counting([1, 3, 4, 4]) }),
      'as kspace has',
    ],
    [
      'a header without matrix sizes',
      () => ({ kspace: counting([1, 1, 4, 4]), ismrmrd_header: '<a><encoding/></a>' }),
      'of a whole encodedSpace/matrixSize; got x undefined',
    ],
    [
      'a header that is no XML',
      () => ({ kspace: counting([1, 1, 4, 4]), ismrmrd_header: '<a><b></a>' }),
      'must be XML; got </a>',
    ],
    [
      'half a header',
      () => ({ kspace: counting([1, 1, 4, 4]), ismrmrd_header: '<a><b>' }),
      '<b> that is not closed',
    ],
    [
      'a header with a document type',
      () => ({ kspace: counting([1, 1, 4, 4]), ismrmrd_header: '<!DOCTYPE a [<!ENTITY x "y">]><a/>' }),
      'must be XML; got "<!DOCTYPE',
    ],
  ])('%s is refused', async (_, datasets, message) => {
    await expect(open(datasets())).rejects.toThrow(FormatError);
    await expect(open(datasets())).rejects.toThrow(message);
  });

  test.each([[[3]], [[2, 2]], [[4, 4, 1]]])(
    'a mask of shape %j is refused when a slice is read',
    async (shape) => {
      using file = await open({ kspace: counting([1, 1, 4, 4]), mask: counting(shape, 'f32') });
      await expect(file.slice(0)).rejects.toThrow('expected real [4] or [4, 4], as kspace has');
    },
  );
});

describe('writing the fastMRI layout', () => {
  test('what is written is read, with a header that is true in its sizes', async () => {
    const path = join(folder, 'w.h5');
    const kspace = counting([2, 3, 6, 4]);
    await writeFastmri(path, {
      kspace,
      reconstruction_rss: counting([2, 4, 3], 'f32'),
      mask: tensor([1, 0, 0, 1]),
      extra: tensor([5]),
      attributes: { acquisition: 'AXT2', max: 2.5, patient_id: 'p' },
    });
    using file = await openFastmri(path);
    expect(file.attributes).toEqual({ acquisition: 'AXT2', max: 2.5, patient_id: 'p' });
    expect(file.header).toMatchObject({
      encodedMatrix: { x: 6, y: 4, z: 1 },
      reconMatrix: { x: 4, y: 3, z: 1 },
      lines: { minimum: 0, maximum: 3, center: 2 },
      acquired: [0, 4],
    });
    const m = await file.slice(0);
    expect(await values(m.kspace)).toEqual((await values(kspace))!.slice(0, 144));
    expect(await values(m.mask)).toEqual([1, 0, 0, 1]);
    expect(m.name).toBe('w, slice 0');
    using h5 = await openH5(path);
    expect([...h5.datasets.keys()].sort()).toEqual([
      'extra',
      'ismrmrd_header',
      'kspace',
      'mask',
      'reconstruction_rss',
    ]);
    expect(await readdir(folder)).toEqual(['w.h5']);
    await rm(path);
  });

  test.each([
    [() => ({ kspace: zeros([1, 1, 2, 2]) }), 'kspace must be c64; got f32'],
    [() => ({ kspace: counting([2, 2]) }), 'of 3 or 4 axes and not empty; got [2, 2]'],
    [() => ({ kspace: counting([1, 1, 2, 2]), reconstruction_rss: counting([2, 2], 'f32') }), 'of 3 axes'],
    [() => ({ kspace: counting([1, 1, 2, 2]), maps: zeros([1, 1, 2, 2]) }), 'maps must be c64'],
    [() => ({}), 'kspace must be a tensor; got undefined'],
    [() => ({ kspace: counting([1, 1, 2, 2]), note: 5 }), 'datasets.note'],
  ])('wrong content %#', async (content, message) => {
    const written = writeFastmri(join(folder, 'x.h5'), content() as never);
    await expect(written).rejects.toThrow(AdjointError);
    await expect(writeFastmri(join(folder, 'x.h5'), content() as never)).rejects.toThrow(message);
    expect(await readdir(folder)).toEqual([]);
  });
});
