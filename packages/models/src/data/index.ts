export type { Augmentation } from './augment.js';
export { type FastmriDataset, type FastmriDatasetOptions, fastmriDataset } from './fastmriData.js';
export type { SamplingOptions } from './maskedSamples.js';
export { type SimulatedData, type SimulatedDataOptions, simulatedTrainingData } from './simulatedData.js';
export type { Sample, TrainingData } from './trainingData.js';
