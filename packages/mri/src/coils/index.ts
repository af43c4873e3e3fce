export { compressCoils } from './compressCoils.js';
export type { Eigenmaps } from './eigenmaps.js';
export { type EspiritOptions, espirit } from './espirit.js';
export { type CalibrationOptions, espiritEigenmaps } from './espiritEigenmaps.js';
export { type LowResolutionOptions, lowResolutionMaps } from './lowResolutionMaps.js';
export { rss } from './rss.js';
export { senseCombine } from './senseCombine.js';
export { whiten } from './whiten.js';
