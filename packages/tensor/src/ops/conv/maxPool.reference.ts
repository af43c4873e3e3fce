import type { HostValue } from '../../op.js';
import { sizeOf } from '../../shape.js';
import type { MaxPoolAttrs } from './maxPool.js';

/** Every window looked through in row order. */
export function maxPoolReference(
  [x]: readonly HostValue[],
  [y, place]: readonly HostValue[],
  { kernel, stride, padding }: MaxPoolAttrs,
): void {
  const [height, width] = x!.shape.slice(-2) as [number, number];
  const [rows, columns] = y!.shape.slice(-2) as [number, number];
  for (let i = 0; i < sizeOf(y!.shape); i++) {
    const plane = Math.floor(i / (rows * columns)) * height * width;
    const top = (Math.floor(i / columns) % rows) * stride[0] - padding[0][0];
    const left = (i % columns) * stride[1] - padding[1][0];
    let best = -1;
    for (let iy = Math.max(0, top); iy < Math.min(height, top + kernel[0]); iy++)
      for (let ix = Math.max(0, left); ix < Math.min(width, left + kernel[1]); ix++) {
        const at = iy * width + ix;
        const value = x!.data[plane + at]!;
        if (best < 0 || value > x!.data[plane + best]! || Number.isNaN(value)) best = at;
      }
    y!.data[i] = x!.data[plane + best]!;
    place!.data[i] = best;
  }
}
