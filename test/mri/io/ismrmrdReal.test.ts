import { centredFft, centredIfft, type Device, init, read, sub, type Tensor } from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { openH5, openIsmrmrd } from '../../../packages/mri/src/io/index.js';
import { realFile, testOnRealFiles } from './realFiles.js';

const full = realFile('ismrmrd/shepp_logan_128_4ch.h5');
const accelerated = realFile('ismrmrd/shepp_logan_96_8ch_r2_acs24.h5');

let device: Device;
beforeAll(async () => {
  device = await init({ device: 'wasm', threads: 2 });
});
afterAll(() => device.dispose());

/** The coil images without noise that the generator put into its file, as [coils, x, y]. */
async function coilImages(path: string): Promise<Tensor> {
  using file = await openH5(path);
  const images = await file.read('dataset/coil_images');
  return images.reshape(images.shape.slice(1)).transpose([0, 2, 1]);
}

/** Root mean square of the complex numbers that `isIn` chooses by their row and column. */
async function deviation(x: Tensor, isIn: (row: number, column: number) => boolean): Promise<number> {
  const [, height, width] = x.shape as [number, number, number];
  const values = await read(x);
  let sum = 0;
  let count = 0;
  for (let i = 0; i < values.length / 2; i++) {
    if (!isIn(Math.floor(i / width) % height, i % width)) continue;
    sum += values[2 * i]! ** 2 + values[2 * i + 1]! ** 2;
    count++;
  }
  return Math.sqrt(sum / count);
}

/** The generator adds noise of standard deviation 0.05 to real and imaginary parts. */
const noise = 0.05 * Math.SQRT2;

describe('ISMRMRD files of a simulated phantom', () => {
  testOnRealFiles('a full scan reconstructs to its coil images, but for the noise', async () => {
    using file = await openIsmrmrd(full);
    expect(file.shape).toEqual([1, 4, 256, 128]);
    expect(file.header).toMatchObject({
      encodedMatrix: { x: 256, y: 128, z: 1 },
      reconMatrix: { x: 128, y: 128, z: 1 },
      lines: { minimum: 0, maximum: 127, center: 64 },
    });
    const m = await file.slice(0);
    expect(m).toMatchObject({ crop: [128, 128], name: 'shepp_logan_128_4ch, slice 0' });
    expect((await read(m.mask)).every((value) => value === 1)).toBe(true);
    expect(m.reference!.shape).toEqual([128, 128]);
    const error = sub(centredIfft(m.kspace), await coilImages(full));
    // what is wrong in position, sign or scale would stand out where the phantom is
    for (const isIn of [(row: number) => row > 96 && row < 160, (row: number) => row < 40])
      expect(Math.abs((await deviation(error, isIn)) / noise - 1)).toBeLessThan(0.03);
  });

  testOnRealFiles('without readout oversampling the same image comes from fewer rows', async () => {
    using kept = await openIsmrmrd(full);
    using cropped = await openIsmrmrd(full, { readout: 'crop', scale: 2 });
    expect(cropped.shape).toEqual([1, 4, 128, 128]);
    const [long, short] = [await kept.slice(0), await cropped.slice(0)];
    expect(short.kspace.shape).toEqual([4, 128, 128]);
    const whole = await read(long.reference!);
    const part = await read(short.reference!);
    expect(part.length).toBe(whole.length);
    expect(Math.max(...part.map((value, i) => Math.abs(value - 2 * whole[i]!)))).toBeLessThan(1e-5);
  });

  testOnRealFiles(
    'of an accelerated scan every other line, and the calibration lines on request',
    async () => {
      using file = await openIsmrmrd(accelerated);
      expect(file.shape).toEqual([1, 8, 192, 96]);
      const expected = centredFft(await coilImages(accelerated));
      const m = await file.slice(0);
      const columns = await read(m.mask);
      expect(columns).toEqual(Float32Array.from({ length: 96 }, (_, k) => Number(k % 2 === 0)));
      expect(m.reference).toBeUndefined();
      expect(await deviation(m.kspace, (_, column) => columns[column] === 0)).toBe(0);
      const error = sub(m.kspace, expected);
      const measured = await deviation(error, (_, column) => columns[column] === 1);
      expect(Math.abs(measured / noise - 1)).toBeLessThan(0.03);

      using withCalibration = await openIsmrmrd(accelerated, { calibration: 'include' });
      const more = await withCalibration.slice(0);
      const found = await read(more.mask);
      expect(found.filter((value) => value === 1).length).toBe(60);
      expect(found.slice(36, 60).every((value) => value === 1)).toBe(true);
      const centre = await deviation(sub(more.kspace, expected), (_, column) => column >= 36 && column < 60);
      expect(Math.abs(centre / noise - 1)).toBeLessThan(0.03);
    },
  );
});
