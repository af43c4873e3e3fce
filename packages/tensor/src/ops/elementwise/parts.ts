import { checkTensor } from '../../dispatch.js';
import { complexOf, isComplex, realOf } from '../../dtype.js';
import type { Tensor } from '../../tensor.js';
import { identity } from '../view/index.js';
import { z } from './complexNumber.js';
import { conjRow } from './conj.js';
import { call, type ElementwiseOp, elementwise, type Operand } from './define.js';
import { full } from './full.js';

const realRow = elementwise({
  name: 'real',
  arity: 1,
  formulas: { complex: { expression: ({ re }) => re, reference: ({ re }) => re } },
  result: realOf,
  pullbacks: [(yBar) => complex(yBar, 0)],
  samples: { dtypes: [['c64']], linear: 'real' },
});

/** y = Re x; a real x is returned as it is (a view). R-linear. */
export function real(x: Tensor): Tensor {
  checkTensor('real', 'the argument', x);
  return isComplex(x.dtype) ? call(realRow, [x], undefined) : identity(x);
}

const imagRow = elementwise({
  name: 'imag',
  arity: 1,
  formulas: { complex: { expression: ({ im }) => im, reference: ({ im }) => im } },
  result: realOf,
  pullbacks: [(yBar) => complex(0, yBar)],
  samples: { dtypes: [['c64']], linear: 'real' },
});

/** y = Im x; zeros for a real x. R-linear. */
export function imag(x: Tensor): Tensor {
  checkTensor('imag', 'the argument', x);
  return isComplex(x.dtype)
    ? call(imagRow, [x], undefined)
    : full(x.shape, 0, { dtype: x.dtype, device: x.device });
}

const complexRow = elementwise({
  name: 'complex',
  arity: 2,
  formulas: { float: { expression: (re, im) => ({ re, im }), reference: (re, im) => z(re, im) } },
  result: complexOf,
  pullbacks: [(yBar) => real(yBar), (yBar) => imag(yBar)],
  samples: {
    dtypes: [
      ['f32', 'f32'],
      ['i32', 'f32'],
    ],
    linear: 'real',
  },
});

/** z = re + i im from two real operands, broadcast. R-linear. */
export const complex = (re: Operand, im: Operand): Tensor => call(complexRow, [re, im], undefined);

export const partOps: readonly ElementwiseOp[] = [conjRow, realRow, imagRow, complexRow];
