export { foldIn, type Key, type KeyOptions, key, splitKey } from './key.js';
export {
  bernoulli,
  type ComplexNormalOptions,
  complexNormal,
  type NormalOptions,
  normal,
  permutation,
  randint,
  randomBits,
  type UniformOptions,
  uniform,
} from './random.js';
