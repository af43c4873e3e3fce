import type { IntervalRecord, Verdict } from '../records.js';

/** Fewer say nothing about other people. */
export const fewestSubjects = 5;

/** Something of which a claim says that it lies above a threshold. */
export interface Condition {
  readonly name: string;
  readonly interval: IntervalRecord;
  readonly threshold: number;
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
}

/** On which side of its threshold an interval lies. */
export type Side = 'above' | 'below' | 'across';

export const sideOf = ({ interval: { low, high }, threshold }: Condition): Side =>
  low !== null && low > threshold ? 'above' : high !== null && high < threshold ? 'below' : 'across';

/** Why nothing can be said, whatever the numbers are; undefined if something can. */
export function tooLittle(conditions: readonly Condition[]): Judgement | undefined {
  if (conditions.length === 0) return { verdict: 'not tested', reason: 'Nothing was run that tests it.' };
  const subjects = Math.min(...conditions.map(({ interval }) => interval.subjects));
  if (subjects >= fewestSubjects) return undefined;
  return {
    verdict: 'inconclusive',
    reason: `${subjects} subject${subjects === 1 ? '' : 's'}; at least ${fewestSubjects} are needed.`,
  };
}

/** All above: it holds. One below: it does not. Anything between, or too few subjects: inconclusive. */
export function judgeAll(conditions: readonly Condition[]): Judgement {
  const early = tooLittle(conditions);
  if (early) return early;
  const named = (side: Side): string =>
    conditions
      .filter((condition) => sideOf(condition) === side)
      .map(({ name, threshold }) => `${name} (threshold ${threshold})`)
      .join('; ');
  const [below, across] = [named('below'), named('across')];
  if (below !== '') return { verdict: 'does not hold', reason: `Below: ${below}.` };
  if (across !== '') return { verdict: 'inconclusive', reason: `The interval crosses: ${across}.` };
  return { verdict: 'holds', reason: 'Every interval lies above its threshold.' };
}
