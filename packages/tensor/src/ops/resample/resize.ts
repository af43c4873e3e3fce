import { checkChoice, checkInteger, checkOptions } from '../../check.js';
import { checkFloating } from '../../dispatch.js';
import { ArgumentError, describe, ShapeError } from '../../errors.js';
import { scope } from '../../scope.js';
import { formatShape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';

import { identity } from '../view/index.js';
import { axisMap } from './axisMap.js';
import { internMatrix, type MatrixEntry, type SparseMatrix } from './sparseMatrix.js';

const resizeModes = ['nearest', 'bilinear'] as const;
export type ResizeMode = (typeof resizeModes)[number];

export interface ResizeOptions {
  /** Default 'nearest'. */
  mode?: ResizeMode;
  /** Bilinear: corner samples fall on corner samples, scale (in − 1)/(out − 1). Default false. */
  alignCorners?: boolean;
}

/**
 * Resamples the last two axes to a given size, with PyTorch's rules (`interpolate`). Per axis, with
 * scale = in/out and output index i,
 *
 *     nearest                   y[i] = x[⌊i·scale⌋]
 *     bilinear                  s = max(0, (i + ½)·scale − ½)
 *     bilinear, alignCorners    s = i·(in − 1)/(out − 1)
 *                               y[i] = (1 − s + ⌊s⌋) x[⌊s⌋] + (s − ⌊s⌋) x[min(⌊s⌋ + 1, in − 1)]
 *
 * No anti-aliasing filter when shrinking. C-linear; the adjoint is the transposed interpolation.
 *
 * @param x floating or complex [..., H, W]
 * @param size [H', W'], both ≥ 1
 * @throws ShapeError when x has fewer than two axes or an empty one of the two.
 */
export function resize(x: Tensor, size: readonly [number, number], options: ResizeOptions = {}): Tensor {
  const fn = 'resize';
  checkFloating(fn, 'argument 1', x);
  checkOptions(fn, options, ['mode', 'alignCorners']);
  const { mode = 'nearest', alignCorners = false } = options;
  checkChoice(fn, 'option mode', mode, resizeModes);
  if (typeof alignCorners !== 'boolean' || (alignCorners && mode === 'nearest'))
    throw new ArgumentError({
      fn,
      argument: 'option alignCorners',
      expected: mode === 'nearest' ? "false in mode 'nearest'" : 'true or false',
      got: describe(alignCorners),
    });
  const [height, width] = checkSize(x, size);
  const rule = mode === 'nearest' ? 'nearest' : alignCorners ? 'alignCorners' : 'halfPixel';
  const rows = interpolationMatrix(rule, x.shape.at(-2)!, height);
  const columns = interpolationMatrix(rule, x.shape.at(-1)!, width);
  // the order with the smaller intermediate result
  const steps: [SparseMatrix, number][] = [
    [rows, -2],
    [columns, -1],
  ];
  if (x.shape.at(-2)! * width < height * x.shape.at(-1)!) steps.reverse();
  const active = steps.filter(([matrix]) => !matrix.isIdentity);
  if (active.length === 0) return identity(x);
  return scope(() => active.reduce((y, [matrix, axis]) => axisMap(y, matrix, { axis }), x));
}

function checkSize(x: Tensor, size: readonly [number, number]): [number, number] {
  const fn = 'resize';
  if (x.rank < 2 || x.shape.at(-1) === 0 || x.shape.at(-2) === 0)
    throw new ShapeError({
      fn,
      argument: 'the tensor',
      expected: '[..., H, W] with H, W >= 1',
      got: formatShape(x.shape),
    });
  if (!Array.isArray(size) || size.length !== 2)
    throw new ArgumentError({ fn, argument: 'size', expected: 'a pair [H, W]', got: describe(size) });
  return size.map((n) => checkInteger(fn, 'size', n, { min: 1 })) as [number, number];
}

type InterpolationRule = 'nearest' | 'halfPixel' | 'alignCorners';

function interpolationMatrix(rule: InterpolationRule, from: number, to: number): SparseMatrix {
  return internMatrix(`resize:${rule}:${from}:${to}`, to, from, () =>
    Array.from({ length: to }, (_, i) => interpolationRow(rule, i, from, to)).flat(),
  );
}

function interpolationRow(rule: InterpolationRule, i: number, from: number, to: number): MatrixEntry[] {
  if (rule === 'nearest') return [[i, Math.floor((i * from) / to), 1]];
  const source =
    rule === 'halfPixel'
      ? Math.max(0, ((i + 0.5) * from) / to - 0.5)
      : to > 1
        ? (i * (from - 1)) / (to - 1)
        : 0;
  const left = Math.min(Math.floor(source), from - 1);
  const fraction = source - left;
  // beyond the last sample both neighbours are that sample
  return [
    [i, left, 1 - fraction],
    [i, Math.min(left + 1, from - 1), fraction],
  ];
}
