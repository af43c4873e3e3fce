import { wgslStep } from '../../backend/webgpu/kernelText.js';
import type { WgslOperand, WgslStep, WgslWord } from '../../backend/webgpu/plan.js';
import type { KernelCall } from '../../op.js';
import type { Result } from './product.wgsl.js';

const workgroupSize = 256;
/** Parts added up before their sum joins the others: keeps the rounding errors of many parts small. */
const run = 32;

interface Parts {
  readonly name: string;
  readonly parts: number;
  /** Elements of the result. */
  readonly size: number;
  readonly partial: WgslOperand;
  readonly result: Result;
  /** Those of the product: rows, columns, units, and what the result's place needs. */
  readonly words: Readonly<Record<string, WgslWord>>;
}

/** result[i] = Σ_part partial[part, i], in the order of the parts. */
export function sumPartsStep<A>(
  call: KernelCall<A>,
  { name, parts, size, partial, result, words }: Parts,
): WgslStep {
  const zero = partial.dtype === 'c64' ? 'vec2f()' : '0.0';
  return wgslStep(call, {
    name: `${name}/sumParts`,
    about: 'C[u, i, j] = Σ_part partial[part, u, i, j], in the order of the parts. One pass.',
    operands: { partial, result: result.operand },
    words: {
      ...words,
      parts: { type: 'u32', value: parts },
      rowStep: { type: 'u32', value: result.rowStep },
    },
    workgroupSize,
    groups: Math.ceil(size / workgroupSize),
    declarations: result.declarations,
    body: `let i = group * ${workgroupSize}u + local;
let size = p.units * p.rows * p.columns;
if (i < size) {
  var total = ${zero};
  for (var first = 0u; first < p.parts; first += ${run}u) {
    var sum = ${zero};
    for (var part = first; part < min(p.parts, first + ${run}u); part++) { sum += load_partial(part * size + i); }
    total += sum;
  }
  let line = i / p.columns;
  store_result(placeResult(i % p.columns, line / p.rows) + (line % p.rows) * p.rowStep, total);
}`,
  });
}
