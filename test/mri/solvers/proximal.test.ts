import {
  abs,
  abs2,
  add,
  complexNormal,
  type Device,
  init,
  key,
  mul,
  norm,
  real,
  scope,
  sqrt,
  sub,
  sum,
  type Tensor,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  groupThreshold,
  projectBall,
  projectBox,
  projectGroups,
  softThreshold,
} from '../../../packages/mri/src/solvers/index.js';

let device: Device;
beforeAll(async () => {
  device = await init({ device: 'reference' });
});
afterAll(() => device.dispose());

const draw = (seed: number, shape = [2, 5]): Tensor =>
  scope(() => complexNormal(key(seed), shape, { dtype: 'c128' }));
const t = 0.4;
const groups = (u: Tensor): Tensor => sum(sqrt(sum(abs2(u), { axes: 0 })));

describe('proximal maps', () => {
  it.each([
    ['softThreshold', (v: Tensor) => softThreshold(v, t), (u: Tensor) => sum(abs(u))],
    ['groupThreshold', (v: Tensor) => groupThreshold(v, t), groups],
  ] as const)('%s minimises ½‖u − v‖² + t R(u)', async (_, map, value) => {
    const v = draw(1);
    const cost = async (u: Tensor): Promise<number> =>
      (await add(mul(sum(abs2(sub(u, v))), 0.5), mul(value(u), t)).item()) as number;
    const best = map(v);
    const least = await cost(best);
    for (let seed = 2; seed < 12; seed++)
      expect(await cost(add(best, mul(draw(seed), 1e-3)))).toBeGreaterThan(least);
    expect(await cost(mul(v, 0))).toBeGreaterThan(least);
  });

  it('thresholds end at 0, exactly, for 0 too', async () => {
    const small = mul(draw(1), 1e-3);
    for (const x of [small, mul(small, 0)])
      for (const map of [softThreshold, groupThreshold])
        expect(Math.max(...(await abs(map(x, t)).data()))).toBe(0);
  });

  it('a threshold may differ from place to place', async () => {
    const v = draw(3);
    const shrunk = await abs(softThreshold(v, mul(abs(v), 0.25))).data();
    const whole = await abs(v).data();
    shrunk.forEach((size, i) => {
      expect(size).toBeCloseTo(0.75 * whole[i]!, 12);
    });
  });

  it('Moreau: the threshold of groups and the projection onto their balls add up', async () => {
    const v = draw(4);
    const total = add(groupThreshold(v, t), projectGroups(v, t));
    expect(await norm(sub(total, v)).item()).toBeLessThan(1e-12);
  });

  it('projections leave what is inside and reach the edge', async () => {
    const v = draw(5);
    const size = (await norm(v).item()) as number;
    expect(await norm(sub(projectBall(v, 2 * size), v)).item()).toBe(0);
    expect(await norm(projectBall(v, size / 2)).item()).toBeCloseTo(size / 2, 12);
    const box = projectBox(v, -0.1, 0.2);
    const data = await box.data();
    const parts = await real(v).data();
    parts.forEach((part, i) => {
      expect(data[2 * i]).toBe(Math.min(0.2, Math.max(-0.1, part)));
      expect(data[2 * i + 1]).toBeCloseTo(0, 300);
    });
  });
});
