import type { AttackRecord, ScoreRow } from '@adjoint/robustness';
import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../../packages/robustness/src/study/claims/evidence.js';
import { claimsOf } from '../../../packages/robustness/src/study/claims/index.js';

const scores = { ssim: 0.9, psnr: 30, nmse: 0.1, mse: 1, vif: 1, ssim_foreground: 0.9, psnr_foreground: 30 };

interface Drops {
  /** By source, then target; 'noise' is a source. */
  readonly [source: string]: Readonly<Record<string, number>>;
}

/** Rows of `subjects` people, whose drops are those given, some tenths more or less. */
function rowsOf(drops: Drops, epsilon: number, subjects: number): ScoreRow[] {
  return Object.entries(drops).flatMap(([source, byTarget]) =>
    Object.entries(byTarget).flatMap(([target, drop]) =>
      Array.from({ length: subjects }, (_, i): ScoreRow => {
        const isNoise = source === 'noise';
        const subject = `subject ${i}`;
        const base = {
          target,
          epsilon,
          reached: epsilon,
          sampled: epsilon,
          image: subject,
          subject,
          unit: '',
        };
        const kind = { perturbation: isNoise ? 'noise' : 'attack', source: isNoise ? null : source } as const;
        const maps = 'reestimated';
        return { ...base, ...kind, maps, scores, noiseFree: null, drop: drop + 0.1 * ((i * 7) % 5) };
      }),
    ),
  );
}

const evidence = (drops: Drops, subjects = 6, more: Partial<Evidence> = {}): Evidence => ({
  rows: rowsOf(drops, 0.08, subjects),
  ...{ oracles: [], attacks: [], locations: [], methods: ['l1', 'unet'], attacked: ['l1', 'unet'] },
  epsilons: [0.08],
  ...more,
});

const verdicts = (given: Evidence): Record<string, string> =>
  Object.fromEntries(claimsOf(given).map(({ id, verdict }) => [id, verdict]));

const asPublished = { l1: { l1: 9, unet: 2 }, unet: { l1: 1.5, unet: 8 }, noise: { l1: 0.5, unet: 0.5 } };

/** l1 under a joint and an unrolled attack. */
function twice(image: string, joint: number, unrolled: number): AttackRecord {
  const tried = { damage: 0, isWorst: false, history: [], flags: [] };
  return {
    ...{ method: 'l1', image, subject: image, epsilon: 0.08, attack: 'unrolled', history: [], flags: [] },
    ...{ drop: unrolled, noiseDrop: 1, unit: '' },
    tried: [
      { ...tried, attack: 'joint', drop: joint },
      { ...tried, attack: 'unrolled', drop: unrolled },
    ],
  };
}

describe('claims', () => {
  it('hold where every interval is above its threshold', () => {
    expect(verdicts(evidence(asPublished))).toEqual({
      ...{ A1: 'holds', A2: 'holds', A3: 'holds', A4: 'holds' },
      ...{ A7: 'not tested', A17: 'not tested', D1: 'not tested' },
    });
  });

  it('do not hold where one is below', () => {
    const weak = { ...asPublished, l1: { l1: 1, unet: 5 } }; // below 1 dB more than noise, and worse elsewhere
    expect(verdicts(evidence(weak))).toMatchObject({
      A1: 'does not hold',
      A2: 'does not hold',
      A3: 'does not hold',
    });
    expect(verdicts(evidence({ ...asPublished, unet: { l1: 12, unet: 1 } })).A4).toBe('does not hold');
  });

  it('are inconclusive across a threshold, and of fewer than five subjects', () => {
    const near = { ...asPublished, l1: { l1: 1.7, unet: 2 } };
    const waver = (source: string | null, i: number): number => (source !== 'l1' ? 0 : i % 2 === 0 ? 1 : -1);
    const rows = evidence(near).rows.map((row, i) => ({ ...row, drop: row.drop + waver(row.source, i) }));
    expect(verdicts(evidence(near, 6, { rows })).A2).toBe('inconclusive');
    const few = claimsOf(evidence(asPublished, 4));
    expect(few[0]).toMatchObject({ verdict: 'inconclusive', subjects: 4, images: 4 });
    expect(few[0]?.reason).toContain('4 subjects');
  });

  it('about tailored attacks leave out methods that none can be made for', () => {
    const { l1, unet, noise } = asPublished;
    const drops = { l1: { ...l1, theirs: 3 }, unet: { ...unet, theirs: 3 }, noise };
    const methods = ['l1', 'unet', 'theirs'];
    expect(verdicts(evidence(drops, 6, { methods })).A4).toBe('holds');
    expect(verdicts(evidence(drops, 6, { methods, attacked: methods })).A4).toBe('inconclusive');
  });

  it('name the numbers that decided, with images and subjects', () => {
    const [a1] = claimsOf(evidence(asPublished));
    expect(a1?.numbers.map(({ name }) => name)).toEqual([
      'l1, epsilon 0.08: attack − noise, dB',
      'unet, epsilon 0.08: attack − noise, dB',
    ]);
    expect(a1?.numbers[0]?.value).toMatchObject({ estimate: 8.5, images: 6, subjects: 6 });
  });

  it('about attacks without a solver compare with the exact worst case', () => {
    const oracle = (ratio: number) => ({
      ...{ method: 'least squares', epsilon: 0.08, oracle: 10, noise: 2 },
      attacks: [{ attack: 'joint', gain: 10 * ratio, ratio }],
    });
    const oraclesOf = (ratio: number) =>
      Array.from({ length: 5 }, (_, i) => ({ ...oracle(ratio), image: `${i}`, subject: `${i}` }));
    expect(verdicts(evidence({}, 0, { oracles: oraclesOf(0.8) }))).toMatchObject({
      A7: 'holds',
      D1: 'holds',
    });
    expect(verdicts(evidence({}, 0, { oracles: oraclesOf(0.3) }))).toMatchObject({
      ...{ A7: 'does not hold', D1: 'does not hold' },
    });
    // what unrolling adds is told, and decides nothing
    const attacks = ['a', 'b', 'c', 'd', 'e'].map((image, i) => twice(image, 3 + 0.1 * i, 9));
    const a7 = (more: Partial<Evidence>) => claimsOf(evidence({}, 0, more)).find(({ id }) => id === 'A7')!;
    const { verdict, numbers } = a7({ oracles: oraclesOf(0.8), attacks });
    expect(verdict).toBe('holds');
    expect(numbers[1]).toMatchObject({
      name: 'l1, epsilon 0.08: unrolled − joint attack, dB',
      value: { estimate: expect.closeTo(5.8, 9), images: 5, subjects: 5 },
    });
    expect(a7({ attacks }).verdict).toBe('not tested');
  });
});
