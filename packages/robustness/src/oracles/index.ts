export { type LinearFilter, linearFilter } from './linearFilter.js';
export { type LinearOracle, linearMap, linearOracle } from './linearOracle.js';
export {
  gradientDescentOperator,
  tikhonovOperator,
  zeroFilledOperator,
} from './linearReconstructions.js';
