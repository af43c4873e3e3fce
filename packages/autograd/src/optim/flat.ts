import {
  ArgumentError,
  checkTensor,
  complex,
  concat,
  DeviceError,
  type DType,
  DTypeError,
  describe,
  formatType,
  imag,
  isComplex,
  isDifferentiable,
  real,
  realOf,
  reshape,
  ShapeError,
  scope,
  sizeOf,
  slice,
  split,
  stack,
  type Tensor,
  type TensorType,
} from '@adjoint/tensor';
import { customOp } from '../customOp.js';
import { mapTree, rebuildTree, treeLeaves } from '../tree.js';

/** How a tree of parameters lies in one real vector. */
export interface FlatLayout<T> {
  /** A tree of this structure; only its structure is used. */
  readonly tree: T;
  readonly types: readonly TensorType[];
  /** f32, or f64 for a tree in double precision. */
  readonly dtype: DType;
  /** Numbers in the vector. */
  readonly length: number;
}

/**
 * All tensors of a tree, one after another in one real vector; complex entries as pairs re, im.
 * Differentiable.
 *
 * @returns `flat` [n] of f32 (f64 for f64 and c128 trees) and the layout that `unflattenParameters` takes.
 * @throws DTypeError for integer tensors, or single beside double precision.
 */
export const flattenParameters = <T>(tree: T): { flat: Tensor; layout: FlatLayout<T> } =>
  flattenTree('flattenParameters', 'the tree', tree);

/** `flattenParameters` on behalf of another function. @internal */
export function flattenTree<T>(
  fn: string,
  argument: string,
  tree: T,
): { flat: Tensor; layout: FlatLayout<T> } {
  const layout = layoutOf(fn, argument, tree);
  const flat = scope(() => {
    const parts = treeLeaves(tree).map((leaf) => reshape(asReal(leaf), [-1]));
    return parts.length === 1 ? parts[0]! : concat(parts, 0);
  });
  return { flat, layout };
}

/**
 * The tree that a flat vector holds: the inverse of `flattenParameters`. Real tensors are views of the
 * vector. The derivative with respect to `flat` is one concatenation.
 *
 * @throws ShapeError, DTypeError when the vector is not of the layout's length and dtype.
 */
export function unflattenParameters<T>(flat: Tensor, layout: FlatLayout<T>): T {
  const fn = 'unflattenParameters';
  checkTensor(fn, 'flat', flat);
  checkLayout(fn, layout);
  const parts = {
    fn,
    argument: 'flat',
    expected: `${layout.dtype} [${layout.length}]`,
    got: formatType(flat),
  };
  if (flat.rank !== 1 || flat.size !== layout.length) throw new ShapeError(parts);
  if (flat.dtype !== layout.dtype) throw new DTypeError(parts);
  const cut = customOp({
    name: fn,
    forward: (x: Tensor) => cutLeaves(x, layout.types),
    pullback: (cotangents) => [flattenParameters(cotangents).flat],
    saves: {},
  });
  return rebuildTree(layout.tree, cut(flat));
}

const isPair = ({ dtype }: TensorType): boolean => isComplex(dtype);

const asReal = (x: Tensor): Tensor => (isPair(x) ? stack([real(x), imag(x)], x.rank) : x);

function cutLeaves(flat: Tensor, types: readonly TensorType[]): Tensor[] {
  const lengths = types.map((type) => sizeOf(type.shape) * (isPair(type) ? 2 : 1));
  return split(flat, lengths).map((part, i) => {
    const type = types[i]!;
    if (!isPair(type)) return reshape(part, type.shape);
    const pairs = reshape(part, [sizeOf(type.shape), 2]);
    return reshape(complex(slice(pairs, [null, 0]), slice(pairs, [null, 1])), type.shape);
  });
}

function layoutOf<T>(fn: string, argument: string, tree: T): FlatLayout<T> {
  const leaves = treeLeaves(tree);
  if (leaves.length === 0)
    throw new ArgumentError({
      fn,
      argument,
      expected: 'a tensor or nested tensors',
      got: describe(tree),
    });
  const dtype = realOf(leaves[0]!.dtype);
  mapTree(tree, (leaf, path) => {
    checkTensor(fn, argument + path, leaf);
    if (leaf.device !== leaves[0]!.device)
      throw new DeviceError({
        fn,
        argument: argument + path,
        expected: 'on one device with the other tensors',
        got: `${leaves[0]!.device.name} and ${leaf.device.name}`,
        remedy: 'Move it with toDevice().',
      });
    if (!isDifferentiable(leaf.dtype) || realOf(leaf.dtype) !== dtype)
      throw new DTypeError({
        fn,
        argument: argument + path,
        expected: 'floating or complex, all of one precision',
        got: formatType(leaf),
      });
  });
  const types = leaves.map(({ shape, dtype: kind }) => ({ shape, dtype: kind }));
  const length = types.reduce((sum, type) => sum + sizeOf(type.shape) * (isPair(type) ? 2 : 1), 0);
  return { tree, types, dtype, length };
}

function checkLayout(fn: string, layout: FlatLayout<unknown>): void {
  const isLayout = layout !== null && typeof layout === 'object' && Array.isArray(layout.types);
  if (!isLayout)
    throw new ArgumentError({
      fn,
      argument: 'layout',
      expected: 'what flattenParameters returned',
      got: describe(layout),
    });
}
