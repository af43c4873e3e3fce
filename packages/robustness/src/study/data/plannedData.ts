import type { DataRecord } from '../records.js';
import type { PlannedImage } from './source.js';

/** What a report must say of a data set, and its images. */
export interface PlannedData {
  readonly about: Omit<DataRecord, 'images' | 'subjects'>;
  readonly images: readonly PlannedImage[];
}

/** With the numbers of images and subjects that are tested. */
export function dataRecord({ about, images }: PlannedData): DataRecord {
  const tested = images.filter(({ use }) => use === 'test');
  return { ...about, images: tested.length, subjects: new Set(tested.map(({ subject }) => subject)).size };
}
