import { currentDevice, type DType, type Tensor, tensor } from '@adjoint/tensor';
import type { Measure } from './compare.js';
import type { DeviceName } from './devices.js';
import type { Group, Stored } from './h5.js';

/** A computed result beside the one it must equal. */
export interface Result {
  /** Dataset's name, or what else identifies the result within its case. */
  readonly name: string;
  readonly got: Tensor | Stored;
  readonly expected: Stored;
  /** Largest allowed error, as `measure` takes it (default 'max'). */
  readonly limit: number;
  readonly measure?: Measure;
}

/** Runs a case on the current device. Called once per device. */
export type Run = () => Result[];

/**
 * A case that has to wait for values, as iterative solvers do. Called once per device, which is the current one until the
 * first `await`: everything is placed there before.
 */
export interface AsyncRun {
  readonly start: () => Promise<Result[]>;
}

/** How to run what one golden file holds. */
export interface Suite {
  /** File name without `.h5`. */
  readonly file: string;
  /** Where the cases run; default everywhere. The reference device takes minutes for what iterates. */
  readonly devices?: readonly DeviceName[];
  /** Attributes and datasets that are not used on purpose: prose for people, diagnostics. Anything else unread fails. */
  readonly ignored: (name: string) => boolean;
  /**
   * What to do with a group that holds datasets (or nothing). `shared`: data of other cases. `{ skip }`: the file
   * itself says that the case is optional.
   * @throws GoldenError for a case it does not know.
   */
  plan(group: Group): Run | AsyncRun | 'shared' | { skip: string };
}

/** Attributes that explain a file or a case to people. */
export const isProse = (name: string): boolean =>
  ['title', 'tool', 'expr', 'objective', 'statistics'].includes(name) || name.endsWith('_rule');

const double: Partial<Record<DType, DType>> = { f32: 'f64', c64: 'c128' };
const single: Partial<Record<DType, DType>> = { f64: 'f32', c128: 'c64' };

/**
 * A stored array as a tensor on the current device: in double precision on the reference device (inputs are
 * exact in single precision, so that only the arithmetic differs), in single precision elsewhere.
 */
export function place({ data, dtype, shape }: Stored): Tensor {
  const precision = currentDevice('golden').name === 'reference' ? double : single;
  return tensor(data, { dtype: precision[dtype] ?? dtype, shape });
}
