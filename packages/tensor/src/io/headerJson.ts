import { FormatError } from '../errors.js';

/** What a safetensors header may hold. Objects are Maps, so that no key can reach a prototype. */
export type HeaderValue = string | number | HeaderValue[] | Map<string, HeaderValue>;

/** An object of objects of arrays is all that occurs. */
const MAX_DEPTH = 4;

/**
 * Reads the JSON of a safetensors header: objects, arrays, strings and whole numbers >= 0 below 2^53. Stricter than
 * JSON.parse where that is silent: a repeated key, a `__proto__` key, a number that would lose digits and half of a
 * surrogate pair are refused.
 *
 * @throws FormatError naming the place.
 */
export function parseHeaderJson(text: string): HeaderValue {
  const reader = new HeaderReader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class HeaderReader {
  private at = 0;
  constructor(private readonly text: string) {}

  private fail(expected: string, got?: string): FormatError {
    const rest =
      this.at < this.text.length ? JSON.stringify(this.text.slice(this.at, this.at + 16)) : 'its end';
    return new FormatError({
      fn: 'parseSafetensors',
      argument: `the header at character ${this.at}`,
      expected,
      got: got ?? rest,
    });
  }

  private skipSpace(): void {
    for (; this.at < this.text.length; this.at++) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    }
  }

  private take(token: string): boolean {
    this.skipSpace();
    if (this.text[this.at] !== token) return false;
    this.at++;
    return true;
  }

  private expect(token: string): void {
    if (!this.take(token)) throw this.fail(`'${token}'`);
  }

  end(): void {
    this.skipSpace();
    if (this.at < this.text.length) throw this.fail('the end of the header');
  }

  value(depth: number): HeaderValue {
    if (depth > MAX_DEPTH) throw this.fail(`nested at most ${MAX_DEPTH} deep`);
    if (this.take('{')) return this.object(depth);
    if (this.take('[')) return this.array(depth);
    return this.text[this.at] === '"' ? this.string() : this.integer();
  }

  private object(depth: number): Map<string, HeaderValue> {
    const result = new Map<string, HeaderValue>();
    if (this.take('}')) return result;
    do {
      this.skipSpace();
      const key = this.string();
      if (key === '__proto__' || result.has(key))
        throw this.fail('a key that is distinct and not __proto__', JSON.stringify(key.slice(0, 80)));
      this.expect(':');
      result.set(key, this.value(depth + 1));
    } while (this.take(','));
    this.expect('}');
    return result;
  }

  private array(depth: number): HeaderValue[] {
    const result: HeaderValue[] = [];
    if (this.take(']')) return result;
    do result.push(this.value(depth + 1));
    while (this.take(','));
    this.expect(']');
    return result;
  }

  private string(): string {
    if (this.text[this.at] !== '"') throw this.fail('a string');
    let end = this.at + 1;
    while (end < this.text.length && this.text[end] !== '"') end += this.text[end] === '\\' ? 2 : 1;
    let value: string;
    try {
      value = JSON.parse(this.text.slice(this.at, end + 1)) as string;
    } catch {
      throw this.fail('a JSON string');
    }
    if (!isWellFormed(value)) throw this.fail('a string of whole characters', 'half of a surrogate pair');
    this.at = end + 1;
    return value;
  }

  private integer(): number {
    const digits = /^(?:0|[1-9]\d*)(?![\d.eE])/.exec(this.text.slice(this.at, this.at + 20))?.[0];
    const value = Number(digits ?? Number.NaN);
    if (digits === undefined || !Number.isSafeInteger(value))
      throw this.fail('a whole number >= 0 below 2^53');
    this.at += digits.length;
    return value;
  }
}

/** Whether UTF-8 can hold the string: no lone half of a surrogate pair. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);
