import type { StudyPlan } from '../plan/plan.js';
import type { AttackedSeeds, SeedRecord } from '../records.js';
import type { AttackUnitResult } from '../units/attack.js';
import type { CleanResult } from '../units/clean.js';
import { meanOf } from './interval.js';
import type { Results } from './results.js';

/** Of methods that have randomness of their own. */
export function seedRecords({ cleans, attacks }: StudyPlan, results: Results): SeedRecord[] {
  const attacked = results.all<AttackUnitResult, StudyPlan['attacks'][number]>(attacks);
  return results
    .all<CleanResult, StudyPlan['cleans'][number]>(cleans)
    .flatMap(({ item: { method, image }, result: { psnr } }) => {
      if (psnr.length < 2) return [];
      const own = attacked.filter(({ item }) => item.method === method && item.image === image);
      return [
        {
          ...{ method, image, psnr, deviation: deviationOf(psnr)! },
          attacked: own.map(({ item, result }) => underSeeds(item.epsilon, psnr, result.psnr)),
        },
      ];
    });
}

/** What the seeds of the clean data make of the attacked ones; the first of them was attacked. */
export function underSeeds(
  epsilon: number,
  clean: readonly number[],
  psnr: readonly number[],
): AttackedSeeds {
  const drops = psnr.map((value, seed) => clean[seed]! - value);
  const fresh = drops.slice(1);
  return { epsilon, psnr, drops, mean: meanOf(fresh), deviation: deviationOf(fresh) };
}

/** Sample standard deviation; null of fewer than two. */
function deviationOf(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}
