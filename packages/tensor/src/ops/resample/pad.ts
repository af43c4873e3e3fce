import { checkChoice, checkInteger, checkNumber, checkOptions } from '../../check.js';
import { checkTensor } from '../../dispatch.js';
import { ArgumentError, describe, ShapeError } from '../../errors.js';
import { scope } from '../../scope.js';
import { formatShape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { embed } from '../index/index.js';

import { identity, slice } from '../view/index.js';
import { axisMap } from './axisMap.js';
import { internMatrix, type MatrixEntry, type SparseMatrix } from './sparseMatrix.js';

const padModes = ['constant', 'reflect', 'symmetric', 'replicate', 'circular'] as const;
export type PadMode = (typeof padModes)[number];
/** Elements added before and after an axis; negative numbers crop. */
export type AxisPad = readonly [before: number, after: number];

export interface PadOptions {
  /** Default 'constant'. */
  mode?: PadMode;
  /** What is added in mode 'constant'; default 0. */
  value?: number;
}

/**
 * Extends (or with negative numbers crops) axes: y[i] = x[fold(i − before)], with i − before continued
 * outside 0 … n − 1 as
 *
 *     constant    v v v | a b c d | v v v
 *     reflect     d c b | a b c d | c b a      the edge is not repeated
 *     symmetric   c b a | a b c d | d c b      the edge is repeated
 *     replicate   a a a | a b c d | d d d
 *     circular    b c d | a b c d | a b c
 *
 * Any width is allowed: the pattern goes on (PyTorch refuses more than one period). C-linear except for
 * a non-zero `value`; the adjoint adds the extension back onto the samples it came from.
 *
 * @param x any dtype in mode constant; floating or complex otherwise
 * @param pads `[before, after]` of the last `pads.length` axes
 * @throws ShapeError when an axis would get a negative length, or an empty axis is to be continued.
 */
export function pad(x: Tensor, pads: readonly AxisPad[], options: PadOptions = {}): Tensor {
  checkTensor('pad', 'argument 1', x);
  checkOptions('pad', options, ['mode', 'value']);
  const { mode = 'constant', value = 0 } = options;
  checkChoice('pad', 'option mode', mode, padModes);
  checkNumber('pad', 'option value', value);
  const full = checkPads(x, pads, mode);
  if (full.every(([before, after]) => before === 0 && after === 0)) return identity(x);
  if (mode === 'constant') return scope(() => padConstant(x, full, value));
  return scope(() =>
    full.reduce((y, [before, after], axis) => {
      if (before === 0 && after === 0) return y;
      return axisMap(y, extensionMatrix(mode, x.shape[axis]!, before, after), { axis });
    }, x),
  );
}

function checkPads(x: Tensor, pads: readonly AxisPad[], mode: PadMode): AxisPad[] {
  const fn = 'pad';
  if (!Array.isArray(pads) || pads.length > x.rank || !pads.every((p) => Array.isArray(p) && p.length === 2))
    throw new ArgumentError({
      fn,
      argument: 'pads',
      expected: `a list of at most ${x.rank} pairs [before, after], as ${formatShape(x.shape)} has axes`,
      got: describe(pads),
    });
  const missing = x.rank - pads.length;
  return x.shape.map((n, axis) => {
    if (axis < missing) return [0, 0];
    const [before, after] = (pads[axis - missing] as AxisPad).map((p) =>
      checkInteger(fn, `the pads of axis ${axis}`, p),
    ) as [number, number];
    const continues = mode !== 'constant' && n === 0 && (before > 0 || after > 0);
    if (n + before + after < 0 || -before > n || -after > n || continues)
      throw new ShapeError({
        fn,
        argument: `the pads of axis ${axis}`,
        expected: n === 0 ? `0 in mode '${mode}', as the axis is empty` : `crops of at most its length ${n}`,
        got: `[${before}, ${after}]`,
      });
    return [before, after];
  });
}

function padConstant(x: Tensor, pads: readonly AxisPad[], value: number): Tensor {
  const cropped = slice(
    x,
    x.shape.map(
      (n, axis) =>
        pads[axis]!.map((p, side) => (side === 0 ? Math.max(0, -p) : n + Math.min(0, p))) as [number, number],
    ),
  );
  if (pads.every(([before, after]) => before <= 0 && after <= 0)) return cropped;
  const shape = x.shape.map((n, axis) => n + pads[axis]![0] + pads[axis]![1]);
  const start = pads.map(([before]) => Math.max(0, before));
  return embed(cropped, shape, { start, value });
}

/** Where the sample at `i`, inside or outside 0 … n − 1, is taken from; n ≥ 1. */
export function foldIndex(mode: Exclude<PadMode, 'constant'>, i: number, n: number): number {
  if (mode === 'replicate') return Math.min(Math.max(i, 0), n - 1);
  const period = mode === 'circular' ? n : mode === 'symmetric' ? 2 * n : Math.max(1, 2 * n - 2);
  const place = ((i % period) + period) % period;
  if (place < n) return place;
  return mode === 'symmetric' ? period - 1 - place : period - place;
}

function extensionMatrix(
  mode: Exclude<PadMode, 'constant'>,
  n: number,
  before: number,
  after: number,
): SparseMatrix {
  const rows = n + before + after;
  return internMatrix(`pad:${mode}:${n}:${before}:${after}`, rows, n, () =>
    Array.from({ length: rows }, (_, row): MatrixEntry => [row, foldIndex(mode, row - before, n), 1]),
  );
}
