import type { Tensor } from '@adjoint/tensor';

/** One seeded input; see `inputValues`. */
export interface InputSpec {
  readonly shape: readonly number[];
  readonly dtype: 'f32' | 'c64' | 'i32';
  /** Standard normal numbers, 0 or 1 with three tenths ones, integers from 0 to 2047, `coilKspace` or `coilMaps`. */
  readonly fill: 'normal' | 'mask' | 'index' | 'kspace' | 'maps';
}

/** One thing to time: everything it needs comes in as arguments. */
export interface BenchCase {
  /** Name as in the peers' scripts where there is one; `_jit` is added for the compiled function. */
  readonly op: string;
  readonly shape: string;
  readonly inputs: readonly InputSpec[];
  /** Name of the same work in the peers' scripts. */
  readonly peerOp: string;
  /** Another row of ours that `bench:peers` runs beside this one. */
  readonly rival: string | undefined;
  /** Largest relative distance of a peer's values; undefined: rounding only. */
  readonly tolerance: number | undefined;
  /** `run` waits for values, and frees by itself what it makes on the way. */
  readonly isAsync: boolean;
  run(...inputs: Tensor[]): Tensor | readonly Tensor[] | Promise<Tensor | readonly Tensor[]>;
}

type Run = BenchCase['run'];

interface Beside {
  peerOp?: string;
  rival?: string;
  isAsync?: boolean;
  tolerance?: number;
}

export const bench = (
  op: string,
  shape: readonly number[],
  inputs: readonly InputSpec[],
  run: Run,
  { peerOp = op, rival, isAsync = false, tolerance }: Beside = {},
): BenchCase => ({ op, shape: shape.join('x'), inputs, run, peerOp, rival, isAsync, tolerance });

const spec =
  (dtype: InputSpec['dtype'], fill: InputSpec['fill']) =>
  (...shape: number[]): InputSpec => ({ shape, dtype, fill });

export const f32 = spec('f32', 'normal');
export const c64 = spec('c64', 'normal');
export const mask = spec('f32', 'mask');
export const index = spec('i32', 'index');
export const kspace = spec('c64', 'kspace');
export const coilMaps = spec('c64', 'maps');

/** Tells the rows apart: `op shape`. */
export const rowName = ({ op, shape }: BenchCase): string => `${op} ${shape}`;
