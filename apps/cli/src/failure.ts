/** The command line is wrong, or asks for something that the given files do not have: exit code 2. */
export class UsageError extends Error {}

/** What was interrupted says itself what is left of it, and how to go on. */
export class Interruption extends Error {}

/** What the shell gets to see. */
export const exitCodes = { done: 0, failed: 1, refused: 2, interrupted: 130 } as const;

/** Errors of the library that only wrong input brings about, by name: importing the classes would load it. */
const inputErrors = new Set([
  'ArgumentError',
  'ShapeError',
  'DTypeError',
  'AxisError',
  'FormatError',
  'NumericalError',
]);

/** Errors of the library that the machine brings about: no GPU, no memory. */
const runErrors = new Set(['DeviceError', 'BudgetError', 'AdjointError']);

/** Errors of the system that name a file which is not there or may not be used. */
const fileErrors: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  ENOTDIR: 'part of the path is a file',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
};

/** Exit code and message for whatever a command threw. */
export function judge(error: unknown, signal: AbortSignal): { code: number; message: string } {
  // Asked first: what runs while the signal fires may fail in ways of its own.
  if (error instanceof Interruption) return { code: exitCodes.interrupted, message: error.message };
  if (signal.aborted) return { code: exitCodes.interrupted, message: 'interrupted; nothing was written.' };
  if (!(error instanceof Error)) return { code: exitCodes.failed, message: String(error) };
  if (error instanceof UsageError || inputErrors.has(error.name))
    return { code: exitCodes.refused, message: inUserWords(error.message) };
  if (runErrors.has(error.name)) return { code: exitCodes.failed, message: error.message };
  const { code = '', path } = error as NodeJS.ErrnoException;
  const reason = fileErrors[code];
  if (reason !== undefined)
    return { code: exitCodes.refused, message: path === undefined ? error.message : `${path}: ${reason}.` };
  if (code !== '') return { code: exitCodes.failed, message: error.message };
  return { code: exitCodes.failed, message: unexpected(error) };
}

/** `openFastmri: cannot read k.h5: …`: the function's name tells a user of commands nothing. */
const inUserWords = (message: string): string => message.replace(/^\w+: (?=cannot )/, '');

const unexpected = (error: Error): string =>
  process.env.ADJOINT_DEBUG
    ? (error.stack ?? error.message)
    : `${error.message}\nThis is not your input's fault. ADJOINT_DEBUG=1 shows where it happened.`;
