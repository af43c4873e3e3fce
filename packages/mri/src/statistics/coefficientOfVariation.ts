import { NumericalError } from '@adjoint/tensor';
import { checkSample, deviationOf, meanOf, type Sample } from './sample.js';

/**
 * Standard deviation (divisor n − 1) over the modulus of the mean.
 *
 * @param values at least two finite numbers
 * @throws ArgumentError for other values, NumericalError where the mean is 0
 */
export function coefficientOfVariation(values: Sample): number {
  const fn = 'coefficientOfVariation';
  const sample = checkSample(fn, 'values', values, 2);
  const mean = meanOf(sample);
  if (mean === 0)
    throw new NumericalError({ fn, argument: 'values', expected: 'of a mean other than 0', got: '0' });
  return deviationOf(sample) / Math.abs(mean);
}
