import { checkChoice } from '../../check.js';
import type { Shape } from '../../shape.js';
import type { Window } from './geometry.js';

/** How a convolution is computed on the wasm and webgpu devices: sums of products as they stand, or Winograd's F(4x4, 3x3). */
export type ConvAlgorithm = 'direct' | 'winograd';

let preference: 'auto' | ConvAlgorithm = 'auto';

/**
 * Chooses how convolutions are computed from now on. `auto` (default): Winograd's F(4x4, 3x3) where it is
 * faster, direct elsewhere. `direct`: always sums of products, with the smallest rounding error.
 * `winograd`: wherever the shape allows it.
 */
export function setConvAlgorithm(algorithm: 'auto' | ConvAlgorithm): void {
  preference = checkChoice('setConvAlgorithm', 'the argument', algorithm, [
    'auto',
    'direct',
    'winograd',
  ] as const);
}

/** Channels from which the transforms cost less than the products they save. */
const leastChannels = 16;

/** The algorithm for weights of a shape: the one place that decides. */
export function chooseAlgorithm(
  weights: Shape,
  { stride, dilation, groups }: Omit<Window, 'padding'> & { groups: number },
): ConvAlgorithm {
  const [outChannels, inChannels, kh, kw] = weights as [number, number, number, number];
  const fits = kh === 3 && kw === 3 && groups === 1 && [...stride, ...dilation].every((n) => n === 1);
  if (!fits || preference === 'direct') return 'direct';
  return preference === 'winograd' || Math.min(outChannels, inChannels) >= leastChannels
    ? 'winograd'
    : 'direct';
}
