/** The parts every message is built from: `fn: argument must be expected; got got. remedy`. */
export interface ErrorParts {
  /** Public function that refused the call. */
  fn: string;
  /** Argument at fault, as the user wrote it (`argument 2`, `axes`, `option threads`). */
  argument: string;
  expected: string;
  got: string;
  /** What to do about it; one sentence. */
  remedy?: string;
}

/** Base of every error this library throws on purpose. */
export class AdjointError extends Error {
  readonly parts: ErrorParts | undefined;
  constructor(parts: ErrorParts | string) {
    super(typeof parts === 'string' ? parts : formatMessage(parts));
    this.name = new.target.name;
    this.parts = typeof parts === 'string' ? undefined : parts;
  }
}

function formatMessage({ fn, argument, expected, got, remedy }: ErrorParts): string {
  const head = `${fn}: ${argument} must be ${expected}; got ${got}.`;
  return remedy ? `${head} ${remedy}` : head;
}

/** An argument has the wrong JavaScript type or is outside its range. */
export class ArgumentError extends AdjointError {}
/** Shapes do not fit together, or a rank is wrong. */
export class ShapeError extends AdjointError {}
/** A dtype is not accepted here. */
export class DTypeError extends AdjointError {}
/** An axis is out of range or named twice. */
export class AxisError extends AdjointError {}
/** Tensors of different devices meet, or a device cannot do what is asked. */
export class DeviceError extends AdjointError {}
/** A tensor is used after it was disposed. */
export class UseAfterDisposeError extends AdjointError {}
/** An allocation would pass the device's byte budget. Nothing was allocated. */
export class BudgetError extends AdjointError {}
/** A value is asked for where `jit` only records what is computed, or a recorded tensor left its trace. */
export class TraceError extends AdjointError {}
/** A file or byte stream is not what its format says. */
export class FormatError extends AdjointError {}
/** A numerical routine met input it cannot treat (singular, not positive definite, NaN). */
export class NumericalError extends AdjointError {}

/** How a value looks in an error message: short, never its contents. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'undefined')
    return String(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return `a function${value.name ? ` (${value.name})` : ''}`;
  if (Array.isArray(value)) {
    const shown = value.slice(0, 8).map((item) => (typeof item === 'object' ? '…' : describe(item)));
    return `[${shown.join(', ')}${value.length > 8 ? ', …' : ''}]`;
  }
  if (typeof value === 'object') {
    const tensorLike = value as { dtype?: unknown; shape?: unknown };
    if (typeof tensorLike.dtype === 'string' && Array.isArray(tensorLike.shape))
      return `${tensorLike.dtype} [${tensorLike.shape.join(', ')}]`;
    return `an object (${value.constructor?.name ?? 'no prototype'})`;
  }
  return typeof value;
}
