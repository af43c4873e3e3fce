import { checkTensor } from '../../dispatch.js';
import { isComplex } from '../../dtype.js';
import type { Tensor } from '../../tensor.js';
import { identity } from '../view/index.js';
import { conjPair } from './complexExpression.js';
import { z } from './complexNumber.js';
import { call, type ElementwiseOp, elementwise } from './define.js';

export const conjRow: ElementwiseOp<undefined> = elementwise({
  name: 'conj',
  arity: 1,
  formulas: { complex: { expression: conjPair, reference: ({ re, im }) => z(re, -im) } },
  pullbacks: [(yBar) => conj(yBar)],
  samples: { dtypes: [['c64']], linear: 'real' },
});

/** y = x*, the complex conjugate; a real x is returned as it is (a view). R-linear. */
export function conj(x: Tensor): Tensor {
  checkTensor('conj', 'the argument', x);
  return isComplex(x.dtype) ? call(conjRow, [x], undefined) : identity(x);
}
