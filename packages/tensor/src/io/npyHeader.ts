import { FormatError } from '../errors.js';
import { countElements } from './hostArray.js';
import { type StoredNumber, storedNumbers } from './storedNumbers.js';

export interface NpyHeader {
  readonly format: StoredNumber;
  readonly isLittleEndian: boolean;
  readonly fortranOrder: boolean;
  readonly shape: number[];
  /** Where the values start, counted from the first byte of the file. */
  readonly dataOffset: number;
  readonly dataBytes: number;
}

/** Longest header text read: NumPy refuses more than 10,000 by default. */
const MAX_TEXT_BYTES = 65536;
/** NumPy's own limit. */
export const MAX_RANK = 64;
export const NPY_MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** Magic, version and the longer of the two length fields: enough for npyDataOffset. */
export const NPY_PREFIX_BYTES = 12;

const refuse = (argument: string, expected: string, got: string, remedy?: string): FormatError =>
  new FormatError({ fn: 'parseNpy', argument, expected, got, remedy });

/** Offset of the values, from the first bytes of a file (`NPY_PREFIX_BYTES` of them, or the whole file if shorter). */
export function npyDataOffset(bytes: Uint8Array): { textOffset: number; dataOffset: number; major: number } {
  if (bytes.length < 10 || NPY_MAGIC.some((byte, i) => bytes[i] !== byte))
    throw refuse('bytes', 'an npy file, starting with \\x93NUMPY', `${bytes.length} bytes that do not`);
  const [major, minor] = [bytes[6], bytes[7]];
  if (major < 1 || major > 3 || minor !== 0)
    throw refuse('the format version', '1.0, 2.0 or 3.0', `${major}.${minor}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const textOffset = major === 1 ? 10 : 12;
  if (bytes.length < textOffset) throw refuse('bytes', 'a whole header', `${bytes.length} bytes`);
  const textBytes = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (textBytes > MAX_TEXT_BYTES)
    throw refuse('the header', `at most ${MAX_TEXT_BYTES} bytes long`, `a length of ${textBytes}`);
  return { textOffset, dataOffset: textOffset + textBytes, major };
}

/** Reads and checks the header. `bytes` must reach at least to the values; what follows is not looked at. */
export function readNpyHeader(bytes: Uint8Array): NpyHeader {
  const { textOffset, dataOffset, major } = npyDataOffset(bytes);
  if (bytes.length < dataOffset)
    throw refuse(
      'the header',
      `${dataOffset - textOffset} bytes long, as it declares`,
      `${bytes.length - textOffset}`,
    );
  const fields = parseFields(decodeText(bytes.subarray(textOffset, dataOffset), major));
  const { format, isLittleEndian } = readDescr(fields.get('descr'));
  const fortranOrder = fields.get('fortran_order');
  if (typeof fortranOrder !== 'boolean') throw refuse('fortran_order', 'True or False', show(fortranOrder));
  const shape = fields.get('shape');
  if (!Array.isArray(shape)) throw refuse('shape', 'a tuple of integers', show(shape));
  if (shape.length > MAX_RANK) throw refuse('shape', `of at most ${MAX_RANK} axes`, `${shape.length}`);
  const count = countElements(shape);
  const dataBytes = (count ?? Number.NaN) * storedNumbers[format].bytes;
  if (!Number.isSafeInteger(dataBytes))
    throw refuse('shape', 'of whole numbers whose product is below 2^53 bytes', show(shape));
  return { format, isLittleEndian, fortranOrder, shape, dataOffset, dataBytes };
}

function decodeText(bytes: Uint8Array, major: number): string {
  if (major < 3) return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refuse('the header', 'UTF-8', 'other bytes');
  }
}

/** NumPy kind and item size → stored number. */
const numpyKinds: Readonly<Record<string, StoredNumber>> = {
  b1: 'bool',
  i1: 'int8',
  u1: 'uint8',
  i2: 'int16',
  u2: 'uint16',
  i4: 'int32',
  u4: 'uint32',
  i8: 'int64',
  u8: 'uint64',
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
  c8: 'complex64',
  c16: 'complex128',
};

function readDescr(descr: Field | undefined): { format: StoredNumber; isLittleEndian: boolean } {
  const parts = typeof descr === 'string' ? /^([<>|])([a-z]\d{1,2})$/.exec(descr) : null;
  const format = parts && Object.hasOwn(numpyKinds, parts[2]) ? numpyKinds[parts[2]] : undefined;
  if (parts && format && (parts[1] !== '|' || storedNumbers[format].bytes === 1))
    return { format, isLittleEndian: parts[1] !== '>' };
  throw refuse(
    'descr',
    `a byte order (< or >) and one of ${Object.keys(numpyKinds).join(' ')}`,
    show(descr),
    'Convert with astype before saving; objects, strings and records are not read.',
  );
}

type Field = string | boolean | number[];

const show = (field: Field | undefined): string =>
  field === undefined
    ? 'nothing'
    : Array.isArray(field)
      ? `(${field.slice(0, 8).join(', ')})`
      : shorten(JSON.stringify(field));

const shorten = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

const KEYS = ['descr', 'fortran_order', 'shape'];

/** The one dictionary of an npy header: the three keys, each once, of strings, booleans and tuples of integers. */
function parseFields(text: string): Map<string, Field> {
  const cursor = new Cursor(text);
  const fields = new Map<string, Field>();
  cursor.expect('{');
  while (!cursor.take('}')) {
    const key = cursor.string();
    if (!KEYS.includes(key) || fields.has(key))
      throw refuse(
        'the header',
        `a dictionary of ${KEYS.join(', ')}, each once`,
        `key ${shorten(JSON.stringify(key))}`,
      );
    cursor.expect(':');
    fields.set(key, cursor.value());
    if (!cursor.take(',')) {
      cursor.expect('}');
      break;
    }
  }
  cursor.end();
  return fields;
}

/** Reads the few Python literals that occur in a header; nothing is ever evaluated. */
class Cursor {
  private at = 0;
  constructor(private readonly text: string) {}

  private skipSpace(): void {
    while (this.at < this.text.length && ' \t\n\r'.includes(this.text[this.at])) this.at++;
  }

  private fail(expected: string): FormatError {
    const got =
      this.at < this.text.length ? JSON.stringify(this.text.slice(this.at, this.at + 12)) : 'its end';
    return refuse(`the header at character ${this.at}`, expected, got);
  }

  take(token: string): boolean {
    this.skipSpace();
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  expect(token: string): void {
    if (!this.take(token)) throw this.fail(`'${token}'`);
  }

  end(): void {
    this.skipSpace();
    if (this.at < this.text.length) throw this.fail('the end of the header');
  }

  string(): string {
    this.skipSpace();
    const quote = this.text[this.at];
    const end = quote === "'" || quote === '"' ? this.text.indexOf(quote, this.at + 1) : -1;
    if (end < 0) throw this.fail('a quoted string');
    const content = this.text.slice(this.at + 1, end);
    if (/[\\\n]/.test(content)) throw this.fail('a string without escapes');
    this.at = end + 1;
    return content;
  }

  value(): Field {
    if (this.take('True')) return true;
    if (this.take('False')) return false;
    return this.take('(') ? this.tuple() : this.string();
  }

  /** After '(': `)`, `n,)`, `n, m)` or `n, m,)`; `(n)` is no tuple in Python. */
  private tuple(): number[] {
    const items: number[] = [];
    while (!this.take(')')) {
      items.push(this.integer());
      if (this.take(',')) continue;
      if (items.length === 1) throw this.fail("',' in a tuple of one");
      this.expect(')');
      break;
    }
    return items;
  }

  private integer(): number {
    this.skipSpace();
    const digits = /^\d{1,16}(?!\d)/.exec(this.text.slice(this.at, this.at + 17))?.[0];
    if (digits === undefined) throw this.fail('an integer >= 0');
    this.at += digits.length;
    // Python 2 wrote long integers as 10L.
    if (this.text[this.at] === 'L') this.at++;
    return Number(digits);
  }
}
