export {
  type ConvOptions,
  conv2d,
  convTranspose2d,
  dropout2d,
  instanceNorm,
  linear,
} from './layers.js';
export { normLeakyRelu } from './normActivation.js';
export { type Activation, sequential } from './sequential.js';
