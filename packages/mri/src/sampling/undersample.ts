import { checkTensor, formatShape, ShapeError, scope, Tensor, where } from '@adjoint/tensor';
import { checkMeasurementObject, type Measurement } from '../measurement.js';
import { checkMask, type Mask, maskTensor } from './mask.js';

/**
 * Keeps the entries of k-space that a mask names and sets the others to 0, whatever they were (NaN included): what
 * a shorter scan would have delivered. The result's mask is the product of this one and the measurement's own.
 *
 * @param mask `Mask`, or a tensor [W] or [H, W] in which everything but 0 means measured
 * @returns a new measurement; maps, crop, reference and name stay
 * @throws ShapeError if the mask does not fit k-space [..., coils, H, W]
 */
export function undersample(measurement: Measurement, mask: Mask | Tensor): Measurement {
  const fn = 'undersample';
  checkMeasurementObject(fn, measurement);
  const { kspace } = measurement;
  checkTensor(fn, 'kspace', kspace);
  checkTensor(fn, 'the measurement’s mask', measurement.mask);
  return scope(() => {
    const given = mask instanceof Tensor ? mask : maskTensor(checkMask(fn, mask), { device: kspace.device });
    checkFits(fn, given, kspace);
    const kept = where(given, measurement.mask, 0);
    return { ...measurement, kspace: where(kept, kspace, 0), mask: kept };
  });
}

function checkFits(fn: string, mask: Tensor, kspace: Tensor): void {
  const wanted = kspace.shape.slice(kspace.rank - mask.rank);
  if ((mask.rank === 1 || mask.rank === 2) && wanted.join() === mask.shape.join()) return;
  throw new ShapeError({
    fn,
    argument: 'the mask',
    expected: `[W] or [H, W] to fit k-space ${formatShape(kspace.shape)}`,
    got: formatShape(mask.shape),
  });
}
