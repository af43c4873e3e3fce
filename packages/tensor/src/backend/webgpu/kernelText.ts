import type { KernelCall } from '../../op.js';
import type { WgslKernel, WgslStep } from './plan.js';

/** Makes the dispatch of a kernel: its source and what is bound to it. */
export function wgslStep<A>(_call: KernelCall<A>, _kernel: WgslKernel): WgslStep {
  throw new TypeError('wgslStep is being written');
}
