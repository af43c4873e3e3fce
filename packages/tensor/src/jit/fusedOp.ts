import { defineOp } from '../op.js';
import { attrsKey } from '../ops/elementwise/attrsKey.js';
import { isPair, type Value } from '../ops/elementwise/convert.js';
import { linearise, type Program } from '../ops/elementwise/expression.js';
import { elementwiseStep } from '../ops/elementwise/lower.wasm.js';
import { elementwisePlan } from '../ops/elementwise/lower.wgsl.js';
import type { TensorType } from '../shape.js';

export interface FusedAttrs {
  readonly type: TensorType;
  /** The value of an element, from operands laid out along the result's shape. */
  readonly value: Value;
  readonly program: Program;
  /** Names of the ops it stands for, in order. */
  readonly ops: readonly string[];
}

export const programOf = (value: Value): Program => linearise(isPair(value) ? [value.re, value.im] : [value]);

export const parametersOf = ({ nodes }: Program): number[] =>
  nodes.filter(({ node }) => node.kind === 'parameter').map(({ node }) => node.value);

/** Several element-wise ops in one kernel. Operands have the result's shape, broadcast axes stride 0. */
export const fusedOp = defineOp<FusedAttrs>({
  name: 'fused',
  strided: true,
  key: ({ program }) => `${program.key}|${attrsKey(parametersOf(program))}`,
  infer: (_, { type }) => [type],
  expression: (_, { value }) => value,
  wasm: ({ inputs, outputs: [y], attrs: { value } }, target) => {
    const operands = inputs.map(({ dtype, strides }, k) => ({ dtype, strides, address: { input: k } }));
    const output = { dtype: y!.dtype, strides: y!.strides, address: { output: 0 }, value };
    return { steps: [elementwiseStep(target, y!.shape, operands, [output])] };
  },
  wgsl: ({ inputs, outputs: [y], attrs: { value } }) => elementwisePlan('fused', inputs, y!, value),
});
