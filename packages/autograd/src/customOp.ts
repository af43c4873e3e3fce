import {
  AdjointError,
  ArgumentError,
  checkFunction,
  checkOptions,
  checkTensor,
  describe,
  identity,
  isDifferentiable,
  refusePromise,
  scope,
  type Tensor,
} from '@adjoint/tensor';
import type { Cotangents, TapeNode } from './node.js';
import { asStep } from './program.js';
import { checkSameType, zeroOf } from './recording.js';
import { Tape } from './tape.js';
import { mapTree, pairLeaves, rebuildTree, treeLeaves } from './tree.js';

/** What a custom pullback may read. */
export interface CustomContext<A extends readonly unknown[], V> {
  /** The arguments of the call. */
  readonly args: A;
  /** Its result. */
  readonly output: V;
  /** Per argument: whether a cotangent is wanted for any tensor in it. */
  readonly needs: readonly boolean[];
}

export interface CustomRule<A extends readonly unknown[], V> {
  /** Names the op in error messages. */
  readonly name: string;
  /** Computes the result. Any synchronous code on tensors; none of it is recorded. */
  forward(...args: A): V;
  /**
   * Maps the cotangent of the result (a tree like it, complete: zeros where nothing depends on a part) to
   * a list with a tree like the argument for every argument; `undefined` stands for zero. Write it with
   * differentiable operations and higher derivatives exist too.
   */
  pullback(cotangent: V, context: CustomContext<A, V>): readonly unknown[];
  /** What `context` keeps alive until the backward sweep; default both. If given, only what is `true`. */
  readonly saves?: { readonly args?: boolean; readonly output?: boolean };
}

/**
 * A function with a derivative rule of its own: for matrix-free operators, implicit derivatives
 * (differentiate the equation a solver solves, not its iterations) and rules that are better than what
 * the operations inside would give.
 *
 * Arguments and result are trees of tensors. Every tensor the result depends on differentiably must be
 * an argument: a captured one with a gradient is refused, because its derivative would be lost. What
 * the rule wants to reuse can be a further part of the result.
 *
 * @throws AdjointError when `forward` captures a differentiated tensor, or the pullback returns another
 * number, structure or type of cotangents than there are arguments.
 * @example
 * // y = A x for code that only has products with A and A^H; each is the other's pullback
 * const forward = customOp({ name: 'A', forward: (x: Tensor) => applyA(x), pullback: (y) => [adjoint(y)], saves: {} });
 */
export function customOp<A extends unknown[], V>(rule: CustomRule<A, V>): (...args: A) => V {
  checkRule(rule);
  return asStep(customFunction(rule, true));
}

/**
 * `customOp` without checks of the rule.
 * @param completes whether parts of the cotangent that nothing depends on are zeros, or else undefined.
 */
export function customFunction<A extends unknown[], V>(
  rule: CustomRule<A, V>,
  completes: boolean,
): (...args: A) => V {
  return (...args) => {
    const inputs = treeLeaves(args);
    inputs.forEach((input, i) => {
      checkTensor(
        rule.name,
        inputs.length === 1 ? 'the argument' : `tensor ${i + 1} of the arguments`,
        input,
      );
    });
    // Fresh values in and out: the tapes know neither, so anything they do know came by capture.
    const output = scope(() => {
      const fresh = Tape.paused({ kind: 'silent' }, () => inputs.map((input) => identity(input)));
      const made = Tape.paused({ kind: 'guarded', op: rule.name }, () =>
        rule.forward(...rebuildTree(args, fresh)),
      );
      refusePromise(rule.name, 'forward', made);
      return Tape.paused({ kind: 'silent' }, () => mapTree(made, identity));
    });
    const outputs = treeLeaves(output);
    for (const tape of Tape.recordingFor(inputs))
      tape.push(customNode(rule, completes, args, inputs, output, outputs, tape), outputs);
    return output;
  };
}

function customNode<A extends unknown[], V>(
  rule: CustomRule<A, V>,
  completes: boolean,
  args: A,
  inputs: readonly Tensor[],
  output: V,
  outputs: readonly Tensor[],
  tape: Tape,
): TapeNode {
  const { args: savesArgs = !rule.saves, output: savesOutput = !rule.saves } = rule.saves ?? {};
  const savedInputs = savesArgs ? inputs.map((input) => input.alias()) : [];
  const savedOutputs = savesOutput ? outputs.map((tensor) => tensor.alias()) : [];
  const context: CustomContext<A, V> = {
    needs: args.map((arg) => treeLeaves(arg).some((leaf) => tape.isTracked(leaf))),
    get args() {
      return savesArgs ? rebuildTree(args, savedInputs) : notSaved(rule.name, 'args');
    },
    get output() {
      return savesOutput ? rebuildTree(output, savedOutputs) : notSaved(rule.name, 'output');
    },
  };
  const pullback = (cotangents: Cotangents): Cotangents => {
    const complete = outputs.map(
      (tensor, i) =>
        cotangents[i] ?? (completes && isDifferentiable(tensor.dtype) ? zeroOf(tensor) : undefined),
    );
    return flattenCotangents(rule.name, args, rule.pullback(rebuildTree(output, complete), context));
  };
  return {
    name: rule.name,
    inputs: inputs.map(({ id }) => id),
    outputs: outputs.map(({ id }) => id),
    inputTypes: inputs.map(({ shape, dtype }) => ({ shape, dtype })),
    needs: inputs.map((input) => tape.isTracked(input)),
    saved: [...savedInputs, ...savedOutputs],
    pullback,
  };
}

/** One cotangent per input tensor, from one tree per argument. */
function flattenCotangents(name: string, args: readonly unknown[], trees: readonly unknown[]): Cotangents {
  const fn = `pullback of ${name}`;
  if (!Array.isArray(trees) || trees.length !== args.length)
    throw new ArgumentError({
      fn,
      argument: 'the result',
      expected: `an array with ${args.length} entries, one per argument (undefined for zero)`,
      got: describe(trees),
    });
  return args.flatMap((arg, i) => {
    if (trees[i] === undefined) return treeLeaves(arg).map(() => undefined);
    return pairLeaves(fn, `entry ${i}`, arg, trees[i]).map(([leaf, cotangent, path]) => {
      if (cotangent === undefined || !isDifferentiable(leaf.dtype)) return undefined;
      checkSameType(fn, `entry ${i}${path}`, leaf, cotangent);
      return cotangent;
    });
  });
}

function notSaved(name: string, what: string): never {
  throw new AdjointError(`pullback of ${name}: context.${what} was not kept. Set saves.${what} to true.`);
}

function checkRule<A extends unknown[], V>(rule: CustomRule<A, V>): void {
  const fn = 'customOp';
  checkOptions(fn, rule, ['name', 'forward', 'pullback', 'saves'], 'the rule');
  if (rule.saves !== undefined) checkOptions(fn, rule.saves, ['args', 'output'], 'saves');
  if (typeof rule.name !== 'string' || rule.name === '')
    throw new ArgumentError({
      fn,
      argument: 'name',
      expected: 'a non-empty string',
      got: describe(rule.name),
    });
  checkFunction(fn, 'forward', rule.forward);
  checkFunction(fn, 'pullback', rule.pullback);
}
