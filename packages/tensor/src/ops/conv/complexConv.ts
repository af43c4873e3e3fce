import type { Tensor } from '../../tensor.js';
import { complex, imag, neg, real } from '../elementwise/index.js';
import { concat } from '../index/index.js';
import { reshape, slice } from '../view/index.js';

// A complex convolution is one real convolution with twice the channels: in every group, the channels
// hold real parts, then imaginary parts, and the weights the 2x2 matrices [[re, -im], [im, re]].

/** [n, channels, h, w] complex → [n, 2 · channels, h, w] real: per group, real then imaginary parts. */
export function partsOfImage(x: Tensor, groups: number): Tensor {
  const [n, channels, height, width] = x.shape as [number, number, number, number];
  const grouped = reshape(x, [n, groups, channels / groups, height, width]);
  return reshape(concat([real(grouped), imag(grouped)], 2), [n, 2 * channels, height, width]);
}

/** The inverse of `partsOfImage`. */
export function imageOfParts(y: Tensor, groups: number): Tensor {
  const [n, parts, height, width] = y.shape as [number, number, number, number];
  const half = parts / groups / 2;
  const grouped = reshape(y, [n, groups, 2 * half, height, width]);
  const part = (range: [number, number]) => slice(grouped, [null, null, range]);
  return reshape(complex(part([0, half]), part([half, 2 * half])), [n, parts / 2, height, width]);
}

/**
 * Complex weights [groups · a, b, kh, kw] as real ones [groups · 2a, 2b, kh, kw]: blocks
 * [[re, −im], [im, re]], or transposed blocks for the adjoint op.
 */
export function complexWeights(w: Tensor, groups: number, transposed: boolean): Tensor {
  const [rows, columns, kh, kw] = w.shape as [number, number, number, number];
  const grouped = reshape(w, [groups, rows / groups, columns, kh, kw]);
  const [re, im] = [real(grouped), imag(grouped)];
  const top = concat([re, transposed ? im : neg(im)], 2);
  const bottom = concat([transposed ? neg(im) : im, re], 2);
  return reshape(concat([top, bottom], 1), [2 * rows, 2 * columns, kh, kw]);
}
