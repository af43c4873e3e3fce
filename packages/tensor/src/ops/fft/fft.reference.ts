import type { HostValue } from '../../op.js';
import type { FftAttributes } from './fft.js';
import { hostDft } from './hostDft.js';

/** The transform along one axis after another, each line by the defining sum (see `hostDft`). */
export function fftReference(
  [x]: readonly HostValue[],
  [y]: readonly HostValue[],
  { axes, inverse, scale, centred }: FftAttributes,
): void {
  const work = Float64Array.from(x!.data);
  for (const axis of axes) transformAxis(work, x!.shape, axis, inverse, centred);
  for (let i = 0; i < work.length; i++) y!.data[i] = scale * work[i]!;
}

function transformAxis(
  work: Float64Array,
  shape: readonly number[],
  axis: number,
  inverse: boolean,
  centred: boolean,
): void {
  const n = shape[axis]!;
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  // index j of the sum is array index (j + ⌊n/2⌋) mod n: ifftshift before, fftshift after
  const shift = centred ? Math.floor(n / 2) : 0;
  const line = new Float64Array(2 * n);
  const lines = work.length / 2 / n;
  for (let i = 0; i < lines; i++) {
    const start = Math.floor(i / inner) * n * inner + (i % inner);
    const at = (j: number) => 2 * (start + ((j + shift) % n) * inner);
    for (let j = 0; j < n; j++) line.set(work.subarray(at(j), at(j) + 2), 2 * j);
    const result = hostDft(line, inverse);
    for (let k = 0; k < n; k++) work.set(result.subarray(2 * k, 2 * k + 2), at(k));
  }
}
