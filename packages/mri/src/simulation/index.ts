export { type BuiltinOptions, builtinImages, type ImageSet } from './builtin/builtinImages.js';
export { headSplit } from './builtin/headSplit.js';
export { type BuiltinName, type BuiltinSource, builtinSources } from './builtin/sources.js';
export type { Plane } from './builtin/volume.js';
export { type CoilMapsOptions, type CoilRingOptions, coilMaps } from './coilMaps.js';
export { cropKspace } from './cropKspace.js';
export type { Ellipse, EllipsePhantom } from './ellipse.js';
export { ellipseKspace, rasterise } from './ellipseKspace.js';
export { type EllipsePhantomOptions, ellipsePhantom, sheppLogan } from './ellipsePhantoms.js';
export { type BrainContrast, type BrainOptions, brainPhantom } from './families/brain.js';
export { type KneeContrast, type KneeOptions, kneePhantom } from './families/knee.js';
export { type AxisSupport, type KspaceSupport, kspaceSupport } from './kspaceSupport.js';
export { addNoise, type NoisyKspace } from './noise.js';
export { type SimulateOptions, type Simulation, simulate } from './simulate.js';
export { type SmoothPhaseOptions, smoothPhase } from './smoothPhase.js';
export {
  type Split,
  type SubjectSplitOptions,
  splitBySubject,
  splitWithinSubject,
  type WithinSubjectOptions,
} from './splits.js';
export { stanfordLike } from './stanfordLike.js';
