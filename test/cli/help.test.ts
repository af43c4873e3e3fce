import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { allOptions, commonOptions } from '../../apps/cli/src/command.js';
import { commands } from '../../apps/cli/src/commands/index.js';
import { parseCommandLine } from '../../apps/cli/src/parse.js';
import { cliPage } from '../../scripts/cliPage.js';
import { adjoint } from './shell.js';

test('docs/cli.md is what the option tables say: `npm run docs` writes it', async () => {
  const page = await readFile(path.join(import.meta.dirname, '../../docs/cli.md'), 'utf8');
  expect(page).toBe(cliPage());
});

test('the overview names every command; without a command it is the answer to a mistake', async () => {
  for (const argv of [['--help'], ['-h'], ['help']]) {
    const { code, stdout, stderr } = await adjoint(argv);
    expect([code, stderr]).toEqual([0, '']);
    for (const { name, summary } of commands)
      expect(stdout).toMatch(new RegExp(`^  ${name} +${summary}$`, 'm'));
  }
  const { code, stdout, stderr } = await adjoint([]);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('usage: adjoint COMMAND');
});

test('commands that do not exist', async () => {
  expect((await adjoint(['recno'])).stderr).toBe('adjoint: there is no command recno; did you mean recon?\n');
  const { code, stderr } = await adjoint(['fly']);
  expect(code).toBe(2);
  expect(stderr).toContain(`commands: ${commands.map(({ name }) => name).join(', ')}`);
});

test('the version is that of the package', async () => {
  const { stdout } = await adjoint(['--version']);
  const manifest = await readFile(path.join(import.meta.dirname, '../../apps/cli/package.json'), 'utf8');
  expect(stdout).toBe(`${JSON.parse(manifest).version}\n`);
});

describe.each(commands.map((command) => [command.name, command] as const))('%s', (name, command) => {
  test('--help: every option, every example, the common options; no line is too long', async () => {
    const { code, stdout, stderr } = await adjoint([name, '--help']);
    expect([code, stderr]).toEqual([0, '']);
    for (const option of Object.keys({ ...command.options, ...commonOptions }))
      expect(stdout).toMatch(new RegExp(`^  --${option}\\b`, 'm'));
    for (const { command: line } of command.examples) expect(stdout).toContain(line);
    const prose = stdout.split('\n').filter((line) => !line.startsWith('  adjoint'));
    for (const line of prose) expect(line.length, line).toBeLessThanOrEqual(100);
    expect((await adjoint(['help', name])).stdout).toBe(stdout);
  });

  test('its examples parse', () => {
    expect(command.examples.length).toBeGreaterThan(0);
    for (const { command: line } of command.examples) {
      // as a shell splits it
      const words = line.match(/'[^']*'|\S+/g)!.map((word) => word.replace(/^'(.*)'$/, '$1'));
      expect(words.slice(0, 2)).toEqual(['adjoint', name]);
      parseCommandLine(command, words.slice(2));
    }
  });

  test('defaults are values that the option itself takes', () => {
    for (const [option, row] of Object.entries(allOptions(command))) {
      if (!('default' in row) || row.default === undefined) continue;
      const words = Object.entries(command.options)
        .filter(([, { required }]) => required)
        .flatMap(([key, other]) => [`--${key}`, other.kind === 'choice' ? other.choices[0]! : 'x']);
      const { values } = parseCommandLine(command, [...words, `--${option}`, String(row.default)]);
      expect(values[option], option).toEqual(row.default);
    }
  });
});
