export { type Ascent, type AscentOptions, ascend } from './ascend.js';
export { type AssessOptions, assess } from './assess.js';
export { attack } from './attack.js';
export {
  type AttackMethod,
  type AttackOptions,
  type AttackResult,
  type AttackTrial,
  attackMethods,
  type Budget,
  type Damage,
  type TriedAttack,
} from './attackOptions.js';
export type { Ball, BallNorm } from './ball.js';
export type { AscentMethod, StepSize } from './climbers.js';
export { type GaussianControlOptions, gaussianControl } from './gaussianControl.js';
export type { AttackFlag } from './health.js';
export { type ImplicitOptions, implicitReconstruction } from './implicit.js';
