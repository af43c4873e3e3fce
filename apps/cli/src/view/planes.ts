import type { Plane } from './panel.js';

/** Images one after the other, as read from a tensor: [..., height, width]. */
export interface Images {
  readonly shape: readonly number[];
  /** Complex values are interleaved. */
  readonly isComplex: boolean;
  readonly data: ArrayLike<number>;
}

/** How many images there are along the leading axes. */
export const countOf = ({ shape }: Images): number => shape.slice(0, -2).reduce((a, b) => a * b, 1);

/** |z| of one image; a real image as it is. */
export function magnitude(images: Images, index: number): Plane {
  return mapPlane(images, index, (re, im) => (im === undefined ? re : Math.hypot(re, im)));
}

/** The angle of one image in [-π, π]; 0 or π for a real one. */
export function angle(images: Images, index: number): Plane {
  return mapPlane(images, index, (re, im = 0) =>
    Number.isFinite(re + im) ? Math.atan2(im, re) : Number.NaN,
  );
}

/** |a - b|, image by image. */
export function difference(a: Plane, b: Plane): Plane {
  const values = Float64Array.from({ length: a.values.length }, (_, i) =>
    Math.abs(a.values[i]! - b.values[i]!),
  );
  return { ...a, values };
}

/** log10 of the magnitude, at most `decades` below the largest. */
export function logarithm(plane: Plane, decades: number): { plane: Plane; low: number; high: number } {
  const logarithms = Float64Array.from(plane.values as ArrayLike<number>, (value) => Math.log10(value));
  const high = logarithms.reduce((a, b) => (b > a && Number.isFinite(b) ? b : a), -Infinity);
  const top = Number.isFinite(high) ? high : 0;
  // Zeros are not measured; they are shown as the smallest value instead of as an error.
  const values = logarithms.map((value) => (value === -Infinity ? top - decades : value));
  return { plane: { ...plane, values }, low: top - decades, high: top };
}

function mapPlane(
  { shape, isComplex, data }: Images,
  index: number,
  f: (re: number, im: number | undefined) => number,
): Plane {
  const [height, width] = [shape.at(-2)!, shape.at(-1)!];
  const size = height * width;
  const values = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const at = index * size + i;
    values[i] = isComplex ? f(data[2 * at]!, data[2 * at + 1]!) : f(Number(data[at]), undefined);
  }
  return { height, width, values };
}
