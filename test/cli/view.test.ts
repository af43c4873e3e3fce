import { colourMap, levelOf } from '@adjoint/mri';
import { expect, test } from 'vitest';
import { captionHeight, writeCaption } from '../../apps/cli/src/view/caption.js';
import { montage } from '../../apps/cli/src/view/montage.js';
import { phasePanel, valuePanel } from '../../apps/cli/src/view/panel.js';
import { blank } from '../../apps/cli/src/view/raster.js';

const bytesOf = (hex: string) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

// Published colours of the maps at t = 0, 1/4, 1/2, 3/4, 1.
test.each([
  ['viridis', ['#440154', '#3b528b', '#21918c', '#5ec962', '#fde725']],
  ['magma', ['#000004', '#51127c', '#b73779', '#fc8961', '#fcfdbf']],
] as const)('%s has its published colours, to a few levels', (name, colours) => {
  colours.forEach((hex, k) => {
    const level = Math.round((255 * k) / 4);
    const got = [...colourMap(name).subarray(3 * level, 3 * level + 3)];
    bytesOf(hex).forEach((value, channel) => {
      expect(Math.abs(got[channel]! - value), `${hex} channel ${channel}`).toBeLessThanOrEqual(5);
    });
  });
});

test('gray is linear; phase runs around the circle and closes', () => {
  expect([...colourMap('gray').subarray(3 * 128, 3 * 128 + 3)]).toEqual([128, 128, 128]);
  const phase = colourMap('phase');
  expect([...phase.subarray(0, 3)]).toEqual([255, 0, 0]);
  expect([...phase.subarray(3 * 255)]).toEqual([255, 0, 0]);
  expect([...phase.subarray(3 * 85, 3 * 86)]).toEqual([0, 255, 0]);
  expect([...phase.subarray(3 * 170, 3 * 171)]).toEqual([0, 0, 255]);
});

test('levels: clipped, 0 for an empty range, none for NaN', () => {
  expect([levelOf(-1, 0, 2), levelOf(1, 0, 2), levelOf(9, 0, 2), levelOf(3, 3, 3)]).toEqual([0, 128, 255, 0]);
  expect(levelOf(Number.NaN, 0, 1)).toBeUndefined();
});

test('what is not finite is shown in a colour that no map has', () => {
  const plane = { height: 1, width: 3, values: [0, Number.NaN, Number.POSITIVE_INFINITY] };
  const { raster } = valuePanel('x', plane, { low: 0, high: 1 }, 'gray');
  expect([...raster.data]).toEqual([0, 0, 0, 255, 0, 255, 255, 0, 255]);
});

test('phase: hue by angle, dark without signal', () => {
  const plane = { height: 1, width: 2, values: [-Math.PI, -Math.PI] };
  const { raster, range } = phasePanel('phase', plane, [1, 0]);
  expect([...raster.data]).toEqual([255, 0, 0, 0, 0, 0]);
  expect(range).toBe('-pi .. pi');
});

test('a montage puts panels side by side, enlarged, with captions below', () => {
  const plane = { height: 2, width: 2, values: [0, 1, 2, 3] };
  const panel = valuePanel('test', plane, { low: 0, high: 3 }, 'gray');
  const picture = montage([[panel, panel], [panel]], { zoom: 8 });
  expect([picture.height, picture.width]).toEqual([2 * (16 + 2 * captionHeight + 6) + 6, 2 * 16 + 3 * 6]);
  const at = (row: number, column: number) => picture.data[3 * (row * picture.width + column)];
  // corners of the first panel's pixels, and of the second's
  expect([at(6, 6), at(6, 21), at(21, 6), at(21, 21)]).toEqual([0, 85, 170, 255]);
  expect([at(6, 28), at(21, 43), at(5, 6), at(6, 5)]).toEqual([0, 255, 255, 255]);
  const dark = picture.data.filter((value) => value === 40).length;
  expect(dark).toBeGreaterThan(0);
});

test('small images are enlarged until they are readable, large ones stay', () => {
  const square = (n: number) =>
    montage([
      [valuePanel('', { height: n, width: n, values: new Float32Array(n * n) }, { low: 0, high: 1 }, 'gray')],
    ]);
  expect(square(32).width).toBe(160 + 12);
  expect(square(320).width).toBe(320 + 12);
});

test('captions: letters differ, unknown ones are blanks, and nothing leaves the width', () => {
  const ink = [0, 0, 0] as const;
  const draw = (text: string) => {
    const raster = blank(captionHeight, 30, [255, 255, 255]);
    writeCaption(raster, text, 0, 0, 30, ink);
    return [...raster.data].map((value) => (value === 0 ? '#' : '.')).join('');
  };
  const seen = new Set([...'abcdefghijklmnopqrstuvwxyz0123456789-./:'].map(draw));
  expect(seen.size).toBe(40);
  expect(draw('€')).toBe(draw(' '));
  expect(draw('ab')).not.toBe(draw('ba'));
  expect(() => draw('a very long caption')).not.toThrow();
});
