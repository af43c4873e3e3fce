export { explain, type JitArgument, type JitOptions, type Jitted, jit } from './jit.js';
export { type LoopInputs, type LoopOutputs, runLoop } from './loop.js';
export { type LoopBody, type LoopMade, type LoopStep, type LoopTypes, loopBody } from './loopBody.js';
export type { LoopSpec } from './loopLayout.js';
export { sketch } from './sketch.js';
