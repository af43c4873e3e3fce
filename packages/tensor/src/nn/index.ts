export { type BatchNormOptions, type BatchNormResult, batchNorm } from './batchNorm.js';
export { dropout } from './dropout.js';
export { linear } from './linear.js';
export { type LossOptions, l1Loss, mseLoss, type SmoothL1Options, smoothL1Loss } from './losses.js';
export { groupNorm, instanceNorm, layerNorm, type NormOptions } from './norms.js';
export { logSoftmax, type SoftmaxOptions, softmax } from './softmax.js';
