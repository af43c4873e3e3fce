import { apply1, checkTensor } from '../../dispatch.js';
import { type DType, promote } from '../../dtype.js';
import { ArgumentError, describe, ShapeError } from '../../errors.js';
import { defineOp } from '../../op.js';
import { scope } from '../../scope.js';
import { formatShape, normaliseAxis } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { cast } from '../elementwise/index.js';
import { unsqueeze } from '../view/index.js';
import { concatReference } from './embed.reference.js';
import { concatWasm } from './embed.wasm.js';
import { concatWgsl } from './embed.wgsl.js';

/** y = inputs one after another along `axis`. */
export const concatOp = defineOp<{ axis: number }>({
  name: 'concat',
  infer: (inputs, { axis }) => {
    const { shape, dtype } = inputs[0]!;
    const along = inputs.reduce((sum, input) => sum + input.shape[axis]!, 0);
    return [{ shape: shape.map((n, i) => (i === axis ? along : n)), dtype }];
  },
  strided: true,
  reference: concatReference,
  wasm: concatWasm,
  wgsl: concatWgsl,
});

/**
 * Tensors one after another along an existing axis. Their dtypes are promoted to a common one.
 *
 * @param list at least one tensor; shapes equal except along `axis`.
 * @param axis default 0.
 * @throws ShapeError, AxisError
 */
export function concat(list: readonly Tensor[], axis = 0): Tensor {
  const tensors = checkList('concat', list);
  const [first] = tensors as [Tensor];
  const along = normaliseAxis('concat', axis, first.rank);
  for (const x of tensors)
    if (x.rank !== first.rank || x.shape.some((n, i) => i !== along && n !== first.shape[i]))
      throw new ShapeError({
        fn: 'concat',
        argument: 'the shapes',
        expected: `equal except along axis ${along}`,
        got: `${formatShape(first.shape)} and ${formatShape(x.shape)}`,
      });
  return scope(() => apply1(concatOp, toCommonDType(tensors), { axis: along }));
}

/**
 * Tensors of one shape side by side along a new axis.
 *
 * @param axis position of the new axis in the result; default 0.
 * @throws ShapeError, AxisError
 */
export function stack(list: readonly Tensor[], axis = 0): Tensor {
  const tensors = checkList('stack', list);
  const [first] = tensors as [Tensor];
  const along = normaliseAxis('stack', axis, first.rank + 1);
  for (const x of tensors)
    if (formatShape(x.shape) !== formatShape(first.shape))
      throw new ShapeError({
        fn: 'stack',
        argument: 'the shapes',
        expected: 'equal',
        got: `${formatShape(first.shape)} and ${formatShape(x.shape)}`,
      });
  return scope(() =>
    concat(
      tensors.map((x) => unsqueeze(x, along)),
      along,
    ),
  );
}

function checkList(fn: string, list: readonly Tensor[]): readonly Tensor[] {
  if (!Array.isArray(list) || list.length === 0)
    throw new ArgumentError({
      fn,
      argument: 'list',
      expected: 'an array of at least one tensor',
      got: describe(list),
    });
  list.forEach((x, i) => {
    checkTensor(fn, `tensor ${i} of the list`, x);
  });
  return list;
}

function toCommonDType(tensors: readonly Tensor[]): Tensor[] {
  const dtype = tensors.map((x) => x.dtype).reduce(promote) as DType;
  return tensors.map((x) => (x.dtype === dtype ? x : cast(x, dtype)));
}
