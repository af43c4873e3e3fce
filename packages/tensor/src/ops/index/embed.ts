import { checkInteger, checkOptions } from '../../check.js';
import { apply1, checkTensor } from '../../dispatch.js';
import { isComplex } from '../../dtype.js';
import { DTypeError, ShapeError } from '../../errors.js';
import { defineOp } from '../../op.js';
import { type Scalar, scalarParts } from '../../scalar.js';
import { checkShape, formatShape, type Shape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';

import { embedReference } from './embed.reference.js';
import { embedWasm } from './embed.wasm.js';
import { embedWgsl } from './embed.wgsl.js';

/** Element i of the input goes to start + i·step on every axis; the rest of `shape` holds `value`. */
export interface EmbedAttrs {
  readonly shape: Shape;
  readonly start: readonly number[];
  readonly step: readonly number[];
  /** Real and imaginary part. */
  readonly value: readonly [number, number];
}

/** The adjoint of a strided slice (for value 0). */
export const embedOp = defineOp<EmbedAttrs>({
  name: 'embed',
  infer: ([x], { shape }) => [{ shape, dtype: x!.dtype }],
  strided: true,
  // not JSON, which knows no infinities
  key: ({ shape, start, step, value }) => `${shape};${start};${step};${value}`,
  reference: embedReference,
  wasm: embedWasm,
  wgsl: embedWgsl,
});

export interface EmbedOptions {
  /** Where element 0 goes, per axis; default 0. */
  readonly start?: readonly number[];
  /** Distance of neighbours in the result, per axis, negative to reverse; default 1. Never 0. */
  readonly step?: readonly number[];
  /** What the rest holds, infinities included; default 0. */
  readonly value?: Scalar;
}

/**
 * Puts a tensor into a larger constant one: y[start + i·step] = x[i], y = value elsewhere. With value 0
 * it is the adjoint of `slice`. Any dtype.
 *
 * @param shape of the result, of the same rank as x.
 * @throws ShapeError when an element would lie outside `shape`.
 * @example embed(x, [10, 10], { start: [2, 9], step: [1, -1] })
 */
export function embed(x: Tensor, shape: readonly number[], options: EmbedOptions = {}): Tensor {
  checkTensor('embed', 'argument 1', x);
  const target = checkShape('embed', 'shape', shape);
  checkOptions('embed', options, ['start', 'step', 'value']);
  const { start = x.shape.map(() => 0), step = x.shape.map(() => 1) } = options;
  checkPerAxis('option start', start, x.rank);
  checkPerAxis('option step', step, x.rank);
  const { value: constant = 0 } = options;
  const [re, im] = scalarParts('embed', 'option value', constant);
  if (im !== 0 && !isComplex(x.dtype))
    throw new DTypeError({
      fn: 'embed',
      argument: 'option value',
      expected: `real for ${x.dtype}`,
      got: 'complex',
    });
  const fits = x.shape.every((n, axis) => {
    const last = start[axis]! + (n - 1) * step[axis]!;
    const low = Math.min(start[axis]!, last);
    return n === 0 || (low >= 0 && Math.max(start[axis]!, last) < target[axis]!);
  });
  if (target.length !== x.rank || step.includes(0) || !fits)
    throw new ShapeError({
      fn: 'embed',
      argument: 'shape',
      expected:
        `of rank ${x.rank} and large enough for ${formatShape(x.shape)} ` +
        `from ${formatShape(start)} in steps (not 0) of ${formatShape(step)}`,
      got: formatShape(target),
    });
  const value = [x.dtype === 'bool' ? Number(re !== 0) : re, im] as const;
  return apply1(embedOp, [x], { shape: target, start, step, value });
}

function checkPerAxis(argument: string, list: readonly number[], rank: number): void {
  if (!Array.isArray(list) || list.length !== rank)
    throw new ShapeError({
      fn: 'embed',
      argument,
      expected: `an array of ${rank} integers, one per axis`,
      got: Array.isArray(list) ? `${list.length}` : typeof list,
    });
  for (const value of list) checkInteger('embed', argument, value);
}
