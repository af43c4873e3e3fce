import { ArgumentError, checkNumber, checkOptions, describe } from '@adjoint/tensor';
import { besselJ1 } from './besselJ1.js';

/** A filled ellipse; lengths in fields of view, the origin in the middle, y downwards. */
export interface Ellipse {
  readonly y: number;
  readonly x: number;
  /** Semi-axis along the direction `angle`, and the one across it. */
  readonly along: number;
  readonly across: number;
  /** Of the first semi-axis, in radians from the x axis towards the y axis; default 0. */
  readonly angle?: number | undefined;
  /** Added to the image inside the ellipse. */
  readonly value: number;
}

/** A sum of ellipses: an image whose Fourier transform is known exactly. */
export type EllipsePhantom = readonly Ellipse[];

/** Requires at least one ellipse and finite numbers. */
export function checkPhantom(fn: string, argument: string, value: unknown): EllipsePhantom {
  if (!Array.isArray(value) || value.length === 0)
    throw new ArgumentError({ fn, argument, expected: 'a list of ellipses', got: describe(value) });
  for (const [i, ellipse] of value.entries()) {
    const place = `${argument}[${i}]`;
    checkOptions(fn, ellipse, ['y', 'x', 'along', 'across', 'angle', 'value'], place);
    for (const name of ['y', 'x', 'value']) checkNumber(fn, `${place}.${name}`, ellipse[name]);
    for (const name of ['along', 'across'])
      checkNumber(fn, `${place}.${name}`, ellipse[name], { positive: true });
    checkNumber(fn, `${place}.angle`, ellipse.angle ?? 0);
  }
  return value;
}

/** The image of an ellipse as a function of the point. */
export function ellipseImage(ellipse: Ellipse): (y: number, x: number) => number {
  const { along, across, angle = 0, value } = ellipse;
  const [uy, ux] = [Math.sin(angle) / along, Math.cos(angle) / along];
  const [vy, vx] = [Math.cos(angle) / across, -Math.sin(angle) / across];
  return (y, x) => {
    const [dy, dx] = [y - ellipse.y, x - ellipse.x];
    const u = uy * dy + ux * dx;
    const v = vy * dy + vx * dx;
    return u * u + v * v <= 1 ? value : 0;
  };
}

/**
 * Adds the Fourier transform ∫ ρ(r) exp(-2πi k·r) dr of an ellipse at the frequency k, in cycles per field of view:
 * v a b J_1(2πq)/q exp(-2πi k·r_0) with q = |(a k_u, b k_v)| along the axes of the ellipse.
 */
export function addEllipseSpectrum(ellipse: Ellipse, ky: number, kx: number, out: Float64Array): void {
  const { along: a, across: b, angle = 0, value } = ellipse;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const q = Math.hypot(a * (kx * c + ky * s), b * (ky * c - kx * s));
  const size = q < 1e-9 ? Math.PI * a * b * value : (value * a * b * besselJ1(2 * Math.PI * q)) / q;
  const phase = -2 * Math.PI * (ky * ellipse.y + kx * ellipse.x);
  out[0]! += size * Math.cos(phase);
  out[1]! += size * Math.sin(phase);
}
