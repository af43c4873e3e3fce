export { type AdmmOptions, admm } from './admm.js';
export { type ConjugateGradientOptions, conjugateGradient } from './conjugateGradient.js';
export { type FistaOptions, fista } from './fista.js';
export { type GolubKahanOptions, golubKahan, type SingularTriplets } from './golubKahan.js';
export { type GradientDescentOptions, gradientDescent } from './gradientDescent.js';
export type { Evaluation, Solution, SolverOptions } from './iterate.js';
export { type PdhgOptions, pdhg } from './pdhg.js';
export { type Eigenpair, type PowerIterationOptions, powerIteration } from './powerIteration.js';
export {
  groupPenalty,
  type LeastSquares,
  l1Penalty,
  leastSquares,
  normalLeastSquares,
  type Penalty,
  type SmoothTerm,
} from './problem.js';
export {
  groupThreshold,
  type Level,
  projectBall,
  projectBox,
  projectGroups,
  softThreshold,
} from './proximal.js';
