import { ArgumentError, describe } from '@adjoint/tensor';

/** Where a long computation is. */
export interface ProgressReport {
  /** Steps done, and how many there are at most. */
  readonly step: number;
  readonly steps: number;
  /** What is being minimised, where it was computed at this step. */
  readonly objective?: number | undefined;
}

export type Progress = (report: ProgressReport) => void;

/** What every long computation of this library takes. */
export interface LoopOptions {
  /** Stops at the next step; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: Progress | undefined;
}

const breathEveryMs = 50;

/**
 * Keeps the event loop alive: call `await breath()` once a step. It is free most of the time, and every 50 ms
 * lets timers, input and finalisers run; then an aborted signal throws its reason.
 */
export function breathing(options: LoopOptions): () => Promise<void> {
  if (options === null || typeof options !== 'object')
    throw new ArgumentError({
      fn: 'breathing',
      argument: 'options',
      expected: 'an object',
      got: describe(options),
    });
  const { signal } = options;
  if (signal !== undefined && typeof signal?.throwIfAborted !== 'function')
    throw new ArgumentError({
      fn: 'breathing',
      argument: 'option signal',
      expected: 'an AbortSignal',
      got: describe(signal),
    });
  let last = performance.now();
  return async () => {
    signal?.throwIfAborted();
    if (performance.now() - last < breathEveryMs) return;
    await new Promise<void>((resume) => setTimeout(resume));
    last = performance.now();
    signal?.throwIfAborted();
  };
}
