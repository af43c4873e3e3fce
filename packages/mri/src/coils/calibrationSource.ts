import { disposeTree } from '@adjoint/autograd';
import {
  ArgumentError,
  describe,
  formatShape,
  reshape,
  ShapeError,
  scope,
  slice,
  stack,
  Tensor,
} from '@adjoint/tensor';
import type { Measurement } from '../measurement.js';
import { checkMask, endsWith } from '../operators/spaces.js';
import { checkCoilStack } from './coilStack.js';

/** K-space to calibrate on, and which of it was sampled. @internal */
export interface CalibrationSource {
  /** [..., coils, H, W] */
  readonly kspace: Tensor;
  /** [W] or [H, W]; undefined: what is not 0 was sampled. */
  readonly mask: Tensor | undefined;
}

/** What `source` says: a measurement, or bare k-space with a mask from the options. @internal */
export function calibrationSource(
  fn: string,
  source: Measurement | Tensor,
  mask?: Tensor,
): CalibrationSource {
  if (source === null || typeof source !== 'object')
    throw new ArgumentError({
      fn,
      argument: 'argument 1',
      expected: 'a measurement { kspace, mask } or a tensor',
      got: describe(source),
    });
  const kspace = checkCoilStack(fn, 'kspace', source instanceof Tensor ? source : source.kspace);
  if (kspace.size === 0)
    throw new ShapeError({ fn, argument: 'kspace', expected: 'not empty', got: formatShape(kspace.shape) });
  const given = mask ?? (source instanceof Tensor ? undefined : source.mask);
  if (given === undefined) return { kspace, mask: undefined };
  checkMask(fn, given);
  if (!endsWith(kspace.shape, given.shape))
    throw new ShapeError({
      fn,
      argument: 'mask',
      expected: `[${kspace.shape.at(-1)}] or ${formatShape(kspace.shape.slice(-2))} to match kspace ${formatShape(kspace.shape)}`,
      got: formatShape(given.shape),
    });
  return { kspace, mask: given };
}

/**
 * What `compute` gives for every slice [coils, H, W], one after another, stacked along the leading axes. `compute`
 * gets the values of the mask. @internal
 */
export async function overSlices<K extends string>(
  { kspace, mask }: CalibrationSource,
  compute: (kspace: Tensor, mask: ArrayLike<number> | undefined, i: number) => Promise<Record<K, Tensor>>,
): Promise<Record<K, Tensor>> {
  const lead = kspace.shape.slice(0, -3);
  const count = lead.reduce((a, b) => a * b, 1);
  const found: Record<K, Tensor>[] = [];
  // a copy of the handle, so that the caller may dispose theirs meanwhile
  using all = reshape(kspace, [count, ...kspace.shape.slice(-3)]);
  const sampled = await mask?.data();
  try {
    for (let i = 0; i < count; i++) {
      using part = slice(all, [i]);
      found.push(await compute(part, sampled, i));
    }
    return scope(() => stackRecords(found, lead));
  } finally {
    for (const record of found) disposeTree(record);
  }
}

function stackRecords<K extends string>(found: readonly Record<K, Tensor>[], lead: readonly number[]) {
  const names = Object.keys(found[0]!) as K[];
  const joined = names.map((name) => {
    const parts = found.map((record) => record[name]);
    return [name, reshape(stack(parts), [...lead, ...parts[0]!.shape])];
  });
  return Object.fromEntries(joined) as Record<K, Tensor>;
}
