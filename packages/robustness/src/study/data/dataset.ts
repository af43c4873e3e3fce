import type { Measurement } from '@adjoint/mri';

/** An image of a data set of one's own. */
export interface StudyImage {
  /** Unique in its data set. */
  readonly name: string;
  /** Images of one subject are not independent: intervals are drawn by subject. */
  readonly subject: string;
  readonly anatomy?: string | undefined;
  readonly contrast?: string | undefined;
  /** 'tune': regularisation weights are chosen on it, and it is not tested. Default 'test'. */
  readonly use?: 'tune' | 'test' | undefined;
  /**
   * The fully sampled measurement: kspace c64 [coils, H, W], and crop if images are smaller. The study draws the mask;
   * the reference is the measurement's, or the root sum of squares of its coil images. Its tensors become the study's.
   */
  measurement(): Measurement | Promise<Measurement>;
}

/** Data of one's own for `runStudy({ data: [...] })`, and what the report must say of them. */
export interface StudyDataset {
  readonly name: string;
  /** Such as 'measured k-space', or 'real anatomy, simulated acquisition'. */
  readonly provenance: string;
  readonly source?: string | undefined;
  readonly licence?: string | undefined;
  /** Whether pictures may go into the report; default true. */
  readonly picturesAllowed?: boolean | undefined;
  readonly remark?: string | undefined;
  images(): readonly StudyImage[] | Promise<readonly StudyImage[]>;
}
