import type { Tensor } from '@adjoint/tensor';

/** Something that can be measured slice by slice, without noise. */
export interface SliceSource {
  readonly count: number;
  /** Whether the result has a slice axis. */
  readonly isStack: boolean;
  /** The study grid. */
  readonly shape: readonly [height: number, width: number];
  /** Of the coils, on the study grid: c64 [coils, H, W]. */
  readonly maps: Tensor;
  readonly oversampling: readonly [number, number];
  /** c64 [coils, H, W] of one slice on the study grid. */
  kspace(index: number): Promise<Tensor>;
  /** Frees what only measuring needs. */
  release(): void;
}
