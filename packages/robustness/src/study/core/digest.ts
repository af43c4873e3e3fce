import { createHash } from 'node:crypto';
import type { JsonValue } from '../records.js';

/** JSON with the names of objects sorted: one text for one value. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_name, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

/** SHA-256 of bytes, as 64 hexadecimal digits. */
export const digestBytes = (...parts: readonly (Uint8Array | string)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

/** SHA-256 of a value's canonical JSON. */
export const digestJson = (value: JsonValue): string => digestBytes(canonicalJson(value));
