import { type Primitive, type Pullback, primitive, savesOfProduct } from '../row.js';
import { sumTo } from '../view/view.pullback.js';
import { type MatmulAttrs, matmulBy, matmulOp } from './matmul.js';

/**
 * C = op(A) op(B). Plain operands: Ā = C̄ Bᴴ and B̄ = Aᴴ C̄. A transposed operand gets the transposed
 * product, a conjugated one the conjugated product; both only change flags. Broadcast axes are summed.
 */
const matmulPullback: Pullback<MatmulAttrs> = ([cBar], { attrs, input, inputTypes, needs }) => {
  const { transposeA, transposeB, conjA, conjB } = attrs;
  const aBar = () =>
    transposeA
      ? matmulBy(input(1), cBar!, {
          transposeA: transposeB,
          conjA: conjB === conjA,
          transposeB: true,
          conjB: conjA,
        })
      : matmulBy(cBar!, input(1), { conjA, transposeB: !transposeB, conjB: conjB === conjA });
  const bBar = () =>
    transposeB
      ? matmulBy(cBar!, input(0), {
          transposeA: true,
          conjA: conjB,
          transposeB: transposeA,
          conjB: conjA === conjB,
        })
      : matmulBy(input(0), cBar!, { transposeA: !transposeA, conjA: conjA === conjB, conjB });
  return [
    needs[0] ? sumTo(aBar(), inputTypes[0]!.shape) : undefined,
    needs[1] ? sumTo(bBar(), inputTypes[1]!.shape) : undefined,
  ];
};

export const matmulPrimitives: Primitive[] = [
  primitive({ op: matmulOp, pullback: matmulPullback, saves: savesOfProduct }),
];
