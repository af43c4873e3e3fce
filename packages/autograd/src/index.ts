export { stopGradient } from '@adjoint/tensor';
export {
  type DotCheck,
  DotTestError,
  type DotTestOptions,
  type DotTestReport,
  dotTest,
} from './check/dotTest.js';
export {
  type Derivative,
  GradcheckError,
  type GradcheckOptions,
  type GradcheckReport,
  gradcheck,
} from './check/gradcheck.js';
export { checkpoint } from './checkpoint.js';
export { type CustomContext, type CustomRule, customOp } from './customOp.js';
export { type GradOptions, grad, hvp, valueAndGrad } from './grad.js';
export { type LinearOperator, type LinearOperatorParts, linearOperator } from './operators/linearOperator.js';
export {
  addOperators,
  adjointOf,
  compose,
  identityOperator,
  multiplyOperator,
  scaleOperator,
  stackOperators,
} from './operators/operatorAlgebra.js';
export { type AdamOptions, adam, adamW } from './optim/adam.js';
export { clipByNorm } from './optim/clip.js';
export { type FlatLayout, flattenParameters, unflattenParameters } from './optim/flat.js';
export type { Optimiser, OptimiserState, StepSize } from './optim/optimiser.js';
export { type RmspropOptions, rmsprop } from './optim/rmsprop.js';
export { type SgdOptions, sgd } from './optim/sgd.js';
export { type ScanOptions, scan } from './scan.js';
export { disposeTree, mapTree, rebuildTree, treeLeaves } from './tree.js';
export { jvp, type Vjp, vjp } from './vjp.js';
