import type { Option, Options, Values } from './option.js';
import type { Session } from './session.js';

/** What a command tells: `json` with --json, else `text`. */
export interface Report {
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
  /** There is a result, but part of the work failed: exit code 1. */
  readonly isFailure?: boolean;
}

export interface Example {
  readonly about: string;
  readonly command: string;
}

/** A command as its help shows it, and what it does. */
export interface Command<O extends Options = Options> {
  readonly name: string;
  /** One line, in the overview. */
  readonly summary: string;
  /** Paragraphs below it, in the command's own help. */
  readonly details: readonly string[];
  readonly options: O;
  /** Options that may be given without their names, in this order. */
  readonly positionals: readonly string[];
  readonly examples: readonly Example[];
  run(values: Values<O> & Values<typeof commonOptions>, session: Session): Promise<Report>;
}

/** What every command takes. */
export const commonOptions = {
  device: {
    kind: 'choice',
    choices: ['auto', 'wasm', 'webgpu', 'reference'],
    default: 'auto',
    about: 'where to compute: a GPU if there is one, else every core; reference: slow double precision',
  },
  threads: { kind: 'integer', min: 0, max: 64, about: 'worker threads (of wasm, which this chooses)' },
  seed: { kind: 'integer', min: 0, max: 2 ** 32 - 1, default: 0, about: 'of everything random' },
  json: { kind: 'switch', about: 'print one JSON object instead of text' },
  quiet: { kind: 'switch', about: 'no progress' },
  help: { kind: 'switch', about: 'this text' },
} as const satisfies Options;

/** Keeps the literal types of a command's table, which type the values its `run` gets. */
export const defineCommand = <const O extends Options>(command: Command<O>): Command =>
  command as unknown as Command;

/** The command's own options and the common ones: a command may say more about a common one in its own table. */
export const allOptions = (command: Command): Record<string, Option> => ({
  ...command.options,
  ...Object.fromEntries(Object.entries(commonOptions).filter(([name]) => !(name in command.options))),
});
