import { matchedTo } from '@adjoint/mri';
import { decode } from 'fast-png';
import { expect, test } from 'vitest';
import { beside, pngFile, pngUri } from '../../../packages/robustness/src/report/pictures/png.js';
import { brightest } from '../../../packages/robustness/src/report/sections/strips.js';

const picture = (width: number, ...data: number[]) => ({
  height: data.length / (3 * width),
  width,
  data: Uint8Array.from(data),
});

test('pictures keep their pixels as PNG, in one channel where they are grey', () => {
  const grey = picture(2, 7, 7, 7, 200, 200, 200);
  expect(decode(pngFile(grey))).toMatchObject({
    width: 2,
    height: 1,
    channels: 1,
    data: Uint8Array.of(7, 200),
  });
  const coloured = picture(1, 1, 2, 3, 4, 5, 6);
  const { channels, data } = decode(pngFile(coloured));
  expect([channels, ...data]).toEqual([3, 1, 2, 3, 4, 5, 6]);
  const [head, base64] = pngUri(coloured).split(',');
  expect(head).toBe('data:image/png;base64');
  expect(Buffer.from(base64!, 'base64')).toEqual(Buffer.from(pngFile(coloured)));
});

test('pictures side by side, white between them and below the shorter one', () => {
  const both = beside([picture(1, 1, 1, 1, 2, 2, 2), picture(1, 3, 3, 3)], 1);
  expect([both.width, both.height]).toEqual([3, 2]);
  expect([...both.data].filter((_, i) => i % 3 === 0)).toEqual([1, 255, 3, 2, 255, 255]);
});

test('white is what all but the brightest half per cent stay below; NaN does not count', () => {
  const values = Array.from({ length: 1001 }, (_, i) => (i * 3) % 1001); // 0 … 1000, shuffled
  expect(brightest([...values, Number.NaN])).toBe(995);
  expect(brightest([])).toBe(1);
});

test('matchedTo gives an image mean and deviation of another, and a constant one its mean', () => {
  const spread = (x: ArrayLike<number>) => {
    const mean = Array.from(x).reduce((a, b) => a + b, 0) / x.length;
    return [mean, Array.from(x).reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.length];
  };
  const reference = [1, 5, 2, 8];
  const matched = matchedTo(reference, [10, 12, 19, 11]);
  spread(matched).forEach((value, i) => {
    expect(value).toBeCloseTo(spread(reference)[i]!, 12);
  });
  expect([...matchedTo(reference, [3, 3, 3, 3])]).toEqual([4, 4, 4, 4]);
});
