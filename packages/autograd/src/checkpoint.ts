import { checkFunction, isDifferentiable, recompute, type Tensor } from '@adjoint/tensor';
import { customOp } from './customOp.js';
import { rebuildTree, treeLeaves } from './tree.js';
import { vjp } from './vjp.js';

/**
 * The same function, of which a tape keeps only the arguments: the backward sweep runs it a second time for
 * everything else. Costs one more run of `f`, saves the memory of its intermediate values; for long chains wrap
 * every segment. In a compiled function the second run is kept apart from the first.
 *
 * Arguments and result are trees of tensors. Tensors that are differentiated must be arguments: a captured
 * one with a gradient is refused. Derivatives of any order exist.
 *
 * Griewank & Walther 2000; Chen, Xu, Zhang & Guestrin 2016.
 * @throws ArgumentError unless `f` is a synchronous function; AdjointError for a captured differentiated tensor.
 * @example const loss = (x: Tensor) => sum(layers.reduce((y, layer) => checkpoint(layer)(y), x));
 */
export function checkpoint<A extends unknown[], V>(f: (...args: A) => V): (...args: A) => V {
  checkFunction('checkpoint', 'the function', f);
  return customOp<A, V>({
    name: 'checkpoint',
    forward: f,
    saves: { args: true },
    pullback: (cotangent, { args }) => recompute(() => pullBack(f, args, cotangent)),
  });
}

/** Cotangents of the arguments, from a second run of `f`: trees like them, undefined for integers. */
function pullBack<A extends unknown[], V>(f: (...args: A) => V, args: A, cotangent: V): unknown[] {
  const leaves = treeLeaves(args);
  const variables = leaves.filter(({ dtype }) => isDifferentiable(dtype));
  const withVariables = (...values: Tensor[]): V => {
    let next = 0;
    return f(
      ...rebuildTree(
        args,
        leaves.map((leaf) => (isDifferentiable(leaf.dtype) ? values[next++] : leaf)),
      ),
    );
  };
  using at = vjp(withVariables, ...variables);
  const found = at.pullback(cotangent);
  let next = 0;
  return rebuildTree<unknown[]>(
    args,
    leaves.map((leaf) => (isDifferentiable(leaf.dtype) ? found[next++] : undefined)),
  );
}
