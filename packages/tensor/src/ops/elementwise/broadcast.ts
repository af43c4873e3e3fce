import type { Layout, Shape } from '../../shape.js';

/** Strides of a layout seen as the larger shape: 0 along axes that are repeated. */
export function broadcastStrides({ shape, strides }: Pick<Layout, 'shape' | 'strides'>, to: Shape): number[] {
  const shift = to.length - shape.length;
  return to.map((_, axis) => (axis < shift || shape[axis - shift] === 1 ? 0 : strides[axis - shift]!));
}
