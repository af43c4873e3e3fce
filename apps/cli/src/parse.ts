import { parseArgs } from 'node:util';
import { allOptions, type Command } from './command.js';
import { UsageError } from './failure.js';
import { nearest } from './nearest.js';
import { type Option, readValue } from './option.js';

/** The values of a command's options, or that its help is wanted. Throws UsageError. */
export function parseCommandLine(
  command: Command,
  argv: readonly string[],
): { values: Record<string, unknown>; isHelp: boolean } {
  const options = allOptions(command);
  const types = Object.entries(options).map(([name, { kind }]) => [
    name,
    { type: kind === 'switch' ? 'boolean' : 'string', ...(name === 'help' ? { short: 'h' } : {}) },
  ]);
  // Not strict: unknown names get a suggestion here, which parseArgs would not give.
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(types),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(options))
    values[name] = option.kind === 'switch' ? false : 'default' in option ? option.default : undefined;
  if (tokens.some((token) => token.kind === 'option' && token.name === 'help'))
    return { values, isHelp: true };
  const given = new Set<string>();
  const free: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') free.push(token.value);
    if (token.kind !== 'option') continue;
    const option = options[token.name];
    if (!option) throw unknownOption(command, token.rawName, Object.keys(options));
    const value = readValue(token.name, option, textOf(token, option));
    const before = option.kind === 'texts' ? ((values[token.name] ?? []) as string[]) : undefined;
    values[token.name] = before ? [...before, ...(value as string[])] : value;
    given.add(token.name);
  }
  placePositionals(command, options, values, given, free);
  for (const [name, option] of Object.entries(options))
    if (option.required && values[name] === undefined)
      throw new UsageError(`--${name} is missing: ${option.about}.`);
  return { values, isHelp: false };
}

function textOf(
  token: { rawName: string; value?: string | undefined; inlineValue?: boolean | undefined },
  option: Option,
): string {
  const { rawName, value, inlineValue } = token;
  if (option.kind === 'switch') {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value; got "${value}".`);
    return '';
  }
  // `--in --out k.h5`: the next option is not a file name.
  if (value === undefined || (!inlineValue && value.startsWith('--')))
    throw new UsageError(`${rawName} needs a value${value === undefined ? '' : `; got "${value}"`}.`);
  return value;
}

function unknownOption(command: Command, rawName: string, names: readonly string[]): UsageError {
  const word = rawName.replace(/^-+/, '');
  const meant = nearest(word, names);
  const hint = meant === undefined ? `see adjoint ${command.name} --help` : `did you mean --${meant}?`;
  return new UsageError(`there is no option ${rawName}; ${hint}`);
}

function placePositionals(
  command: Command,
  options: Readonly<Record<string, Option>>,
  values: Record<string, unknown>,
  given: ReadonlySet<string>,
  free: readonly string[],
): void {
  const places = command.positionals.filter((name) => !given.has(name));
  free.forEach((text, i) => {
    const name = places[i];
    if (name === undefined) throw new UsageError(`cannot place "${text}": ${wordsFor(command)}.`);
    values[name] = readValue(name, options[name]!, text);
  });
}

const wordsFor = ({ positionals }: Command): string => {
  const names = positionals.map((name) => `--${name}`).join(' and ');
  return names === '' ? 'values follow the --name of their option' : `only ${names} may stand without a name`;
};
