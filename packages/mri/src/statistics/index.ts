export { auc } from './auc.js';
export { type BootstrapOptions, bootstrap } from './bootstrap.js';
export { coefficientOfVariation } from './coefficientOfVariation.js';
export { type Interval, type IntervalOptions, normalInterval, tInterval } from './interval.js';
export { type LineFit, leaveOneFamilyOut, ols } from './ols.js';
export { type PairedOptions, pairedDifference } from './pairedDifference.js';
export { kendallTau, spearman } from './rankCorrelation.js';
export type { Sample } from './sample.js';
