import type { Unit } from '../core/unit.js';
import { type PlannedHeatMap, planHeatMaps } from './planHeatMaps.js';
import {
  type PlannedOracle,
  type PlannedPerturbation,
  type PlannedScores,
  type PlannedTraining,
  type PlannedTransfer,
  type PlannedTuning,
  Planner,
} from './planner.js';
import { type ImageUnit, type PlanRequest, planImage } from './planRequest.js';
import type { ExperimentName } from './profiles.js';

/** Every unit of a study, by what it is for. Plain JSON. */
export interface StudyPlan {
  readonly images: readonly ImageUnit[];
  readonly tuning: readonly PlannedTuning[];
  readonly cleans: readonly PlannedScores[];
  readonly attacks: readonly PlannedPerturbation[];
  /** On methods without attacks. */
  readonly noises: readonly PlannedPerturbation[];
  readonly transfers: readonly PlannedTransfer[];
  readonly oracles: readonly PlannedOracle[];
  readonly heatMaps: readonly PlannedHeatMap[];
  readonly training: PlannedTraining | null;
}

/** All units of a plan, each once. */
export function unitsOf(plan: StudyPlan): Unit[] {
  const { images, tuning, cleans, attacks, noises, transfers, oracles, heatMaps, training } = plan;
  const lists = [images, tuning, cleans, attacks, noises, transfers, oracles];
  const units = [
    ...lists.flatMap((list) => list.map(({ unit }) => unit)),
    ...heatMaps.flatMap((map) => [map.imageUnit, ...map.units]),
    ...(training ? [training.unit] : []),
  ];
  return [...new Map(units.map((unit) => [unit.hash, unit])).values()];
}

/** Plans a study: all its units are known before the first one runs. */
export function planStudy(request: PlanRequest): StudyPlan {
  const { experiments, data, methods } = request;
  const all = data.flatMap(({ images }) => images);
  const images = all.map((planned) => ({ planned, unit: planImage(request, planned) }));
  const tuned = images.filter(({ planned }) => planned.use === 'tune');
  const tested = images.filter(({ planned }) => planned.use === 'test');
  const wants = (name: ExperimentName): boolean => experiments.includes(name);
  const planner = new Planner(request, tuned);
  const cleans = planner.hasScores
    ? tested.flatMap((image) => methods.map((method) => planner.clean(method, image)))
    : [];
  const attacks = planner.hasScores ? tested.flatMap((image) => planner.attacks(image)) : [];
  return {
    images,
    tuning: planner.tuning,
    cleans,
    attacks,
    noises: planner.hasScores ? tested.flatMap((image) => planner.noises(image)) : [],
    transfers: wants('transfer') ? tested.flatMap((image) => planner.transfers(image, attacks)) : [],
    oracles: wants('oracle') ? tested.map((image) => planner.oracle(image)) : [],
    heatMaps: wants('heat-map') ? planHeatMaps(request, tested, planner) : [],
    training: planner.training(tested, wants('training')),
  };
}
