import type { DeviceInfo } from '@adjoint/tensor';
import type { ProgressBar } from './progress.js';

/** What a command has beside its options. */
export interface Session {
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
  readonly progress: ProgressBar;
  /** The command line, as it could be typed again. */
  readonly commandLine: string;
  /** Makes the device ready that the options ask for, at the first call. */
  device(): Promise<DeviceInfo>;
  /** The same for work of milliseconds: one core unless the options name a device, none is looked for. */
  lightDevice(): Promise<DeviceInfo>;
  /** A line to standard error that is neither result nor failure. */
  warn(message: string): void;
}

/** A command line that a shell splits into `words` again. */
export const quoteWords = (words: readonly string[]): string => words.map(quoteWord).join(' ');

const quoteWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
