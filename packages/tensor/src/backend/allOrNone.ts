/** Makes a buffer for every item or, if one does not fit, gives back those made before and throws. */
export function allOrNone<T, B>(items: readonly T[], make: (item: T) => B, free: (buffer: B) => void): B[] {
  const made: B[] = [];
  try {
    for (const item of items) made.push(make(item));
    return made;
  } catch (error) {
    for (const buffer of made) free(buffer);
    throw error;
  }
}
