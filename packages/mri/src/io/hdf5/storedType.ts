import { type StoredNumber, storedNumbers } from '@adjoint/tensor';
import { type H5Type, typeClass } from './messages.js';

/** What a stored type is to us: numbers of a format, text, or neither. */
export type Meaning =
  | { readonly kind: 'numbers'; readonly format: StoredNumber }
  | { readonly kind: 'text' }
  | { readonly kind: 'other' };

/** The names under which programs store the parts of a complex number. */
const partNames = ['r,i', 're,im', 'real,imag', 'real,imaginary'];

export function meaningOf(stored: H5Type): Meaning {
  if (stored.type === typeClass.text) return { kind: 'text' };
  const format = formatOf(stored);
  return format === undefined ? { kind: 'other' } : { kind: 'numbers', format };
}

function formatOf({ type, size, signed, enum_type, compound_type }: H5Type): StoredNumber | undefined {
  if (type === typeClass.enumeration && enum_type) {
    const { FALSE, TRUE, ...others } = enum_type.members;
    const isBoolean = size === 1 && FALSE === 0 && TRUE === 1 && Object.keys(others).length === 0;
    return isBoolean ? 'bool' : known(`${signed ? '' : 'u'}int${8 * size}`);
  }
  if (type === typeClass.integer) return known(`${signed ? '' : 'u'}int${8 * size}`);
  if (type === typeClass.float) return known(`float${8 * size}`);
  if (type !== typeClass.compound || compound_type?.members.length !== 2) return undefined;
  const [re, im] = compound_type.members;
  const isPair =
    partNames.includes(`${re!.name},${im!.name}`.toLowerCase()) &&
    [re, im].every((part) => part!.type === typeClass.float && 2 * part!.size === size) &&
    re!.offset === 0 &&
    2 * im!.offset === size;
  return isPair ? known(`complex${8 * size}`) : undefined;
}

const known = (name: string): StoredNumber | undefined =>
  Object.hasOwn(storedNumbers, name) ? (name as StoredNumber) : undefined;

/** How messages call a stored type: `float64`, `text`, `records of head, traj, data`. */
export function typeName(stored: H5Type): string {
  const meaning = meaningOf(stored);
  if (meaning.kind !== 'other') return meaning.kind === 'text' ? 'text' : meaning.format;
  const { type, size, compound_type } = stored;
  if (type === typeClass.compound)
    return `records of ${compound_type?.members.map(({ name }) => name).join(', ')}`;
  if (type === typeClass.variableLength) return 'lists of varying length';
  if (type === typeClass.array) return 'arrays';
  if (type === typeClass.reference) return 'references';
  return type === typeClass.float ? `float${8 * size}` : `values of ${size} bytes`;
}
