import { parseArgs } from 'node:util';

/** A command-line option: its default, and its range if it is a whole number. */
export type Option = { default: string } | { default: number; min: number; max: number };

type Values<O extends Record<string, Option>> = {
  [K in keyof O]: O[K]['default'] extends number ? number : string;
};

/**
 * Reads `--name value` options of an example. Prints `usage` for --help; for anything it does not understand
 * says what and how, and ends with exit code 2.
 */
export function readOptions<O extends Record<string, Option>>(usage: string, options: O): Values<O> {
  try {
    const texts = Object.fromEntries(Object.keys(options).map((name) => [name, { type: 'string' as const }]));
    const { values } = parseArgs({ options: { ...texts, help: { type: 'boolean' } } });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    const given: Record<string, string | boolean | undefined> = values;
    const entries = Object.entries(options).map(([name, option]) => [
      name,
      chosenValue(name, option, given[name]),
    ]);
    return Object.fromEntries(entries) as Values<O>;
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`);
    process.exit(2);
  }
}

function chosenValue(name: string, option: Option, text: string | boolean | undefined): string | number {
  if (text === undefined) return option.default;
  if (!('min' in option)) return String(text);
  const value = Number(text);
  if (!Number.isInteger(value) || value < option.min || value > option.max)
    throw new RangeError(`--${name} must be an integer from ${option.min} to ${option.max}; got "${text}".`);
  return value;
}
