import { ArgumentError, checkFunction, describe, Tensor } from '@adjoint/tensor';

/**
 * Trees: nested plain objects and arrays whose leaves are tensors. Other leaves (numbers, strings,
 * functions, class instances) are carried along unchanged.
 */

const isPlainObject = (value: unknown): value is Record<string, unknown> => {
  if (value === null || typeof value !== 'object') return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** Whether trees go on inside it. */
export const isBranch = (value: unknown): value is object => Array.isArray(value) || isPlainObject(value);

/**
 * A copy of `tree` with every tensor replaced by `fn(tensor, path)`; the path reads like source code:
 * `.weights[2]`. Order: arrays by index, objects by insertion.
 */
export function mapTree<T>(tree: T, fn: (leaf: Tensor, path: string) => unknown, path = ''): T {
  checkFunction('mapTree', 'argument 2', fn);
  const map = (node: unknown, at: string): unknown => {
    if (node instanceof Tensor) return fn(node, at);
    if (Array.isArray(node)) return node.map((item, i) => map(item, `${at}[${i}]`));
    if (!isPlainObject(node)) return node;
    return Object.fromEntries(Object.entries(node).map(([name, item]) => [name, map(item, `${at}.${name}`)]));
  };
  return map(tree, path) as T;
}

/** The tensors of a tree, in `mapTree`'s order. */
export function treeLeaves(tree: unknown): Tensor[] {
  const leaves: Tensor[] = [];
  mapTree(tree, (leaf) => leaves.push(leaf));
  return leaves;
}

/**
 * A tree like `tree` whose tensors are taken from `leaves`, in `mapTree`'s order.
 * @throws ArgumentError unless there are as many leaves.
 */
export function rebuildTree<T>(tree: T, leaves: readonly unknown[]): T {
  let count = 0;
  const rebuilt = mapTree(tree, () => leaves?.[count++]);
  if (!Array.isArray(leaves) || leaves.length !== count)
    throw new ArgumentError({
      fn: 'rebuildTree',
      argument: 'leaves',
      expected: `an array of ${count}, as many as the tree has tensors`,
      got: Array.isArray(leaves) ? String(leaves.length) : describe(leaves),
    });
  return rebuilt;
}

/** Disposes every tensor of a tree. */
export function disposeTree(tree: unknown): void {
  for (const leaf of treeLeaves(tree)) leaf.dispose();
}

/**
 * Pairs every tensor of `model` with what stands at the same place in `other`.
 *
 * @throws ArgumentError where `other` has another structure.
 */
export function pairLeaves(
  fn: string,
  argument: string,
  model: unknown,
  other: unknown,
): [Tensor, unknown, string][] {
  const pairs: [Tensor, unknown, string][] = [];
  const walk = (node: unknown, beside: unknown, path: string): void => {
    if (node instanceof Tensor) pairs.push([node, beside, path]);
    else if (Array.isArray(node)) {
      if (!Array.isArray(beside) || beside.length !== node.length)
        throw structureError(fn, argument + path, `an array of ${node.length}`, beside);
      node.forEach((item, i) => {
        walk(item, beside[i], `${path}[${i}]`);
      });
    } else if (isPlainObject(node)) {
      const names = Object.keys(node);
      if (
        !isPlainObject(beside) ||
        Object.keys(beside).length !== names.length ||
        !names.every((name) => name in beside)
      )
        throw structureError(fn, argument + path, `an object with {${names.join(', ')}}`, beside);
      for (const name of names) walk(node[name], beside[name], `${path}.${name}`);
    }
  };
  walk(model, other, '');
  return pairs;
}

function structureError(fn: string, argument: string, expected: string, got: unknown): ArgumentError {
  const shown = isPlainObject(got) ? `an object with {${Object.keys(got).join(', ')}}` : describe(got);
  return new ArgumentError({
    fn,
    argument,
    expected,
    got: shown,
    remedy: 'Both trees must have the same structure.',
  });
}
