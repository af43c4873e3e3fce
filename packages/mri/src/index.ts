export type { Box } from './box.js';
export * from './coils/index.js';
export { cropCentre } from './cropCentre.js';
export * from './io/index.js';
export { breathing, type LoopOptions, type Progress, type ProgressReport } from './loop.js';
export type { Measurement } from './measurement.js';
export * from './metrics/index.js';
export * from './operators/index.js';
export * from './pictures/index.js';
export type {
  FixedPointIteration,
  Params,
  ReconstructionProblem,
  ReconstructOptions,
  Reconstructor,
} from './reconstructor.js';
export * from './reconstructors/index.js';
export * from './sampling/index.js';
export * from './simulation/index.js';
export * from './solvers/index.js';
export * from './statistics/index.js';
