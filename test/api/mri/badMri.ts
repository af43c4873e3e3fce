import * as M from '@adjoint/mri';
import { type BadCall, bad, each, type Loose } from '../badCall.js';
import type { Given } from '../given.js';

/** The functions of the package, for calls that TypeScript would not let pass. */
export const loose = M as unknown as Record<string, Loose>;

/** What is no tensor and no number of its own: a number is no image either. */
export const notImages = { null: null, text: 'x', 'an object': {}, 'a number': 3 };
/** Wrong options of one call, which `call` passes. */
export const optionsOf = (
  wrong: Readonly<Record<string, unknown>>,
  call: (options: unknown, given: Given) => unknown,
): BadCall[] => {
  const named = Object.entries(wrong).map(([what, value]) => [`option ${what}`, value]);
  const always = { 'options null': null, 'options a number': 3, 'a misspelt option': { typo: 1 } };
  return each({ ...always, ...Object.fromEntries(named) }, call);
};

/** Wrong images for a function of one tensor with at least `axes` axes. */
export const ofImages = (name: string, ...more: BadCall[]): BadCall[] => [
  ...each(notImages, (x) => loose[name]!(x)),
  bad('a disposed tensor', ({ disposed }) => loose[name]!(disposed)),
  bad('a scalar', ({ scalar }) => loose[name]!(scalar)),
  ...more,
];

export const notMeasurements = {
  null: null,
  'a number': 3,
  'an object without samples': {},
  'numbers for samples': { kspace: [1], mask: [1] },
};
