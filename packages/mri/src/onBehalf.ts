import { AdjointError } from '@adjoint/tensor';

/** The refusal of a function that worked on behalf of `fn`, in the name of that. What is no refusal stays as it is. @internal */
export function inNameOf(fn: string, error: unknown, argument?: string): unknown {
  if (!(error instanceof AdjointError) || !error.parts) return error;
  const Refusal = error.constructor as new (parts: AdjointError['parts'] & object) => AdjointError;
  return new Refusal({ ...error.parts, fn, argument: argument ?? error.parts.argument });
}

/** Runs another public function on behalf of `fn`, which is what refusals then name. @internal */
export function onBehalf<T>(fn: string, run: () => T, argument?: string): T {
  try {
    return run();
  } catch (error) {
    throw inNameOf(fn, error, argument);
  }
}
