import { checkChoice, checkOptions } from '../../check.js';
import { ArgumentError, describe, ShapeError } from '../../errors.js';
import { scope } from '../../scope.js';
import { checkShape, formatShape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { concat } from '../index/index.js';

import { pad } from '../resample/index.js';
import { identity, type Range, slice } from '../view/index.js';
import { checkAxes, type DetailBands } from './dwt2.js';
import { coefficientCount, waveletModes } from './filterBank.js';
import {
  checkCoefficients,
  resolveLevel,
  type Wavedec2Options,
  type WaveletCoefficients,
} from './multilevel.js';
import { findWavelet } from './wavelet.js';

type Size = readonly [rows: number, columns: number];

/** Rows and columns of the bands of `wavedec2`, details from the coarsest level to the finest. */
export interface CoefficientShapes {
  readonly approximation: Size;
  readonly details: readonly Size[];
}

export interface LayoutOptions {
  /** Row and column axis; default [−2, −1]. */
  axes?: readonly [number, number];
}

/** Band sizes that `wavedec2` gives for an image of `size` = [H, W]. */
export function coefficientShapes(
  size: Size,
  wavelet: string,
  options: Omit<Wavedec2Options, 'axes'> = {},
): CoefficientShapes {
  const fn = 'coefficientShapes';
  checkOptions(fn, options, ['mode', 'level']);
  const { level: wanted, mode = 'symmetric' } = options;
  checkChoice(fn, 'option mode', mode, waveletModes);
  const taps = findWavelet(fn, wavelet).decompositionLow.length;
  let current = checkSize(fn, 'size', size);
  const level = resolveLevel(fn, current, wavelet, wanted);
  const details: Size[] = [];
  for (let i = 0; i < level; i++) {
    current = current.map((n) => coefficientCount(mode, n, taps)) as unknown as Size;
    details.unshift(current);
  }
  return { approximation: current, details };
}

function checkSize(fn: string, argument: string, size: unknown): Size {
  const shape = checkShape(fn, argument, size);
  if (shape.length !== 2)
    throw new ShapeError({ fn, argument, expected: 'a pair [rows, columns]', got: formatShape(shape) });
  return shape as unknown as Size;
}

/**
 * All bands of a multilevel transform in one array, in the layout of `pywt.coeffs_to_array`: recursively
 * [[A, cV], [cH, cD]], rows along the first axis. Where a length was odd on the way a band is shorter than
 * the block beside it; the holes this leaves are zero.
 *
 * @throws ShapeError when the bands do not fit together.
 */
export function coeffsToArray(coefficients: WaveletCoefficients, options: LayoutOptions = {}): Tensor {
  const fn = 'coeffsToArray';
  checkOptions(fn, options, ['axes']);
  checkCoefficients(fn, coefficients);
  const axes = checkAxes(fn, coefficients.approximation, options.axes);
  const [rows, columns] = axes;
  return scope(() =>
    coefficients.details.reduce((block, { horizontal, vertical, diagonal }) => {
      const top = concat([block, fill(fn, vertical, block, rows)], columns);
      const bottom = concat([fill(fn, horizontal, block, columns), diagonal], columns);
      return concat([top, bottom], rows);
    }, identity(coefficients.approximation)),
  );
}

/** Zeros behind a band along an axis, up to the length of the block beside it. */
function fill(fn: string, band: Tensor, block: Tensor, axis: number): Tensor {
  const holes = block.shape[axis]! - band.shape[axis]!;
  if (!(holes >= 0))
    throw new ShapeError({
      fn,
      argument: 'a detail band',
      expected: `at most ${block.shape[axis]} long on axis ${axis}, as the coarser levels`,
      got: formatShape(band.shape),
    });
  return pad(
    band,
    band.shape.map((_, i) => [0, i === axis ? holes : 0]),
  );
}

/**
 * The bands in an array made by `coeffsToArray`; holes are ignored. Views.
 *
 * @param shapes of `coefficientShapes`
 * @throws ShapeError when the array does not have the size the shapes add up to.
 */
export function arrayToCoeffs(
  array: Tensor,
  shapes: CoefficientShapes,
  options: LayoutOptions = {},
): WaveletCoefficients {
  const fn = 'arrayToCoeffs';
  checkOptions(fn, options, ['axes']);
  const axes = checkAxes(fn, array, options.axes);
  const { approximation, details } = checkShapes(fn, shapes);
  const total = [0, 1].map((i) => details.reduce((sum, size) => sum + size[i]!, approximation[i]!));
  if (axes.some((axis, i) => array.shape[axis] !== total[i]))
    throw new ShapeError({
      fn,
      argument: 'the array',
      expected: `${total.join(' x ')} on axes ${axes.join(' and ')}, what the shapes add up to`,
      got: formatShape(array.shape),
    });
  const cut = (from: Size, size: Size): Tensor => {
    const ranges: Range[] = array.shape.map(() => null);
    axes.forEach((axis, i) => {
      ranges[axis] = [from[i]!, from[i]! + size[i]!];
    });
    return slice(array, ranges);
  };
  let [r, c] = approximation;
  const bands = details.map((size): DetailBands => {
    const found = { horizontal: cut([r, 0], size), vertical: cut([0, c], size), diagonal: cut([r, c], size) };
    r += size[0];
    c += size[1];
    return found;
  });
  return { approximation: cut([0, 0], approximation), details: bands };
}

function checkShapes(fn: string, shapes: CoefficientShapes): CoefficientShapes {
  if (shapes === null || typeof shapes !== 'object' || !Array.isArray(shapes.details))
    throw new ArgumentError({
      fn,
      argument: 'shapes',
      expected: '{ approximation, details } as coefficientShapes returns',
      got: describe(shapes),
    });
  return {
    approximation: checkSize(fn, 'shapes.approximation', shapes.approximation),
    details: shapes.details.map((size) => checkSize(fn, 'shapes.details', size)),
  };
}
