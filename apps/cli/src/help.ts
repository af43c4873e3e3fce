import { allOptions, type Command, commonOptions } from './command.js';
import { type Option, placeholderOf, rangeOf } from './option.js';

/** What `adjoint --help` prints. */
export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    'adjoint: MRI from the shell, piece by piece: simulate, sample, calibrate, reconstruct, score, look.',
    '',
    'usage: adjoint COMMAND [options]',
    '',
    'commands',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    '`adjoint COMMAND --help` shows options and examples; `adjoint --version` the version.',
    'Exit codes: 0 done; 1 failed; 2 wrong command line or input; 130 interrupted.',
    '',
  ].join('\n');
}

/** What `adjoint COMMAND --help` prints. */
export function helpText(command: Command): string {
  const options = allOptions(command);
  const own = Object.keys(options).filter((name) => !(name in commonOptions) || name in command.options);
  const common = Object.keys(options).filter((name) => !own.includes(name));
  const width = Math.max(...Object.keys(options).map((name) => headOf(name, options[name]!).length));
  const row = (name: string): string => {
    const option = options[name]!;
    return wrap(`  ${headOf(name, option).padEnd(width)}  `, noteOf(option));
  };
  return [
    `adjoint ${command.name}: ${command.summary}`,
    '',
    wrap('usage: ', usageOf(command)),
    ...command.details.flatMap((text) => ['', wrap('', text)]),
    '',
    'options',
    ...own.map(row),
    '',
    'options of every command',
    ...common.map(row),
    '',
    'examples',
    ...command.examples.flatMap(({ about, command: line }) => [`  # ${about}`, `  ${line}`]),
    '',
  ].join('\n');
}

/** `adjoint recon --in FILE --out FILE [options]`: what is required, by name or by place. */
export function usageOf({ name, options, positionals }: Command): string {
  const required = Object.entries(options).filter(([, option]) => option.required);
  const words = required.map(([key, option]) =>
    positionals.includes(key) ? `[--${key}] ${placeholderOf(option)}` : `--${key} ${placeholderOf(option)}`,
  );
  return ['adjoint', name, ...words, '[options]'].join(' ');
}

/** An option's name with its placeholder. */
export const headOf = (name: string, option: Option): string =>
  `--${name} ${placeholderOf(option)}`.trimEnd();

/** What an option means, what it may be, and what it is if not given. */
export function noteOf(option: Option): string {
  const notes = [option.about];
  if ('choices' in option) notes.push(option.choices.join(' | '));
  const range = rangeOf(option);
  if (range !== '') notes.push(range);
  if (option.required) notes.push('required');
  else if ('default' in option && option.default !== undefined)
    notes.push(`default ${Array.isArray(option.default) ? option.default.join(',') : option.default}`);
  return notes.join('; ');
}

const lineWidth = 100;

/** Breaks a text at spaces; lines after the first are indented as far as the first word stands. */
export function wrap(head: string, text: string, width = lineWidth): string {
  const lines: string[] = [];
  let line = head;
  for (const word of text.split(' ')) {
    const isFirst = line.trim() === head.trim() && line.length === head.length;
    if (!isFirst && line.length + 1 + word.length > width) {
      lines.push(line);
      line = ' '.repeat(head.length) + word;
    } else line += isFirst ? word : ` ${word}`;
  }
  return [...lines, line].join('\n');
}
