import { parseArgs } from 'node:util';

/** A command-line option: a text, a switch, or a number in a range. */
export type Option =
  | { kind: 'text'; default?: string }
  | { kind: 'switch' }
  | { kind: 'number'; default?: number; min: number; max: number; integer?: boolean };

type Value<O extends Option> = O extends { kind: 'switch' }
  ? boolean
  : (O extends { kind: 'number' } ? number : string) | (O extends { default: unknown } ? never : undefined);

/**
 * Reads the options of a bench command. Prints `usage` for --help; for anything it does not understand says
 * what and how, and ends with exit code 2.
 */
export function readOptions<O extends Record<string, Option>>(usage: string, options: O) {
  try {
    const types = Object.entries({ ...options, help: { kind: 'switch' } }).map(([name, { kind }]) => [
      name,
      { type: kind === 'switch' ? 'boolean' : 'string' },
    ]);
    const { values } = parseArgs({ options: Object.fromEntries(types) });
    const given: Record<string, unknown> = values;
    if (given.help) {
      console.log(usage);
      process.exit(0);
    }
    const entries = Object.entries(options).map(([name, option]) => [
      name,
      chosenValue(name, option, given[name]),
    ]);
    return Object.fromEntries(entries) as { [K in keyof O]: Value<O[K]> };
  } catch (error) {
    return refuse(`${(error as Error).message}\n${usage}`);
  }
}

/** Ends the process with exit code 2: the command line cannot be carried out. */
export function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}

function chosenValue(name: string, option: Option, given: unknown): string | number | boolean | undefined {
  if (option.kind === 'switch') return given === true;
  if (given === undefined) return option.default;
  if (option.kind === 'text') return given as string;
  const value = Number(given);
  const isWrong = option.integer ? !Number.isInteger(value) : !Number.isFinite(value);
  if (given === '' || isWrong || value < option.min || value > option.max) {
    const kind = option.integer ? 'an integer' : 'a number';
    throw new RangeError(`--${name} must be ${kind} from ${option.min} to ${option.max}; got "${given}".`);
  }
  return value;
}
