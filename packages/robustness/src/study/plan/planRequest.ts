import { makeUnit, type Unit } from '../core/unit.js';
import type { PlannedData } from '../data/plannedData.js';
import type { ImageSource, PlannedImage } from '../data/source.js';
import type { JsonValue } from '../records.js';
import type { MethodPlan } from './methodPlan.js';
import type { ExperimentName, Profile } from './profiles.js';

/** What a study is to compute. */
export interface PlanRequest {
  readonly profile: Profile;
  readonly experiments: readonly ExperimentName[];
  readonly methods: readonly MethodPlan[];
  readonly data: readonly PlannedData[];
  readonly seed: number;
}

/** An image and the unit that makes it. */
export interface ImageUnit {
  readonly planned: PlannedImage;
  readonly unit: Unit;
}

/** The image of a plan under a repeat of mask and noise; repeat 0 is the one that is scored. */
export function planImage({ profile, seed }: PlanRequest, planned: PlannedImage, repeat = 0): Unit {
  const { name, files } = planned;
  const source = withNoise(planned.source, repeat);
  return makeUnit('image', {
    label: `image ${name}${repeat === 0 ? '' : ` repeat ${repeat}`}`,
    parameters: {
      source: source as unknown as JsonValue,
      ...profile.mask,
      maskSeed: [seed, repeat, ...Array.from(name, (letter) => letter.codePointAt(0)!)],
    },
    files,
    cost: 1,
  });
}

/** Simulated acquisitions get fresh coils, phase and noise; measured ones only another mask. */
const withNoise = (source: ImageSource, repeat: number): ImageSource =>
  'seed' in source ? { ...source, seed: source.seed + 1_000_003 * repeat } : source;
