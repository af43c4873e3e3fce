import { bootstrap } from '@adjoint/mri';
import type { IntervalRecord } from '../records.js';

/** A number of an image, of a subject. */
export interface Observation {
  readonly subject: string;
  readonly value: number;
}

const resamples = 2000;

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** What bounds an interval, or null where nothing does. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/**
 * The mean of at least one observation with its 95 % interval: percentile bootstrap that draws subjects, each with all
 * its images. Of a single subject it is unbounded.
 */
export function meanInterval(observations: readonly Observation[]): IntervalRecord {
  const values = observations.map(({ value }) => value);
  const clusters = observations.map(({ subject }) => subject);
  const { estimate, low, high } = bootstrap(values, meanOf, { clusters, resamples, seed: 0 });
  return {
    ...{ estimate, low: finite(low), high: finite(high) },
    ...{ images: values.length, subjects: new Set(clusters).size },
  };
}
