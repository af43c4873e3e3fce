export { type Interpolation, median, type QuantileOptions, quantile } from './quantile.js';
export { argsort, type Sorted, type SortOptions, sort, type TopkOptions, topk } from './sort.js';
