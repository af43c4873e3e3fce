import { type Device, type DType, defineOp, type Op, type Tensor } from '@adjoint/tensor';
import { type FusedKernelAttrs, fusedKernelOp } from '../../packages/tensor/src/jit/fusedKernel.js';
import { broadcastStrides } from '../../packages/tensor/src/ops/elementwise/broadcast.js';
import { isPair, operandOf, type Value } from '../../packages/tensor/src/ops/elementwise/convert.js';
import {
  type Complex,
  constant,
  float,
  int,
  linearIndex,
  linearise,
  type Node,
  parameter,
} from '../../packages/tensor/src/ops/elementwise/expression.js';
import { elementwiseStep } from '../../packages/tensor/src/ops/elementwise/lower.wasm.js';
import { contiguousStrides, type Layout, type TensorType } from '../../packages/tensor/src/shape.js';

/** What is computed of operands of these dtypes; in a store, operand 0 is what the kernel made. */
export interface Formula {
  readonly dtypes: readonly DType[];
  readonly value: Value;
}

const formula = <V extends Value[]>(dtypes: readonly DType[], build: (operands: V) => Value): Formula => ({
  dtypes,
  value: build(dtypes.map((dtype, k) => operandOf(k, dtype)) as V),
});
type Z = Complex<Node>;
const times = (a: Z, b: Z): Z => ({
  re: float.sub(float.mul(a.re, b.re), float.mul(a.im, b.im)),
  im: float.add(float.mul(a.re, b.im), float.mul(a.im, b.re)),
});

/** Loads of a dtype. */
export const loadFormulas: Partial<Record<DType, readonly Formula[]>> = {
  f32: [
    formula(['f32', 'f32'], ([a, b]: Node[]) => float.mul(a!, b!)),
    formula(['c64'], ([z]: Z[]) => float.add(float.mul(z!.re, z!.re), float.mul(z!.im, z!.im))),
    formula(['f32', 'i32', 'f32'], ([a, b, c]: Node[]) =>
      float.add(float.mul(float.sin(a!), int.toFloat(b!)), float.mul(c!, parameter(0.75))),
    ),
    formula(['f32'], ([a]: Node[]) => float.add(a!, int.toFloat(int.and(linearIndex, linearIndex)))),
  ],
  c64: [
    formula(['c64', 'c64'], ([a, b]: Z[]) => times({ re: a!.re, im: float.neg(a!.im) }, b!)),
    formula(['f32', 'c64'], ([a, b]: [Node, Z]) => ({ re: float.mul(a, b.re), im: float.mul(a, b.im) })),
    formula(['f32'], ([a]: Node[]) => ({ re: float.cos(a!), im: float.sin(a!) })),
  ],
  i32: [formula(['i32', 'i32'], ([a, b]: Node[]) => int.add(int.mul(a!, b!), linearIndex))],
  bool: [formula(['f32', 'f32'], ([a, b]: Node[]) => float.lt(a!, b!))],
};

/** Stores of a dtype. */
export const storeFormulas: Partial<Record<DType, readonly Formula[]>> = {
  f32: [
    formula(['f32', 'f32'], ([y, a]: Node[]) => {
      const shifted = float.add(y!, a!);
      return float.max(shifted, float.mul(shifted, constant(0.125)));
    }),
    formula(['f32', 'f32', 'f32'], ([y, a, b]: Node[]) => float.mul(float.add(y!, a!), float.cos(b!))),
    formula(['f32'], ([y]: Node[]) => float.tanh(float.mul(y!, parameter(0.5)))),
  ],
  c64: [
    formula(['c64', 'c64'], ([y, a]: Z[]) => times(y!, a!)),
    formula(['c64', 'f32'], ([y, a]: [Z, Node]) => ({ re: float.mul(y.re, a), im: float.mul(y.im, a) })),
  ],
};

/** An op with formulas in place of some of its inputs, and behind it. */
export interface Fusion {
  readonly op: Op;
  readonly attrs: object;
  /** As the op sees them. */
  readonly types: readonly TensorType[];
  readonly loads: readonly (Formula | undefined)[];
  readonly store?: Formula;
}

/** The operands of one formula, or an input that is stored: they broadcast. */
export type Operands = readonly Tensor[];

const seen = (x: Layout, { shape }: TensorType): Layout => ({
  ...x,
  shape,
  strides: broadcastStrides(x, shape),
});
const keyOf = ({ value }: Formula): string => linearise(isPair(value) ? [value.re, value.im] : [value]).key;

interface FormulaAttrs {
  readonly type: TensorType;
  readonly formula: Formula;
}
const formulaOp = defineOp<FormulaAttrs>({
  name: 'formula',
  strided: true,
  key: ({ formula, type }) => `${type.shape}|${keyOf(formula)}`,
  infer: (_, { type }) => [type],
  wasm: ({ inputs, outputs: [y], attrs: { type, formula } }, target) => ({
    steps: [
      elementwiseStep(
        target,
        type.shape,
        inputs.map((x, input) => ({ ...seen(x, type), address: { input } })),
        [{ ...y!, address: { output: 0 }, value: formula.value }],
      ),
    ],
  }),
});

/** One kernel after the other: loads, op, store. */
export function separate(device: Device, fusion: Fusion, inputs: readonly Operands[], others: Operands) {
  const { op, attrs, types, loads, store } = fusion;
  const made: Tensor[] = [];
  const values = types.map((type, k) => {
    if (!loads[k]) return inputs[k]![0]!;
    const [value] = device.execute(formulaOp, inputs[k]!, [type], { type, formula: loads[k] });
    made.push(value!);
    return value!;
  });
  const outputs = device.execute(op, values, op.infer(types, attrs), attrs);
  if (store) {
    const [y] = outputs;
    const [finished] = device.execute(formulaOp, [y!, ...others], [y!], { type: y!, formula: store });
    y!.dispose();
    outputs[0] = finished!;
  }
  for (const tensor of made) tensor.dispose();
  return outputs;
}

/** All in the kernels of the op. */
export function fused(device: Device, fusion: Fusion, inputs: readonly Operands[], others: Operands) {
  const { op, attrs, types, loads, store } = fusion;
  const outputs = op.infer(types, attrs);
  const along = (type: TensorType, operands: Operands) => operands.map((x) => seen(x, type));
  const fusedAttrs: FusedKernelAttrs = {
    ...{ op, attrs },
    inputs: types.map((type) => ({ ...type, strides: contiguousStrides(type.shape), offset: 0 })),
    loads: loads.map(
      (load, k) => load && { value: load.value, operands: along(types[k]!, inputs[k]!), ops: [] },
    ),
    store: store && { value: store.value, operands: along(outputs[0]!, others), ops: [] },
  };
  return device.execute(fusedKernelOp, [...inputs.flat(), ...others], outputs, fusedAttrs);
}
