import { makeUnit, type Unit } from '../../../packages/robustness/src/study/core/unit.js';

/** A unit that stands for itself. */
export const unitOf = (label: string, inputs: Record<string, Unit> = {}, cost = 1): Unit =>
  makeUnit('clean', { label, parameters: { label }, inputs, cost });
