import type { BadCall } from './badCall.js';
import { coils, general, operators, samplings } from './mri/measuring.js';
import { scoringCalls } from './mri/scoring.js';
import { simulatingCalls } from './mri/simulating.js';
import { solvingCalls } from './mri/solving.js';
import { storingCalls } from './mri/storing.js';

/** Wrong calls of the functions of `@adjoint/mri`. */
export const mriCalls: Readonly<Record<string, readonly BadCall[]>> = {
  ...coils,
  ...operators,
  ...samplings,
  ...general,
  ...scoringCalls,
  ...simulatingCalls,
  ...solvingCalls,
  ...storingCalls,
};
