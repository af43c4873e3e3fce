import type { PlannedData } from './plannedData.js';
import type { Acquisition, FamilySource, PlannedImage } from './source.js';

/** How many subjects of the generated families. */
export interface FamilyChoice {
  readonly test: number;
  readonly tune: number;
}

const variants: readonly Pick<FamilySource, 'family' | 'contrast'>[] = [
  { family: 'brain', contrast: 't1' },
  { family: 'knee', contrast: 'pd' },
  { family: 'brain', contrast: 't2' },
  { family: 'knee', contrast: 'pdfs' },
];

/** Generated anatomies, every subject another one, brains and knees in turn; tuned on and tested on different ones. */
export function familyData({ test, tune }: FamilyChoice, acquisition: Acquisition): PlannedData[] {
  if (test + tune === 0) return [];
  const image = (subject: number, use: 'tune' | 'test'): PlannedImage => {
    const { family, contrast } = variants[subject % variants.length]!;
    const name = `${family}-${contrast}:${subject}`;
    return {
      ...{ name, data: 'generated', subject: name, anatomy: family, contrast, use, split: 'by subject' },
      source: { type: 'family', family, contrast, subject, ...acquisition },
      files: {},
    };
  };
  return [
    {
      about: {
        name: 'generated',
        provenance: 'generated anatomy, simulated acquisition',
        source: 'brainPhantom and kneePhantom of @adjoint/mri',
        licence: 'MIT',
        picturesAllowed: true,
        remark: 'Every subject is drawn at random: as many as wanted, but no real anatomy.',
      },
      images: [
        ...Array.from({ length: test }, (_, i) => image(i, 'test')),
        ...Array.from({ length: tune }, (_, i) => image(test + i, 'tune')),
      ],
    },
  ];
}
