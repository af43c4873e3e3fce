import { expect, it } from 'vitest';
import { shardOf } from '../../../packages/robustness/src/study/shard.js';
import { explainedByPlace } from '../../../packages/robustness/src/study/tables/heatMaps.js';
import { meanInterval } from '../../../packages/robustness/src/study/tables/interval.js';
import { underSeeds } from '../../../packages/robustness/src/study/tables/seeds.js';
import { cornersOf } from '../../../packages/robustness/src/study/units/heatMap.js';
import { unitOf } from './units.js';

it('explainedByPlace: 1 where repeats agree, about 0 where the place means nothing', () => {
  const place = [3, 1, 4, 1, 5, 9, 2, 6];
  expect(explainedByPlace([place, place, place])).toBeCloseTo(1, 12);
  // by hand: MSB = 3, MSW = 2 of places with means 1 and 2 … (MSB − MSW)/(MSB + MSW)
  const repeats = [
    [0, 1],
    [2, 3],
  ];
  expect(explainedByPlace(repeats)).toBeCloseTo((1 - 2) / (1 + 2), 12);
  expect(
    explainedByPlace([
      [1, 1],
      [1, 1],
    ]),
  ).toBe(0);
});

it('cornersOf: the middles of equal cells, inside the image', () => {
  expect(cornersOf(96, 3, 12)).toEqual([3, 11, 19, 27, 35, 43, 51, 59, 67, 75, 83, 91]);
  expect(cornersOf(4, 3, 4)).toEqual([0, 0, 1, 1]);
});

it('meanInterval draws subjects, and is unbounded of one', () => {
  const two = meanInterval([
    { subject: 'a', value: 1 },
    { subject: 'a', value: 1 },
    { subject: 'b', value: 4 },
  ]);
  expect(two).toEqual({ estimate: 2, low: 1, high: 4, images: 3, subjects: 2 });
  expect(meanInterval([{ subject: 'a', value: 1 }])).toMatchObject({ low: null, high: null, subjects: 1 });
});

it('underSeeds: drops against the clean score of the same seed; mean and spread are those of the fresh ones', () => {
  const found = underSeeds(0.08, [30, 31, 29, 30], [20, 23, 22, 24]);
  expect(found).toEqual({
    epsilon: 0.08,
    psnr: [20, 23, 22, 24],
    drops: [10, 8, 7, 6],
    mean: 7,
    deviation: 1,
  });
  expect(underSeeds(0.08, [30, 31], [20, 23])).toMatchObject({ mean: 8, deviation: null });
});

it('shardOf: parts cover all units, each with what it needs', () => {
  const images = Array.from({ length: 3 }, (_, i) => unitOf(`image ${i}`));
  const units = [
    ...images,
    ...images.flatMap((image, i) => [0, 1, 2].map((k) => unitOf(`${i} ${k}`, { image }))),
  ];
  const parts = [1, 2, 3, 4].map((index) => shardOf(units, { index, count: 4 }));
  expect(new Set(parts.flat().map(({ hash }) => hash)).size).toBe(units.length);
  for (const part of parts) {
    const hashes = new Set(part.map(({ hash }) => hash));
    expect(part.length).toBeLessThan(units.length);
    for (const { inputs } of part) for (const hash of Object.values(inputs)) expect(hashes).toContain(hash);
  }
});
