import { AdjointError, type Op, primitiveOf, type Tensor, type TensorType } from '@adjoint/tensor';

export type Cotangents = readonly (Tensor | undefined)[];

/** One recorded operation: how cotangents of its outputs become cotangents of its inputs. */
export interface TapeNode {
  readonly name: string;
  /** Value ids. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly inputTypes: readonly TensorType[];
  /** Which inputs need a cotangent. */
  readonly needs: readonly boolean[];
  /** Handles that keep saved values alive; the tape disposes them. */
  readonly saved: readonly Tensor[];
  /** Throws where the op has no derivative. */
  pullback(cotangents: Cotangents): Cotangents;
}

const typeOf = ({ shape, dtype }: TensorType): TensorType => ({ shape, dtype });

/** The node of a table op: keeps the values its row declares. */
export function primitiveNode<A>(
  op: Op<A>,
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  attrs: A,
  needs: readonly boolean[],
): TapeNode {
  const row = primitiveOf(op);
  const inputTypes = inputs.map(typeOf);
  const outputTypes = outputs.map(typeOf);
  const node = {
    name: op.name,
    inputs: inputs.map(({ id }) => id),
    outputs: outputs.map(({ id }) => id),
    inputTypes,
    needs,
  };
  if (!row?.pullback) return { ...node, saved: [], pullback: () => refuse(op.name, row?.why) };
  const { pullback } = row;
  const saves = typeof row.saves === 'function' ? row.saves(needs) : row.saves;
  const savedInputs = save(inputs, saves?.inputs);
  const savedOutputs = save(outputs, saves?.outputs);
  const context = {
    attrs,
    needs,
    inputTypes,
    outputTypes,
    input: (i: number) => savedInputs.get(i) ?? notSaved(op.name, `input ${i}`),
    output: (i: number) => savedOutputs.get(i) ?? notSaved(op.name, `output ${i}`),
  };
  return {
    ...node,
    saved: [...savedInputs.values(), ...savedOutputs.values()],
    pullback: (cotangents) => pullback(cotangents, context),
  };
}

function save(
  values: readonly Tensor[],
  selection: readonly number[] | 'all' | undefined,
): Map<number, Tensor> {
  const indices = selection === 'all' ? values.keys() : (selection ?? []);
  const saved = new Map<number, Tensor>();
  for (const i of indices) if (values[i]) saved.set(i, values[i].alias());
  return saved;
}

function refuse(name: string, why = 'no pullback is defined for it'): never {
  throw new AdjointError(
    `grad: ${name} has no derivative (${why}), but the result depends on a differentiated argument through it. ` +
      'Use stopGradient() on its input, or define the rule with customOp().',
  );
}

function notSaved(name: string, what: string): never {
  throw new AdjointError(`pullback of ${name}: reads ${what}, which its row does not list under "saves".`);
}
