export {
  decodeWeights,
  type LoadWeightsOptions,
  loadWeights,
  saveWeights,
  type Weights,
} from './weightsFile.js';
