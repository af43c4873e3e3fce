import { UsageError } from './failure.js';

interface Described {
  /** One sentence or phrase for --help and docs/cli.md. */
  readonly about: string;
  readonly required?: boolean;
}

/** One row of a command's option table: parsing, checking, --help and docs/cli.md all come from it. */
export type Option = Described &
  (
    | { readonly kind: 'text'; readonly placeholder: string; readonly default?: string }
    /** Several texts, with commas between them or by naming the option again. */
    | { readonly kind: 'texts'; readonly placeholder: string }
    | { readonly kind: 'choice'; readonly choices: readonly string[]; readonly default?: string }
    /** Several of the choices, with commas between them. */
    | { readonly kind: 'choices'; readonly choices: readonly string[] }
    | {
        readonly kind: 'integer' | 'number';
        readonly min?: number;
        readonly max?: number;
        /** Excludes `min` itself. */
        readonly positive?: boolean;
        readonly default?: number;
      }
    /** Numbers with commas between them. */
    | { readonly kind: 'numbers'; readonly default?: readonly number[] }
    /** Indices from 0 and ranges of them: `0,3-5`. */
    | { readonly kind: 'indices' }
    /** Height and width: `320x256`. */
    | { readonly kind: 'size' }
    | { readonly kind: 'switch' }
  );

export type Options = Readonly<Record<string, Option>>;

type ValueOf<O extends Option> = O extends { kind: 'text' }
  ? string
  : O extends { kind: 'choice'; choices: readonly (infer C)[] }
    ? C
    : O extends { kind: 'choices'; choices: readonly (infer C)[] }
      ? readonly C[]
      : O extends { kind: 'texts' }
        ? readonly string[]
        : O extends { kind: 'integer' | 'number' }
          ? number
          : O extends { kind: 'numbers' | 'indices' }
            ? readonly number[]
            : O extends { kind: 'size' }
              ? readonly [height: number, width: number]
              : boolean;

type IsGiven<O extends Option> = O extends { required: true } | { default: unknown } | { kind: 'switch' }
  ? true
  : false;

/** What a command gets: every option with a default or that is required is there. */
export type Values<O extends Options> = {
  readonly [K in keyof O]: ValueOf<O[K]> | (IsGiven<O[K]> extends true ? never : undefined);
};

/** The value that a text on the command line stands for. Throws UsageError if it stands for none. */
export function readValue(name: string, option: Option, text: string): unknown {
  switch (option.kind) {
    case 'text':
      if (text === '') throw wrong(name, 'a text', text);
      return text;
    case 'texts': {
      const parts = text.split(',').map((part) => part.trim());
      if (parts.includes('')) throw wrong(name, 'texts with commas between them', text);
      return parts;
    }
    case 'choice':
      if (!option.choices.includes(text)) throw wrong(name, `one of ${option.choices.join(', ')}`, text);
      return text;
    case 'choices':
      return text.split(',').map((part) => {
        if (option.choices.includes(part.trim())) return part.trim();
        throw wrong(name, `made of ${option.choices.join(', ')}`, text);
      });
    case 'integer':
    case 'number':
      return readNumber(name, option, text);
    case 'numbers':
      return text.split(',').map((part) => readNumber(name, { kind: 'number', about: '' }, part.trim()));
    case 'indices':
      return readIndices(name, text);
    case 'size':
      return readSize(name, text);
    case 'switch':
      return true;
  }
}

/** The words after an option's name in help texts; empty for a switch. */
export function placeholderOf(option: Option): string {
  switch (option.kind) {
    case 'text':
      return option.placeholder;
    case 'texts':
      return `${option.placeholder},…`;
    case 'choice':
      return 'NAME';
    case 'choices':
      return 'NAME,…';
    case 'integer':
      return 'N';
    case 'number':
      return 'X';
    case 'numbers':
      return 'X,X,…';
    case 'indices':
      return 'I,J-K,…';
    case 'size':
      return 'HxW';
    case 'switch':
      return '';
  }
}

/** The range of a number in words, if it has one. */
export function rangeOf(option: Option): string {
  if (option.kind !== 'integer' && option.kind !== 'number') return '';
  const { min, max, positive } = option;
  if (positive) return max === undefined ? 'above 0' : `above 0, up to ${max}`;
  if (min !== undefined && max !== undefined) return `${min} to ${max}`;
  if (min !== undefined) return `${min} or more`;
  return max === undefined ? '' : `${max} or less`;
}

const wrong = (name: string, expected: string, text: string): UsageError =>
  new UsageError(`--${name} must be ${expected}; got "${text}".`);

function readNumber(name: string, option: Option & { kind: 'integer' | 'number' }, text: string): number {
  const value = Number(text);
  const { min = -Infinity, max = Infinity, positive = false } = option;
  const isRight = option.kind === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (text.trim() !== '' && isRight && value >= min && value <= max && !(positive && value <= 0))
    return value;
  const range = rangeOf(option);
  const kind = option.kind === 'integer' ? 'an integer' : 'a number';
  throw wrong(name, range === '' ? kind : `${kind}, ${range}`, text);
}

function readIndices(name: string, text: string): number[] {
  const indices = new Set<number>();
  for (const part of text.split(',')) {
    const [, first, last = first] = part.trim().match(/^(\d{1,6})(?:-(\d{1,6}))?$/) ?? [];
    if (first === undefined || Number(last) < Number(first))
      throw wrong(name, 'indices from 0 and ranges, as 0,3-5', text);
    for (let i = Number(first); i <= Number(last); i++) indices.add(i);
  }
  return [...indices];
}

function readSize(name: string, text: string): [number, number] {
  const [, height, width = height] = text.match(/^(\d{1,6})(?:[x×](\d{1,6}))?$/) ?? [];
  if (Number(height) > 0 && Number(width) > 0) return [Number(height), Number(width)];
  throw wrong(name, 'a height and a width, as 320x256', text);
}
