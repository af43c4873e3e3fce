import './methods.js';

export type {
  Backend,
  DeviceBuffer,
  Executable,
  MemoryUse,
  Operand,
  Purpose,
} from './backend/backend.js';
export type { DeviceLimit } from './backend/webgpu/limits.js';
export type { WgslTarget } from './backend/webgpu/plan.js';
export {
  checkBoolean,
  checkChoice,
  checkFunction,
  checkInteger,
  checkNumber,
  checkOptions,
  refusePromise,
} from './check.js';
export {
  arange,
  type CreationOptions,
  eye,
  linspace,
  ones,
  onesLike,
  scalar,
  type TensorData,
  type TensorOptions,
  tensor,
  toDevice,
  zeros,
  zerosLike,
} from './creation.js';
export { Device } from './device.js';
export {
  apply,
  apply1,
  checkFloating,
  checkTensor,
  pushRecorder,
  type Recorder,
  recompute,
  removeRecorder,
} from './dispatch.js';
export {
  complexOf,
  type DType,
  dtypeInfo,
  isComplex,
  isDifferentiable,
  isDouble,
  promote,
  realOf,
  type TypedArray,
} from './dtype.js';
export * from './errors.js';
export * from './io/index.js';
export * from './jit/index.js';
export * as linalg from './linalg/index.js';
export * from './nn/index.js';
export { defineOp, type HostValue, type Op } from './op.js';
export * from './ops/conv/index.js';
export * from './ops/elementwise/index.js';
export * from './ops/fft/index.js';
export * from './ops/index/index.js';
export * from './ops/matmul/index.js';
export * from './ops/random/index.js';
export * from './ops/reduce/index.js';
export * from './ops/resample/index.js';
export type { Primitive, Pullback, PullbackContext } from './ops/row.js';
export * from './ops/sort/index.js';
export { primitiveOf } from './ops/table.js';
export * from './ops/view/index.js';
export * from './ops/wavelet/index.js';
export { item, type NestedArray, read, toArray } from './read.js';
export {
  checkDevice,
  createDevice,
  currentDevice,
  type DeviceInfo,
  deviceOption,
  type InitOptions,
  info,
  init,
  memory,
  withDevice,
} from './runtime.js';
export { type Complex, isScalar, type Scalar } from './scalar.js';
export { keep, scope } from './scope.js';
export {
  broadcastShapes,
  checkShape,
  formatShape,
  formatType,
  type Layout,
  normaliseAxes,
  normaliseAxis,
  type Shape,
  sameShape,
  sizeOf,
  type TensorType,
} from './shape.js';
export { Tensor } from './tensor.js';
