import type { Operand } from './backend/backend.js';

/** Launches of other ops that stand behind one op, made ready: what takes the place of an `Executable`. */
export abstract class Routine {
  /** Enqueues the launches. */
  abstract run(inputs: readonly Operand[], outputs: readonly Operand[]): void;
  /** Gives back what the launches hold. */
  abstract release(): void;
}
