export { type CentredFftOptions, centredFftOperator } from './centredFftOperator.js';
export { type CoilOptions, coilWeighting } from './coilWeighting.js';
export { dct2, dctOperator, idct2 } from './dct.js';
export { finiteDifference, finiteDifferenceOperator } from './finiteDifference.js';
export { fromHybrid, type SenseSystem, senseHybrid, senseSystem, toHybrid } from './hybrid.js';
export { sampling } from './sampling.js';
export { sense } from './sense.js';
export { type WaveletOptions, waveletOperator } from './waveletOperator.js';
