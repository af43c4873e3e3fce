import type { Complex } from './expression.js';

/** Complex arithmetic on host numbers, for reference formulas: textbook forms in double precision. */
export type Z = Complex<number>;

export const z = (re: number, im = 0): Z => ({ re, im });
export const zAdd = (a: Z, b: Z): Z => z(a.re + b.re, a.im + b.im);
export const zSub = (a: Z, b: Z): Z => z(a.re - b.re, a.im - b.im);
export const zMul = (a: Z, b: Z): Z => z(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re);
export const zDiv = (a: Z, b: Z): Z => {
  const norm = b.re * b.re + b.im * b.im;
  return z((a.re * b.re + a.im * b.im) / norm, (a.im * b.re - a.re * b.im) / norm);
};
export const zAbs = (a: Z): number => Math.hypot(a.re, a.im);
export const zArg = (a: Z): number => Math.atan2(a.im, a.re);
export const zPolar = (r: number, phase: number): Z =>
  z(r * Math.cos(phase), phase === 0 ? phase : r * Math.sin(phase));
export const zExp = (a: Z): Z => zPolar(Math.exp(a.re), a.im);
export const zLog = (a: Z): Z => z(Math.log(zAbs(a)), zArg(a));
/** Principal branch, as e^{log(z) / 2} would give but exact at 0 and on the axes. */
export const zSqrt = (a: Z): Z => {
  const r = zAbs(a);
  const re = Math.sqrt(Math.max(0, (r + a.re) / 2));
  const im = Math.sqrt(Math.max(0, (r - a.re) / 2));
  if (a.re >= 0) return z(re, re === 0 ? a.im : a.im / (2 * re));
  return z(Math.abs(a.im) / (2 * im), a.im < 0 || Object.is(a.im, -0) ? -im : im);
};
export const zPow = (a: Z, b: Z): Z => {
  if (b.re === 0 && b.im === 0) return z(1);
  return a.re === 0 && a.im === 0 ? z(0) : zExp(zMul(b, zLog(a)));
};
