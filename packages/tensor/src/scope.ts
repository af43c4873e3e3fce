import { checkFunction, refusePromise } from './check.js';

/** Something a scope can own. */
export abstract class Owned {
  abstract dispose(): void;
}

const scopes: Set<Owned>[] = [];

/** Registers a new object with the innermost open scope, if there is one. */
export function own(object: Owned): void {
  scopes.at(-1)?.add(object);
}

/** Takes a tensor (or every tensor in a nested structure) out of all open scopes: it lives until disposed. */
export function keep<T>(value: T): T {
  for (const object of ownedIn(value)) for (const scope of scopes) scope.delete(object);
  return value;
}

/** Every owned object in nested plain objects, arrays, maps and sets. */
export function* ownedIn(value: unknown): Generator<Owned> {
  if (value instanceof Owned) yield value;
  else if (Array.isArray(value) || value instanceof Set || value instanceof Map)
    for (const item of value) yield* ownedIn(item);
  else if (value !== null && typeof value === 'object' && isPlain(value))
    for (const item of Object.values(value)) yield* ownedIn(item);
}

/** An object made by a literal, not an instance of a class. */
export const isPlain = (value: object): boolean => {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

const awaitOutside = 'Await outside the scope, or use `using` for tensors of asynchronous code.';

/**
 * Runs `fn` and disposes every tensor made inside, except those in its result (nested plain objects and
 * arrays) and those given to `keep`. Results go to the enclosing scope.
 *
 * `fn` must be synchronous: in asynchronous code other work would run inside the scope. There, use
 * `using x = …` or dispose by hand.
 *
 * @throws ArgumentError when `fn` returns a promise.
 */
export function scope<T>(fn: () => T): T {
  checkFunction('scope', 'the function', fn);
  const owned = new Set<Owned>();
  scopes.push(owned);
  let escaped: Iterable<Owned> = [];
  try {
    const result = fn();
    refusePromise('scope', 'the function', result, awaitOutside);
    escaped = [...ownedIn(result)];
    return result;
  } finally {
    scopes.splice(scopes.indexOf(owned), 1);
    const outer = scopes.at(-1);
    for (const object of escaped) if (owned.delete(object)) outer?.add(object);
    for (const object of owned) object.dispose();
  }
}
