import { type BudgetUnit, budgetUnits, convertBudget, signalSize } from '@adjoint/robustness';
import { type Device, init } from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attackScene, length } from './scene.js';

let device: Device;
beforeAll(async () => {
  device = await init({ device: 'wasm' });
});
afterAll(() => device.dispose());

const size = { full: 10, sampled: 8, maximum: 2, pixels: 100 };

describe('convertBudget', () => {
  test.each<[number, BudgetUnit, BudgetUnit, number]>([
    [0.08, 'kspace', 'absolute', 0.8],
    [0.08, 'kspace', 'samples', 0.1],
    [0.08, 'kspace', 'snr', 20],
    [0.08, 'kspace', 'image-l2', 0.08],
    [0.08, 'kspace', 'image-linf', 0.04],
    [20, 'snr', 'kspace', 0.08],
  ])('%d of %s is, as %s, %d', (value, from, to, expected) => {
    expect(convertBudget(value, { from, to }, size)).toBeCloseTo(expected, 12);
  });

  test('there and back again', () => {
    for (const from of budgetUnits)
      for (const to of budgetUnits) {
        const there = convertBudget(0.3, { from, to }, size);
        expect(convertBudget(there, { from: to, to: from }, size)).toBeCloseTo(0.3, 12);
      }
  });
});

test('signalSize measures a slice', async () => {
  const { m, full } = await attackScene();
  const found = await signalSize(full, m.mask);
  expect(found.full).toBeCloseTo(await length(full), 3);
  expect(found.sampled).toBeCloseTo(await length(m.kspace), 3);
  expect(found.pixels).toBe(32 * 32);
  expect(found.maximum).toBeGreaterThan(0.9);
});
