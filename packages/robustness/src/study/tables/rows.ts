import type { StudyPlan } from '../plan/plan.js';
import type { ScoreRow } from '../records.js';
import type { AttackUnitResult } from '../units/attack.js';
import type { CleanResult } from '../units/clean.js';
import type { ScorePair } from '../units/method.js';
import type { PerturbationSize, PerturbedScores } from '../units/perturbed.js';
import type { TransferResult } from '../units/transfer.js';
import type { Results } from './results.js';

type Kind = Pick<ScoreRow, 'perturbation' | 'source' | 'target' | 'epsilon' | 'image' | 'subject' | 'unit'>;

/** Every score of a study; drops are against the target's clean score, and rows without one are left out. */
export function scoreRows(plan: StudyPlan, results: Results): ScoreRow[] {
  const cleans = results.all<CleanResult, StudyPlan['cleans'][number]>(plan.cleans);
  const psnr = new Map(
    cleans.map(({ item, result }) => [`${item.method} ${item.image}`, result.scores.psnr]),
  );
  const rows: ScoreRow[] = cleans.map(({ item, result }) => ({
    ...{ perturbation: 'none', source: null, target: item.method, epsilon: 0, reached: 0, sampled: 0 },
    ...{ image: item.image, subject: item.subject, maps: 'reestimated', unit: item.unit.hash },
    ...{ scores: result.scores, noiseFree: result.noiseFree, drop: 0 },
  }));
  const add = (kind: Kind, size: PerturbationSize, scores: PerturbedScores): void => {
    const clean = psnr.get(`${kind.target} ${kind.image}`);
    if (clean !== undefined) rows.push(...perturbedRows(kind, size, scores, clean));
  };
  for (const { item, result } of results.all<AttackUnitResult, StudyPlan['attacks'][number]>(plan.attacks)) {
    const { method: target, epsilon, image, subject } = item;
    const shared = { target, epsilon, image, subject, unit: item.unit.hash };
    add({ ...shared, perturbation: 'attack', source: target }, result, result.own);
    add({ ...shared, perturbation: 'noise', source: null }, result, result.noise);
  }
  for (const { item, result } of results.all<TransferResult, StudyPlan['noises'][number]>(plan.noises)) {
    const { method: target, epsilon, image, subject } = item;
    const kind = { target, epsilon, image, subject, unit: item.unit.hash };
    add({ ...kind, perturbation: 'noise', source: null }, result, result.scores);
  }
  for (const { item, result } of results.all<TransferResult, StudyPlan['transfers'][number]>(
    plan.transfers,
  )) {
    const { source, target, epsilon, image, subject } = item;
    const kind = { source, target, epsilon, image, subject, unit: item.unit.hash };
    add({ ...kind, perturbation: 'attack' }, result, result.scores);
  }
  return rows;
}

/** One row, or two where the method uses coil maps. */
function perturbedRows(
  kind: Kind,
  { reached, sampled }: PerturbationSize,
  { reestimated, cleanMaps }: PerturbedScores,
  cleanPsnr: number,
): ScoreRow[] {
  const row = (maps: ScoreRow['maps'], { scores, noiseFree }: ScorePair): ScoreRow => ({
    ...{ ...kind, reached, sampled, maps, scores, noiseFree },
    drop: cleanPsnr - scores.psnr,
  });
  return [row('reestimated', reestimated), ...(cleanMaps ? [row('clean', cleanMaps)] : [])];
}
