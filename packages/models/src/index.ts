export * from './data/index.js';
export * from './layers/index.js';
export { type Bound, model } from './model.js';
export {
  type ApplyOptions,
  checkParameters,
  type Layer,
  type Network,
  type Parameters,
  parameterCount,
} from './network.js';
export { type ShippedName, shippedNames, shippedPath, shippedWeights } from './shippedWeights.js';
export * from './training/index.js';
export * from './unet/index.js';
export * from './weights/index.js';
