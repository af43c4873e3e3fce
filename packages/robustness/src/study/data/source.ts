import type { BrainContrast, BuiltinName, KneeContrast, Plane } from '@adjoint/mri';

/** How a simulated acquisition is made. */
export interface Acquisition {
  readonly grid: readonly [height: number, width: number];
  readonly coils: number;
  /** dB */
  readonly snr: number;
  readonly seed: number;
}

/** A slice of a built-in set, measured by simulation. */
export interface BuiltinSource extends Acquisition {
  readonly type: 'builtin';
  readonly set: BuiltinName;
  readonly slice: number;
  readonly plane: Plane | null;
}

/** A subject of a generated family, measured by simulation. */
export interface FamilySource extends Acquisition {
  readonly type: 'family';
  readonly family: 'brain' | 'knee';
  readonly contrast: BrainContrast | KneeContrast;
  readonly subject: number;
}

/** A slice of a file of the fastMRI layout: `files.source` of its unit. */
export interface FastmriSource {
  readonly type: 'fastmri';
  /** Digest of samples of the file. */
  readonly content: string;
  readonly slice: number;
}

/** K-space that the caller brought, stored as arrays: `files.source` of its unit. */
export interface GivenSource {
  readonly type: 'given';
  /** Digest of the arrays. */
  readonly content: string;
}

export type ImageSource = BuiltinSource | FamilySource | FastmriSource | GivenSource;

/** An image that takes part, before anything was read or simulated. */
export interface PlannedImage {
  /** Unique in the study: 'brain:10'. */
  readonly name: string;
  /** Of the data set. */
  readonly data: string;
  readonly subject: string;
  readonly anatomy: string;
  readonly contrast: string;
  readonly use: 'tune' | 'test';
  readonly split: 'by subject' | 'within-subject';
  readonly source: ImageSource;
  readonly files: Readonly<Record<string, string>>;
}
