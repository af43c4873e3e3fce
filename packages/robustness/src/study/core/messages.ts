import type { Unit } from './unit.js';

/** What a worker process is started with, in its environment as JSON. */
export interface WorkerSettings {
  /** Folder of the store. */
  readonly folder: string;
  readonly device: 'wasm' | 'webgpu' | 'reference';
  /** Of the wasm device; 0: kernels run on the worker's own thread. */
  readonly threads: number;
  readonly seed: number;
  /** After which one reconstruction by a program is given up. */
  readonly externalTimeoutMs: number;
}

export type ToWorker = { readonly unit: Unit };

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly fraction: number }
  | { readonly kind: 'done' }
  /** `isFatal`: the store cannot be written, so that no other unit will do better. */
  | { readonly kind: 'failed'; readonly error: string; readonly isFatal: boolean };

/** Environment variable that holds the settings. */
export const settingsVariable = 'ADJOINT_STUDY_WORKER';
