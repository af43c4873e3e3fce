import {
  abs2,
  add,
  checkNumber,
  clamp,
  mul,
  reciprocal,
  scope,
  sqrt,
  sum,
  type Tensor,
} from '@adjoint/tensor';
import { mapTree } from '../tree.js';
import { flattenTree } from './flat.js';

/**
 * Scales a tree of gradients so that their common 2-norm is at most `maxNorm`, as
 * torch.nn.utils.clip_grad_norm_: g ← g · min(1, maxNorm / (‖g‖ + 1e-6)).
 *
 * @returns the scaled tree and the norm before scaling (0-d).
 */
export function clipByNorm<T>(gradients: T, maxNorm: number): { gradients: T; norm: Tensor } {
  checkNumber('clipByNorm', 'maxNorm', maxNorm, { min: 0 });
  return scope(() => {
    const norm = sqrt(sum(abs2(flattenTree('clipByNorm', 'gradients', gradients).flat)));
    const factor = clamp(mul(reciprocal(add(norm, 1e-6)), maxNorm), 0, 1);
    return { gradients: mapTree(gradients, (leaf) => mul(leaf, factor)), norm };
  });
}
