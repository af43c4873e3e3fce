import { apply1, checkTensor, deviceOf } from '../../dispatch.js';
import { complexOf, type DType, dtypeInfo, promote, weakPromote } from '../../dtype.js';
import { ArgumentError, DTypeError, describe } from '../../errors.js';
import { defineOp, type Op } from '../../op.js';
import { isScalar, type Scalar } from '../../scalar.js';
import { broadcastShapes, type TensorType } from '../../shape.js';
import { Tensor } from '../../tensor.js';
import type { Primitive, PullbackContext, ValueRule } from '../row.js';
import { attrsKey } from './attrsKey.js';
import { broadcastStrides } from './broadcast.js';
import { convert, isNonzero, isPair, type Kind, kindOf, operandOf, type Value } from './convert.js';
import { elementwiseReference } from './define.reference.js';
import { type Complex, constant, type Node } from './expression.js';
import { full } from './full.js';
import { elementwiseStep } from './lower.wasm.js';
import { elementwisePlan } from './lower.wgsl.js';

/** An operand of a public function: a tensor, or a weak scalar that takes the dtype beside it. */
export type Operand = Tensor | Scalar;

/** An expression and, written independently, the same in double precision. */
export interface RealFormula {
  expression(...operands: Node[]): Value;
  reference(...operands: number[]): number | boolean | Complex<number>;
}
export interface ComplexFormula {
  expression(...operands: Complex<Node>[]): Value;
  reference(...operands: Complex<number>[]): number | boolean | Complex<number>;
}

/** One formula per kind of operands; a missing kind uses the next wider one, complex none. */
export interface Formulas {
  /** Operands are 0 or 1 (masks in expressions). */
  readonly bool?: RealFormula;
  readonly integer?: RealFormula;
  readonly float?: RealFormula;
  readonly complex?: ComplexFormula;
}

/**
 * Cotangent of one operand, before broadcast axes are summed and real operands take the real part;
 * undefined where it is zero.
 */
export type OperandPullback<A> = (yBar: Tensor, context: PullbackContext<A>) => Tensor | undefined;

/** Everything about one element-wise op. */
export interface Definition<A> {
  readonly name: string;
  readonly arity: number;
  readonly formulas: Formulas | ((attrs: A) => Formulas);
  /**
   * Leading operands that are conditions: cast to bool, no part of dtype promotion. Complex formulas find
   * them in the real part.
   */
  readonly conditions?: number;
  /** Dtype of the result from the dtype computed in; default: the same. */
  readonly result?: (computed: DType) => DType;
  /** One per operand. Absent: no derivative, for the reason `why`. */
  readonly pullbacks?: readonly (OperandPullback<A> | undefined)[];
  readonly saves?: Primitive['saves'];
  readonly why?: string;
  /** Rows of the op table that test it. */
  readonly samples: Samples<A>;
}

export interface Samples<A> {
  readonly dtypes: readonly (readonly DType[])[];
  /** For all operands, or one by one; default normal. */
  readonly values?: ValueRule | readonly ValueRule[];
  /** Samples are multiplied by this first, to stay where the function is smooth. */
  readonly scale?: number;
  readonly attrs?: readonly A[];
  readonly linear?: 'complex' | 'real';
  /** Reason why gradients are not checked though there is a pullback. */
  readonly unchecked?: string;
  readonly tolerance?: number;
}

// biome-ignore lint/suspicious/noExplicitAny: lists of rows mix attribute types
export interface ElementwiseOp<A = any> extends Definition<A> {
  readonly op: Op<A>;
}

/** Makes the op of a definition. */
export function elementwise<A = undefined>(definition: Definition<A>): ElementwiseOp<A> {
  const op = defineOp<A>({
    name: definition.name,
    strided: true,
    key: attrsKey,
    infer: (inputs, attrs) => {
      const computed = computedDType(definition, inputs, attrs);
      const shape = broadcastShapes(definition.name, ...inputs.map((x) => x.shape));
      return [{ shape, dtype: definition.result?.(computed) ?? computed }];
    },
    expression: (inputs, attrs, operands) => elementwiseValue(definition, inputs, attrs, operands),
    reference: (inputs, [y], attrs) => {
      const computed = kindOf(computedDType(definition, inputs, attrs));
      const { reference } = formulaFor(definition, attrs, computed);
      elementwiseReference(reference, computed, definition.conditions ?? 0, inputs, y!);
    },
    wasm: ({ inputs, outputs: [y], attrs }, target) => {
      const accesses = inputs.map((x, k) => ({
        dtype: x.dtype,
        strides: broadcastStrides(x, y!.shape),
        address: { input: k },
      }));
      const value = elementwiseValue(
        definition,
        inputs,
        attrs,
        inputs.map((x, k) => operandOf(k, x.dtype)),
      );
      const output = { dtype: y!.dtype, strides: y!.strides, address: { output: 0 }, value };
      return { steps: [elementwiseStep(target, y!.shape, accesses, [output])] };
    },
    wgsl: ({ inputs, outputs: [y], attrs }) => {
      const operands = inputs.map((x, k) => operandOf(k, x.dtype));
      return elementwisePlan(
        definition.name,
        inputs,
        y!,
        elementwiseValue(definition, inputs, attrs, operands),
      );
    },
  });
  return { ...definition, op };
}

/** The expression of an op applied to operand values of the given types. */
export function elementwiseValue<A>(
  definition: Definition<A>,
  types: readonly TensorType[],
  attrs: A,
  operands: readonly Value[],
): Value {
  const dtype = computedDType(definition, types, attrs);
  const computed = kindOf(dtype);
  const { expression } = formulaFor(definition, attrs, computed) as { expression(...x: Value[]): Value };
  const converted = operands.map((x, k) => {
    if (k >= (definition.conditions ?? 0)) return convert(x, computed);
    const condition = isNonzero(x);
    return computed === 'complex' ? { re: condition, im: condition } : condition;
  });
  const value = expression(...converted);
  const result = definition.result?.(dtype) ?? dtype;
  return kindOf(result) === 'complex' && !isPair(value) ? { re: value, im: constant(0) } : value;
}

const formulasOf = <A>({ formulas }: Definition<A>, attrs: A): Formulas =>
  typeof formulas === 'function' ? formulas(attrs) : formulas;

const formulaFor = <A>(definition: Definition<A>, attrs: A, kind: Kind): RealFormula | ComplexFormula =>
  formulasOf(definition, attrs)[kind]!;

/** The dtype an op computes in: the operands' common dtype, or the next for which it has a formula. */
function computedDType<A>(definition: Definition<A>, types: readonly TensorType[], attrs: A): DType {
  const { name, conditions = 0 } = definition;
  const common = types.slice(conditions).map(({ dtype }) => dtype);
  const dtype = common.length > 0 ? common.reduce(promote) : 'bool';
  const formulas = formulasOf(definition, attrs);
  switch (dtypeInfo[dtype].kind) {
    case 'bool':
      if (formulas.bool) return dtype;
      if (formulas.integer) return 'i32';
      return formulas.float ? 'f32' : complexOf(dtype);
    case 'integer':
      if (formulas.integer) return dtype;
      return formulas.float ? 'f32' : complexOf(dtype);
    case 'float':
      if (formulas.float) return dtype;
      if (formulas.complex) return complexOf(dtype);
      throw unsupported(name, dtype, 'integer or bool', "Convert it with cast(x, 'i32').");
    case 'complex':
      if (formulas.complex) return dtype;
      throw unsupported(name, dtype, 'real', 'Take real(x), imag(x), abs(x) or angle(x) first.');
  }
}

const unsupported = (fn: string, got: DType, expected: string, remedy: string): DTypeError =>
  new DTypeError({ fn, argument: 'the dtype', expected, got, remedy });

/**
 * Applies an op to tensors and weak scalars, which become 0-d tensors of the precision beside them.
 * @throws ArgumentError if an operand is neither, or none is a tensor.
 */
export function call<A>(row: ElementwiseOp<A>, operands: readonly Operand[], attrs: A): Tensor {
  const { name, conditions = 0 } = row;
  operands.forEach((x, k) => {
    const argument = operands.length === 1 ? 'the argument' : `argument ${k + 1}`;
    if (operands.length === 1 || x instanceof Tensor) checkTensor(name, argument, x);
    else if (!isScalar(x))
      throw new ArgumentError({
        fn: name,
        argument,
        expected: 'a Tensor, a number or { re, im }',
        got: describe(x),
      });
  });
  const tensors = operands.filter((x) => x instanceof Tensor);
  if (tensors.length === operands.length) return apply1(row.op, tensors, attrs);
  const device = deviceOf(name, tensors);
  if (!device)
    throw new ArgumentError({
      fn: name,
      argument: 'one argument',
      expected: 'a Tensor',
      got: 'only numbers',
    });
  const strong = operands.slice(conditions).filter((x) => x instanceof Tensor);
  const base = strong.length > 0 ? strong.map(({ dtype }) => dtype).reduce(promote) : undefined;
  const made: Tensor[] = [];
  try {
    const all = operands.map((x, k) => {
      if (x instanceof Tensor) return x;
      const scalar = full([], x, { dtype: k < conditions ? 'bool' : scalarDType(base, x), device });
      made.push(scalar);
      return scalar;
    });
    return apply1(row.op, all, attrs);
  } finally {
    for (const scalar of made) scalar.dispose();
  }
}

function scalarDType(base: DType | undefined, value: Scalar): DType {
  if (typeof value === 'boolean') return base ?? 'bool';
  return weakPromote(base ?? 'f32', value);
}
