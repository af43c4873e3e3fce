import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AdjointError, FormatError, init, read, ShapeError, tensor } from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  decodeCfl,
  encodeCfl,
  kspaceOfBart,
  kspaceToBart,
  readCfl,
  writeCfl,
} from '../../../packages/mri/src/io/index.js';
import { seededRandom } from './damage.js';

let folder: string;
beforeAll(async () => {
  await init({ device: 'reference' });
  folder = await mkdtemp(join(tmpdir(), 'adjoint-cfl-'));
});
afterAll(() => rm(folder, { recursive: true }));

const counting = (shape: number[]) => {
  const count = shape.reduce((product, n) => product * n, 2);
  return tensor(
    Float32Array.from({ length: count }, (_, i) => i + 1),
    { dtype: 'c64', shape },
  );
};

describe('BART cfl', () => {
  test('the bytes of 1+2i, 3-4i', async () => {
    const x = tensor([
      { re: 1, im: 2 },
      { re: 3, im: -4 },
    ]);
    const { header, data } = await encodeCfl(x);
    expect(header).toBe('# Dimensions\n2 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 \n');
    expect(Array.from(data)).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40, 0, 0, 0x80, 0xc0]);
    expect(await decodeCfl({ header, data }).toArray()).toEqual(await x.toArray());
  });

  test('axes are BART’s in reverse; trailing dimensions of 1 and further sections are dropped', async () => {
    const header =
      '# Dimensions\r\n3 2 1 4 1 1\n# Command\necalib x y\n# Files\n >a <b\n# Creator\nBART v0.8\n';
    const data = (await encodeCfl(counting([4, 1, 2, 3]))).data;
    const x = decodeCfl({ header, data });
    expect(x.shape).toEqual([4, 1, 2, 3]);
    expect(await x.toArray()).toEqual(await counting([4, 1, 2, 3]).toArray());
    const one = decodeCfl({ header: '# Dimensions\n1 1', data: data.slice(0, 8) });
    expect(one.shape).toEqual([1]);
  });

  test('files round trip under any form of their name', async () => {
    const x = counting([2, 3, 4]);
    await writeCfl(join(folder, 'x'), x);
    await writeCfl(join(folder, 'y.hdr'), x);
    expect((await readdir(folder)).sort()).toEqual(['x.cfl', 'x.hdr', 'y.cfl', 'y.hdr']);
    for (const name of ['x', 'x.cfl', 'y.hdr'])
      expect(await (await readCfl(join(folder, name))).toArray()).toEqual(await x.toArray());
    await expect(writeCfl(join(folder, 'missing', 'x'), x)).rejects.toThrow('ENOENT');
    await expect(writeCfl(join(folder, 'z'), tensor([1]))).rejects.toThrow('x must be c64');
    await expect(readCfl(join(folder, 'nope'))).rejects.toThrow('ENOENT');
  });

  test('a header that claims more than the file holds is refused before anything is read', async () => {
    await writeFile(join(folder, 'big.hdr'), '# Dimensions\n1000000000 1000 1\n');
    await writeFile(join(folder, 'big.cfl'), new Uint8Array(16));
    await expect(readCfl(join(folder, 'big'))).rejects.toThrow(FormatError);
    await expect(readCfl(join(folder, 'big'))).rejects.toThrow('of 8000000000000 bytes');
    await expect(readCfl(join(folder, 'big'))).rejects.toThrow('got 16. One of the two files is damaged');
  });

  test.each([
    ['', 'with the line "# Dimensions"'],
    ['2 1 1', 'with the line "# Dimensions"'],
    ['# Dimensions\n', 'of 1 to 16 dimensions'],
    ['# Dimensions\n2 -1', 'of 1 to 16 dimensions'],
    ['# Dimensions\n2 0', 'of 1 to 16 dimensions'],
    ['# Dimensions\n2 1.5', 'of 1 to 16 dimensions'],
    ['# Dimensions\n2 1e3', 'of 1 to 16 dimensions'],
    [`# Dimensions\n${'1 '.repeat(17)}`, 'of 1 to 16 dimensions'],
    ['# Dimensions\n3', 'of 24 bytes for complex64 [3], as the header says; got 16'],
    ['# Dimensions\n1', 'of 8 bytes'],
  ])('the header %j is refused', (header, message) => {
    const data = new Uint8Array(16);
    expect(() => decodeCfl({ header, data })).toThrow(FormatError);
    expect(() => decodeCfl({ header, data })).toThrow(message);
  });

  test('damaged pairs are refused or read as something whole', async () => {
    const whole = await encodeCfl(counting([2, 3, 4]));
    let refused = 0;
    for (let seed = 0; seed < 500; seed++) {
      const random = seededRandom(seed);
      const at = (n: number) => Math.floor(random() * n);
      const characters = [...whole.header];
      for (let k = at(3); k >= 0; k--) characters.splice(at(30), at(3), String.fromCharCode(32 + at(95)));
      const header = characters.join('');
      const data = seed % 3 ? whole.data : whole.data.slice(0, at(whole.data.length));
      try {
        const x = decodeCfl({ header, data });
        expect(8 * x.size).toBe(data.length);
        expect((await read(x)).length).toBe(2 * x.size);
      } catch (error) {
        expect(error).toBeInstanceOf(AdjointError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(200);
  });
});

describe('BART’s order of k-space', () => {
  test('readout becomes rows, phase encoding columns', async () => {
    // BART [readout 2, phase 3, 1, coils 2]: entry (r, p, c) is stored at r + 2 p + 6 c.
    const stored = counting([2, 1, 3, 2]);
    const kspace = kspaceOfBart(stored);
    expect(kspace.shape).toEqual([2, 2, 3]);
    const values = (await read(kspace)).filter((_, i) => i % 2 === 0);
    expect(Array.from(values, (v) => (v - 1) / 2)).toEqual([0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11]);
    expect(await kspaceToBart(kspace).toArray()).toEqual(await stored.toArray());
  });

  test('where the first dimension is 1 the second is the rows', async () => {
    const values = (await read(kspaceOfBart(counting([2, 3, 2, 1])))).filter((_, i) => i % 2 === 0);
    expect(Array.from(values, (v) => (v - 1) / 2)).toEqual([0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11]);
  });

  test('slices and map sets lead; 3-D data are refused', async () => {
    const slices = counting([3, 2, 4, 5]);
    const stored = kspaceToBart(slices);
    expect(stored.shape).toEqual([3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1, 5, 4]);
    expect(await kspaceOfBart(stored).toArray()).toEqual(await slices.toArray());
    expect(kspaceOfBart(counting([2, 3, 1, 5, 4])).shape).toEqual([2, 3, 4, 5]);
    expect(kspaceOfBart(counting([5, 4])).shape).toEqual([1, 4, 5]);
    expect(() => kspaceOfBart(counting([2, 3, 4, 5]))).toThrow(ShapeError);
    expect(() => kspaceToBart(counting([4, 5]))).toThrow(ShapeError);
  });
});

test('what writeCfl writes is what BART names: cfl beside hdr, nothing else', async () => {
  await writeCfl(join(folder, 'only'), counting([2]));
  expect(await readFile(join(folder, 'only.hdr'), 'utf8')).toMatch(/^# Dimensions\n2( 1){15} \n$/);
});
