export { type CgSenseOptions, cgSense } from './cgSense.js';
export type { ImageOutput } from './image.js';
export { type L1Options, l1 } from './l1.js';
export type { FaithfulL1Options } from './l1Faithful.js';
export type { Scaling } from './scaledSystem.js';
export type { SparsifyingTransform } from './sparsity.js';
export { type TotalVariationOptions, totalVariation } from './totalVariation.js';
export { type TuneOptions, type TuneResult, type TuneRow, tune } from './tune.js';
export { type ZeroFilledOptions, zeroFilled } from './zeroFilled.js';
