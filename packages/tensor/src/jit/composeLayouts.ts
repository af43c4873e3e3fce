import { broadcastStrides } from '../ops/elementwise/broadcast.js';
import { contiguousStrides, type Layout, type Shape } from '../shape.js';

/**
 * An operand of an element-wise op of result shape `shape`, seen through a view of that result: element i of
 * the layout returned is what the op reads for element i of `view`. Undefined where no strides say that (a
 * reshape that cuts through strided axes, say).
 *
 * @param operand layout of the operand, of a shape that broadcasts to `shape`.
 * @param view layout over the contiguous result.
 */
export function composeLayouts(operand: Layout, shape: Shape, view: Layout): Layout | undefined {
  const from = broadcastStrides(operand, shape);
  const steps = contiguousStrides(shape);
  const common = { shape: view.shape, dtype: operand.dtype };
  if (from.every((stride, i) => stride === 0 || shape[i] === 1))
    return { ...common, strides: view.shape.map(() => 0), offset: operand.offset };
  if (from.every((stride, i) => stride === steps[i] || shape[i] === 1))
    return { ...common, strides: view.strides, offset: operand.offset + view.offset };
  return composeByAxes(from, operand, shape, view);
}

/** Every axis of the view moves along one axis of the result: finds which, how far, and where it starts. */
function composeByAxes(
  from: readonly number[],
  { dtype, offset }: Layout,
  shape: Shape,
  view: Layout,
): Layout | undefined {
  const steps = contiguousStrides(shape);
  const low: number[] = [];
  let rest = view.offset;
  steps.forEach((step, i) => {
    low[i] = shape[i] === 1 ? 0 : Math.floor(rest / step);
    rest -= low[i]! * step;
  });
  const high = [...low];
  const start = low.reduce((sum, index, i) => sum + index * from[i]!, offset);
  const strides: number[] = [];
  for (const [j, n] of view.shape.entries()) {
    const stride = view.strides[j]!;
    strides[j] = 0;
    if (n === 1 || stride === 0) continue;
    const axis = steps.findIndex((step, i) => shape[i] !== 1 && step <= Math.abs(stride));
    const count = axis < 0 ? 0.5 : stride / steps[axis]!;
    if (!Number.isInteger(count)) return undefined;
    strides[j] = count * from[axis]!;
    if (count < 0) low[axis]! += count * (n - 1);
    else high[axis]! += count * (n - 1);
  }
  const isInside = shape.every((n, i) => low[i]! >= 0 && high[i]! < n);
  return isInside ? { shape: view.shape, dtype, strides, offset: start } : undefined;
}
