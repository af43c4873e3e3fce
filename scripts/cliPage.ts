/** Writes docs/cli.md, the manual of the command `adjoint`, from the commands' own tables: part of `npm run docs`. */
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  type Command,
  commands,
  commonOptions,
  headOf,
  noteOf,
  type Options,
  usageOf,
  wrap,
} from '@adjoint/cli';
import { isMain } from '../examples/isMain.js';

const heading = `# The command \`adjoint\`

Made from the commands' own tables by \`npm run docs\`; \`adjoint COMMAND --help\` shows the same.

\`\`\`sh
adjoint simulate --images builtin:head --coils 8 --snr 30 --out k.h5
adjoint mask --type equispaced --acceleration 4 --center-fraction 0.08 --in k.h5 --out m.h5
adjoint recon --method l1 --in k.h5 --mask m.h5 --out r.h5 && adjoint metrics --reference k.h5 --in r.h5
\`\`\`

In a clone of the repository write \`npm run adjoint -- COMMAND\` in its place.

- **Files** are HDF5 in fastMRI's layout: datasets \`kspace\` [slices, coils, H, W], \`mask\` [W] or [H, W], \`maps\`
  [slices, coils, H, W], \`reconstruction\` [slices, H, W]. Every result says in attributes how it came about: \`command\`, \`seed\`,
  \`versions\`, \`device\` and \`limits\`, what the data cannot show.
- **Outputs** appear whole or not at all: they are written under a temporary name and renamed. An older file of the name stays
  as it is if the command fails.
- **Exit codes**: 0 done; 1 failed; 2 wrong command line or input, with one sentence that says what and how; 130 interrupted.
- **Results** go to standard output, with \`--json\` as one JSON object; progress goes to standard error, to a terminal as a bar
  with the time that is left, to anything else as a line every 5 s.
`;

const cell = (text: string): string => text.replaceAll('|', '\\|');

const optionTable = (options: Options): string[] => [
  '| option | |',
  '|---|---|',
  ...Object.entries(options).map(
    ([name, option]) => `| \`${cell(headOf(name, option))}\` | ${cell(noteOf(option))} |`,
  ),
];

function section(command: Command): string {
  const lines = command.examples.flatMap(({ about, command: line }) => [`# ${about}`, line]);
  return [
    `## ${command.name}`,
    '',
    `${command.summary[0]!.toUpperCase()}${command.summary.slice(1)}.`,
    ...command.details.flatMap((text) => ['', wrap('', text, 120)]),
    ...['', '```sh', usageOf(command), '```', ''],
    ...optionTable(command.options),
    ...['', '```sh', ...lines, '```', ''],
  ].join('\n');
}

/** The page as Markdown. */
export const cliPage = (): string =>
  [
    heading,
    ...commands.map(section),
    '## Options of every command',
    '',
    ...optionTable(commonOptions),
    '',
  ].join('\n');

if (isMain(import.meta.url)) {
  const target = path.join(import.meta.dirname, '..', 'docs', 'cli.md');
  await writeFile(`${target}.part`, cliPage());
  await rename(`${target}.part`, target);
}
