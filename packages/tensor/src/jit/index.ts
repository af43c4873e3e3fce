export { explain, type JitArgument, type JitOptions, type Jitted, jit } from './jit.js';
