import type { Scores } from '@adjoint/mri';
import { claimsOf } from './claims/index.js';
import type { UnitStore } from './core/store.js';
import type { Unit } from './core/unit.js';
import { type StudyPlan, unitsOf } from './plan/plan.js';
import type {
  AttackRecord,
  FailureRecord,
  ImageRecord,
  OracleRecord,
  StudyManifest,
  StudyRecord,
  TrainingRecord,
  TuningRecord,
} from './records.js';
import { cellsOf } from './tables/cells.js';
import { heatMapRecords, locationRecords } from './tables/heatMaps.js';
import { meanInterval } from './tables/interval.js';
import { Results } from './tables/results.js';
import { scoreRows } from './tables/rows.js';
import { seedRecords } from './tables/seeds.js';
import type { AttackUnitResult } from './units/attack.js';
import type { CleanResult } from './units/clean.js';
import type { ImageResult } from './units/loadedImage.js';
import type { TuneResult } from './units/method.js';
import type { OracleResult } from './units/oracle.js';
import type { TrainResult } from './units/train.js';

/** What a study has to be told by, as it stands in `plan.json`. */
export interface SavedPlan {
  readonly format: 'adjoint study plan 1';
  readonly manifest: StudyManifest;
  readonly plan: StudyPlan;
}

/**
 * The tables of a study from its store; they depend on nothing else.
 *
 * @param expected the units whose absence is a failure: those of a shard, or all
 */
export async function studyRecord(
  { manifest, plan }: SavedPlan,
  store: UnitStore,
  expected: readonly Unit[],
): Promise<StudyRecord> {
  const results = await Results.read(store, unitsOf(plan));
  const rows = scoreRows(plan, results);
  const locations = locationRecords(plan.heatMaps, results);
  const oracles = oracleRecords(plan, results);
  const attacks = attackRecords(plan, results);
  const epsilons = manifest.epsilons.filter((epsilon) => epsilon > 0);
  const methods = manifest.methods.map(({ name }) => name);
  const attacked = manifest.methods.filter(({ attack }) => attack !== null).map(({ name }) => name);
  const window = Number(manifest.constants['heat map']?.window);
  return {
    ...{ format: 'adjoint study 1', manifest, rows, locations, oracles },
    images: imageRecords(plan, results),
    cells: cellsOf(rows),
    attacks,
    seeds: seedRecords(plan, results),
    tuning: tuningRecords(plan, results),
    training: trainingRecords(plan, results),
    heatMaps: heatMapRecords(plan.heatMaps, results, window),
    claims: claimsOf({ rows, oracles, attacks, locations, methods, attacked, epsilons }),
    failures: await failureRecords(store, expected),
  };
}

/** Images that were made, as they were sampled. */
function imageRecords({ images }: StudyPlan, results: Results): ImageRecord[] {
  return images.flatMap(({ planned, unit }) => {
    const about = results.of<ImageResult>(unit);
    if (!about) return [];
    const { name, data, subject, anatomy, contrast, use, split } = planned;
    return [
      {
        ...{ name, data, subject, anatomy, contrast, use, split, coils: about.coils, grid: about.size },
        sampled: { lines: about.lines, of: about.size[1], centre: about.centre },
        support: about.support ?? undefined,
        unit: unit.hash,
      },
    ];
  });
}

const attackRecords = ({ attacks, cleans }: StudyPlan, results: Results): AttackRecord[] =>
  results.all<AttackUnitResult, StudyPlan['attacks'][number]>(attacks).flatMap(({ item, result }) => {
    const { method, image, subject, epsilon, unit } = item;
    const clean = cleans.find((other) => other.method === method && other.image === image);
    const before = clean && results.of<CleanResult>(clean.unit)?.scores.psnr;
    if (before === undefined) return [];
    return [
      {
        ...{ method, image, subject, epsilon, attack: result.attack, tried: result.tried },
        ...{ history: result.history, flags: result.flags, unit: unit.hash },
        drop: before - result.own.reestimated.scores.psnr,
        noiseDrop: before - result.noise.reestimated.scores.psnr,
      },
    ];
  });

const oracleRecords = ({ oracles }: StudyPlan, results: Results): OracleRecord[] =>
  results.all<OracleResult, StudyPlan['oracles'][number]>(oracles).map(({ item, result }) => {
    const { oracle, noise, attacks } = result;
    return {
      ...{ method: 'least squares', image: item.image, subject: item.subject, epsilon: item.epsilon },
      ...{ oracle, noise, attacks: attacks.map((found) => ({ ...found, ratio: found.gain / oracle })) },
    };
  });

const tuningRecords = ({ tuning }: StudyPlan, results: Results): TuningRecord[] =>
  results.all<TuneResult, StudyPlan['tuning'][number]>(tuning).map(({ item, result }) => ({
    ...{ method: item.method, images: item.images, metric: 'psnr', unit: item.unit.hash },
    ...{ lambda: result.lambda, table: result.table },
  }));

function trainingRecords({ training, cleans, images }: StudyPlan, results: Results): TrainingRecord[] {
  const result = training && results.of<TrainResult>(training.unit);
  if (!training || !result) return [];
  const subjectOf = new Map(images.map(({ planned }) => [planned.name, planned.subject]));
  const means = (scores: readonly { image: string; scores: Scores }[]) => {
    const of = (metric: 'psnr' | 'ssim') =>
      meanInterval(scores.map((one) => ({ subject: subjectOf.get(one.image)!, value: one.scores[metric] })));
    return scores.length > 0 ? { psnr: of('psnr'), ssim: of('ssim') } : null;
  };
  const studied = results
    .all<CleanResult, StudyPlan['cleans'][number]>(cleans.filter(({ method }) => method === 'unet'))
    .map(({ item, result: clean }) => ({ image: item.image, scores: clean.scores }));
  const shown = training.images.map((image, i) => ({ image, scores: result.scores[i]! }));
  const { isStudied } = training;
  return [
    {
      method: 'unet',
      about: `${isStudied ? 'trained in this run, ' : ''}from random weights, ${result.parameters} parameters`,
      settings: training.unit.parameters,
      losses: result.losses.map((loss, step) => ({ step, loss })),
      validation: [],
      ...(means(isStudied ? studied : shown) ?? { psnr: null, ssim: null }),
      ...{ isStudied, shipped: isStudied ? null : means(studied) },
      unit: training.unit.hash,
    },
  ];
}

async function failureRecords(store: UnitStore, expected: readonly Unit[]): Promise<FailureRecord[]> {
  const missing = expected.filter(({ hash }) => !store.has(hash));
  return Promise.all(
    missing.map(async ({ hash, label }) => ({
      ...{ unit: hash, label },
      error: (await store.readFailure(hash)) ?? 'was not computed, or needs a unit that failed',
    })),
  );
}
