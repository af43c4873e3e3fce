import {
  ArgumentError,
  DTypeError,
  describe,
  formatType,
  full,
  identity,
  isDifferentiable,
  refusePromise,
  ShapeError,
  sameShape,
  scope,
  Tensor,
} from '@adjoint/tensor';
import { Tape } from './tape.js';
import { mapTree, pairLeaves, rebuildTree, treeLeaves } from './tree.js';

/** A function run once under a tape. */
export interface Recording<V> {
  readonly tape: Tape;
  readonly value: V;
  /**
   * Cotangents of the differentiated arguments, each a tree like its argument; what the value does not
   * depend on gets zeros.
   */
  backward(seeds: readonly (readonly [id: number, cotangent: Tensor])[], retain: boolean): unknown[];
}

/**
 * Runs `f(...args)` and records how the result depends on the tensors of the arguments `argnums`.
 *
 * These tensors enter as fresh values, so a tensor passed twice is two variables, and an outer tape
 * still sees where they came from. Temporaries of `f` are freed when it returns, save what the tape
 * needs.
 */
export function record<V>(
  fn: string,
  f: (...args: never[]) => V,
  args: readonly unknown[],
  argnums: readonly number[],
): Recording<V> {
  const tape = new Tape();
  const variables: Tensor[][] = argnums.map((argnum) => differentiable(fn, args[argnum], argnum));
  const value = scope(() => {
    const inner = [...args];
    const fresh = variables.map((leaves) => leaves.map((leaf) => identity(leaf)));
    argnums.forEach((argnum, i) => {
      inner[argnum] = rebuildTree(args[argnum], fresh[i]!);
      variables[i] = fresh[i]!;
    });
    return tape.watch(fresh.flat(), () => runSynchronous(fn, f, inner));
  });
  return {
    tape,
    value,
    backward: (seeds, retain) => {
      const found = tape.backward(seeds, variables.flat(), { retain });
      let next = 0;
      return argnums.map((argnum, i) => {
        const leaves = variables[i]!.map((variable) => found[next++] ?? zeroOf(variable));
        return rebuildTree(args[argnum], leaves);
      });
    },
  };
}

/** Zero of a tensor's type, on its device. */
export const zeroOf = ({ shape, dtype, device }: Tensor): Tensor => full(shape, 0, { dtype, device });

/** The tensors of one argument, all of a dtype that carries gradients. */
function differentiable(fn: string, argument: unknown, argnum: number): Tensor[] {
  const name = `argument ${argnum + 1}`;
  mapTree(argument, (leaf, path) => {
    leaf.check(fn, name + path);
    if (!isDifferentiable(leaf.dtype))
      throw new DTypeError({
        fn,
        argument: name + path,
        expected: 'of a floating or complex dtype to be differentiated',
        got: formatType(leaf),
        remedy: 'Close over integer and bool tensors, or choose other arguments with argnums.',
      });
  });
  const leaves = treeLeaves(argument);
  if (leaves.length === 0)
    throw new ArgumentError({
      fn,
      argument: name,
      expected: 'a tensor or nested objects and arrays with tensors',
      got: describe(argument),
      remedy: 'Gradients are taken with respect to tensors; make one with tensor(value).',
    });
  return leaves;
}

function runSynchronous<V>(fn: string, f: (...args: never[]) => V, args: readonly unknown[]): V {
  return scope(() => {
    const result = f(...(args as never[]));
    refusePromise(fn, 'the function', result);
    return result;
  });
}

/** Pairs the differentiable tensors of `model` with the tensors at the same places of `other`, of equal types. */
export function matchTypes(fn: string, argument: string, model: unknown, other: unknown): [Tensor, Tensor][] {
  const pairs = pairLeaves(fn, argument, model, other).filter(([leaf]) => isDifferentiable(leaf.dtype));
  return pairs.map(([leaf, beside, path]) => {
    checkSameType(fn, argument + path, leaf, beside);
    return [leaf, beside];
  });
}

export function checkSameType(
  fn: string,
  argument: string,
  model: Tensor,
  value: unknown,
): asserts value is Tensor {
  if (!(value instanceof Tensor))
    throw new ArgumentError({
      fn,
      argument,
      expected: `a ${formatType(model)} tensor`,
      got: describe(value),
    });
  value.check(fn, argument);
  const parts = { fn, argument, expected: formatType(model), got: formatType(value) };
  if (!sameShape(value.shape, model.shape)) throw new ShapeError(parts);
  if (value.dtype !== model.dtype) throw new DTypeError(parts);
}
