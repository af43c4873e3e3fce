export { type AvgPoolOptions, avgPool2d } from './avgPool.js';
export { axisMap } from './axisMap.js';
export { type AxisPad, type PadMode, type PadOptions, pad } from './pad.js';
export { type ResizeMode, type ResizeOptions, resize } from './resize.js';
export { type MatrixEntry, type SparseMatrix, sparseMatrix } from './sparseMatrix.js';
