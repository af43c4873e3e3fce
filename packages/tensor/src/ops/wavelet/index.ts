export { type DwtBands, type DwtOptions, dwt, idwt } from './dwt.js';
export { type DetailBands, type Dwt2Bands, type Dwt2Options, dwt2, idwt2 } from './dwt2.js';
export type { WaveletMode } from './filterBank.js';
export {
  arrayToCoeffs,
  type CoefficientShapes,
  coefficientShapes,
  coeffsToArray,
  type LayoutOptions,
} from './layout.js';
export {
  dwtMaxLevel,
  type Wavedec2Options,
  type WaveletCoefficients,
  wavedec2,
  waverec2,
} from './multilevel.js';
export { type WaveletFilters, waveletFilters, waveletNames } from './wavelet.js';
