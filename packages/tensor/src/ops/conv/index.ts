export { type ConvAlgorithm, setConvAlgorithm } from './conv.algorithm.js';
export { type Conv1dOptions, type ConvTranspose1dOptions, conv1d, convTranspose1d } from './conv1d.js';
export { type Conv2dOptions, type ConvTranspose2dOptions, conv2d, convTranspose2d } from './conv2d.js';
export type { Padding, PerAxis } from './geometry.js';
export { type MaxPoolOptions, maxPool2d } from './maxPool.js';
