import { checkInteger, checkOptions } from '../../check.js';
import { checkTensor } from '../../dispatch.js';
import { checkDType, type DType } from '../../dtype.js';
import { DTypeError } from '../../errors.js';
import { scope } from '../../scope.js';
import type { Tensor } from '../../tensor.js';
import { cast, equal, iota } from '../elementwise/index.js';

import { unsqueeze } from '../view/index.js';

/**
 * y[…, c] = 1 where c = indices[…], else 0, for c = 0 … classes − 1. An index outside gives zeros.
 *
 * @param indices i32 or u8.
 * @param options dtype of the result; default f32.
 * @throws DTypeError, ArgumentError
 */
export function oneHot(indices: Tensor, classes: number, options: { readonly dtype?: DType } = {}): Tensor {
  checkTensor('oneHot', 'argument 1', indices);
  checkInteger('oneHot', 'classes', classes, { min: 0 });
  checkOptions('oneHot', options, ['dtype']);
  const { dtype = 'f32' } = options;
  checkDType('oneHot', 'option dtype', dtype);
  if (indices.dtype !== 'i32' && indices.dtype !== 'u8')
    throw new DTypeError({ fn: 'oneHot', argument: 'argument 1', expected: 'i32 or u8', got: indices.dtype });
  return scope(() => {
    const candidates = iota(classes, { device: indices.device });
    return cast(equal(unsqueeze(indices, -1), candidates), dtype);
  });
}
