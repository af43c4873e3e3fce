export type { ValidationPoint } from './checkpoint.js';
export { type FitResult, fit } from './fit.js';
export type { FitOptions, FitReport, OptimizerName } from './fitOptions.js';
export { type LossCurveOptions, lossCurveSvg } from './lossCurve.js';
export type { Batch, LossFunction, LossName } from './losses.js';
export { cosineSchedule, type Moment, type Schedule, stepSchedule } from './schedule.js';
