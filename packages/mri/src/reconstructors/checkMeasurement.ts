import {
  ArgumentError,
  abs,
  checkTensor,
  DTypeError,
  describe,
  formatShape,
  formatType,
  isComplex,
  max,
  mul,
  NumericalError,
  ShapeError,
  scope,
  stack,
  sum,
  type Tensor,
  where,
} from '@adjoint/tensor';
import { checkMeasurementObject, type Measurement } from '../measurement.js';

/**
 * Requires samples that a method can reconstruct, as every reconstructor here does: k-space, mask and maps that fit
 * together, at least one sample, none of them NaN or infinite, not all 0. Waits for the device.
 *
 * @param fn the method's name, for the messages
 * @throws ArgumentError, DTypeError, ShapeError, NumericalError
 */
export async function checkMeasurement(fn: string, measurement: Measurement): Promise<void> {
  checkTypes(fn, measurement);
  await checkValues(fn, measurement);
}

/**
 * Requires samples, mask and maps that fit together; throws before anything is computed.
 * @internal
 */
export function checkTypes(fn: string, measurement: Measurement): void {
  checkMeasurementObject(fn, measurement);
  const { kspace, mask, maps, crop } = measurement;
  const isSize = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) > 0;
  if (crop !== undefined && !(Array.isArray(crop) && crop.length === 2 && crop.every(isSize)))
    throw new ArgumentError({ fn, argument: 'crop', expected: '[height, width]', got: describe(crop) });
  checkTensor(fn, 'kspace', kspace);
  checkTensor(fn, 'mask', mask);
  const parts = { fn, argument: 'kspace', expected: 'complex [..., coils, H, W]', got: formatType(kspace) };
  if (!isComplex(kspace.dtype)) throw new DTypeError(parts);
  if (kspace.rank < 3)
    throw new ShapeError({ ...parts, remedy: 'Insert an axis of one coil with unsqueeze(kspace, 0).' });
  const wanted = kspace.shape.slice(kspace.rank - mask.rank);
  if (!(mask.rank === 1 || mask.rank === 2) || formatShape(wanted) !== formatShape(mask.shape))
    throw new ShapeError({
      fn,
      argument: 'mask',
      expected: `[${kspace.shape.at(-1)}] or ${formatShape(kspace.shape.slice(-2))} to match kspace ${formatShape(kspace.shape)}`,
      got: formatShape(mask.shape),
    });
  if (maps !== undefined) checkMaps(fn, maps, kspace);
}

/** Requires maps for the coils, rows and columns of k-space. @internal */
export function checkMaps(fn: string, maps: Tensor, kspace: Tensor): Tensor {
  checkTensor(fn, 'maps', maps);
  const isShared = maps.rank === 3 && formatShape(maps.shape) === formatShape(kspace.shape.slice(-3));
  if (isShared || formatShape(maps.shape) === formatShape(kspace.shape)) return maps;
  throw new ShapeError({
    fn,
    argument: 'maps',
    expected: `${kspace.rank > 3 ? `${formatShape(kspace.shape)} or ` : ''}${formatShape(kspace.shape.slice(-3))} to match kspace`,
    got: formatShape(maps.shape),
    remedy: 'Estimate the maps from the same k-space, or leave them out.',
  });
}

/**
 * Requires samples that can be reconstructed: at least one, none of them NaN or infinite, not all 0. Waits for the device.
 * @internal
 */
export async function checkValues(fn: string, { kspace, mask }: Measurement): Promise<void> {
  using found = scope(() => {
    const size = abs(where(mask, kspace, 0));
    return stack([max(size), sum(where(mask, mul(size, 0), 0)), sum(where(mask, 1, mul(mask, 0)))]);
  });
  const [largest, finite, samples] = (await found.data()) as Float32Array;
  if (samples === 0)
    throw new ArgumentError({
      fn,
      argument: 'mask',
      expected: 'to keep at least one sample',
      got: 'only zeros',
    });
  if (!Number.isFinite(largest! + finite!))
    throw new NumericalError({
      fn,
      argument: 'kspace',
      expected: 'finite where it is sampled',
      got: Number.isNaN(largest! + finite!) ? 'NaN or infinite samples' : 'infinite samples',
      remedy: 'Set the broken samples to 0 and take them out of the mask.',
    });
  if (largest === 0)
    throw new NumericalError({
      fn,
      argument: 'kspace',
      expected: 'not all 0 where it is sampled',
      got: 'only zeros',
      remedy: 'Check that k-space and mask belong together.',
    });
}
