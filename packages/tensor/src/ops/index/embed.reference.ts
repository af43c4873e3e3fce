import { dtypeInfo, type TypedArray } from '../../dtype.js';
import type { HostValue } from '../../op.js';
import { contiguousStrides, sizeOf } from '../../shape.js';
import type { EmbedAttrs } from './embed.js';

/** y[start + i·step] = x[i], constant elsewhere. */
export function embedReference(
  [x]: readonly HostValue[],
  [y]: readonly HostValue[],
  { start, step, value }: EmbedAttrs,
): void {
  const { parts } = dtypeInfo[x!.dtype];
  y!.data.forEach((_, i) => {
    y!.data[i] = value[i % parts]!;
  });
  placeInto(x!, y!.data, contiguousStrides(y!.shape), start, step);
}

/** Writes the elements of x to start + i·step of an array with these strides. */
export function placeInto(
  x: HostValue,
  to: TypedArray,
  strides: readonly number[],
  start: readonly number[],
  step: readonly number[],
): void {
  const { parts } = dtypeInfo[x.dtype];
  const inner = contiguousStrides(x.shape);
  for (let i = 0; i < sizeOf(x.shape); i++) {
    let at = 0;
    for (let axis = 0; axis < x.shape.length; axis++) {
      const index = Math.floor(i / inner[axis]!) % x.shape[axis]!;
      at += (start[axis]! + index * step[axis]!) * strides[axis]!;
    }
    for (let part = 0; part < parts; part++) to[at * parts + part] = x.data[i * parts + part]!;
  }
}

/** Inputs one after another along an axis. */
export function concatReference(
  inputs: readonly HostValue[],
  [y]: readonly HostValue[],
  { axis }: { axis: number },
): void {
  const strides = contiguousStrides(y!.shape);
  const step = y!.shape.map(() => 1);
  let offset = 0;
  for (const x of inputs) {
    const start = y!.shape.map((_, i) => (i === axis ? offset : 0));
    placeInto(x, y!.data, strides, start, step);
    offset += x.shape[axis]!;
  }
}
