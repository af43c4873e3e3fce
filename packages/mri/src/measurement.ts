import { ArgumentError, describe, type Tensor } from '@adjoint/tensor';

/**
 * What a scanner (or a simulation of one) delivers for one or more slices, and what goes with it.
 * Axes, slowest first: `...` are slices (none, or one axis), H the readout, W the phase encoding.
 */
export interface Measurement {
  /** c64 [..., coils, H, W]; zeros where nothing was measured. DC at (⌊H/2⌋, ⌊W/2⌋). */
  readonly kspace: Tensor;
  /** f32 [W] (whole columns) or [H, W]: 1 where k-space was measured, 0 elsewhere. */
  readonly mask: Tensor;
  /** Coil sensitivities, c64 [..., coils, H, W], if they are known. */
  readonly maps?: Tensor | undefined;
  /** Images are cropped to this [height, width], centred; default: not cropped. */
  readonly crop?: readonly [height: number, width: number] | undefined;
  /** What reconstructions are compared with: f32 [..., height, width] after cropping. */
  readonly reference?: Tensor | undefined;
  /** Names the slice in reports: file, slice. */
  readonly name?: string | undefined;
}

/** Requires an object where a measurement is expected; what is in it is checked by who uses it. @internal */
export function checkMeasurementObject(fn: string, measurement: unknown): void {
  if (measurement === null || typeof measurement !== 'object')
    throw new ArgumentError({
      fn,
      argument: 'the measurement',
      expected: '{ kspace, mask, ... }',
      got: describe(measurement),
    });
}
