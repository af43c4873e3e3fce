import { abs, abs2, max, mul, scope, square, stack, sum, type Tensor } from '@adjoint/tensor';
import type { Progress } from '../loop.js';
import { senseSystem } from '../operators/index.js';
import type { LeastSquares } from '../solvers/index.js';
import type { Slice } from './slices.js';

/** `relative`: λ is multiplied by max|A^H y|. `absolute`: as it stands in the objective, as BART's `pics -w 1`. */
export type Scaling = 'relative' | 'absolute';
export const scalings: readonly Scaling[] = ['relative', 'absolute'];

/** ½‖A x' − y/s‖² with s = max|A^H y|: images of order 1, whatever the unit of the scanner. */
export interface ScaledSystem extends LeastSquares {
  /** s: x = s x'. */
  readonly scale: number;
  /** An upper bound of the largest eigenvalue of A^H A: F is unitary, so the largest Σ_c |S_c|² times that of M². */
  readonly bound: number;
  /** A^H y/s */
  readonly adjointData: Tensor;
  dispose(): void;
}

/**
 * A least-squares problem in convenient units. The minimiser of ½‖A x − y‖² + λ R(x), R a norm, is s x' with x' that of
 * ½‖A x' − y/s‖² + λ/s R(x').
 * @internal
 */
export async function scaledSystem({ kspace, maps, mask }: Slice): Promise<ScaledSystem> {
  const { raw, operator, measured } = scope(() => {
    const system = senseSystem(maps, mask, kspace);
    const sizes = stack([
      max(abs(system.operator.adjoint(system.data))),
      mul(max(sum(abs2(maps), { axes: -3 })), max(square(mask))),
    ]);
    return { raw: system.data, operator: system.operator, measured: sizes };
  });
  const [scale, bound] = (await measured.data()) as Float32Array;
  measured.dispose();
  const unit = scale! > 0 ? scale! : 1;
  const data = scope(() => mul(raw, 1 / unit));
  raw.dispose();
  const adjointData = scope(() => operator.adjoint(data));
  return {
    ...{ operator, data, adjointData, scale: unit, bound: bound! > 0 ? bound! : 1 },
    dispose: () => {
      data.dispose();
      adjointData.dispose();
    },
  };
}

/** Progress whose objective, ½‖A x' − y/s‖² + …, counts in the data's unit again: times s². @internal */
export const inDataUnit = (onProgress: Progress | undefined, scale: number): Progress | undefined =>
  onProgress &&
  ((report) =>
    onProgress({
      ...report,
      objective: report.objective === undefined ? undefined : report.objective * scale ** 2,
    }));
