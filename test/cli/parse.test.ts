import { describe, expect, test } from 'vitest';
import { defineCommand } from '../../apps/cli/src/command.js';
import { editDistance, nearest } from '../../apps/cli/src/nearest.js';
import { parseCommandLine } from '../../apps/cli/src/parse.js';
import { quoteWords } from '../../apps/cli/src/session.js';

const command = defineCommand({
  name: 'try',
  summary: 'a command for the parser',
  details: [],
  options: {
    in: { kind: 'text', placeholder: 'FILE', required: true, about: 'input' },
    out: { kind: 'text', placeholder: 'FILE', about: 'output' },
    kind: { kind: 'choice', choices: ['red', 'green'], default: 'red', about: 'a choice' },
    steps: { kind: 'integer', min: 1, max: 10, default: 3, about: 'a count' },
    weight: { kind: 'number', positive: true, about: 'a weight' },
    lambdas: { kind: 'numbers', about: 'weights' },
    slices: { kind: 'indices', about: 'slices' },
    crop: { kind: 'size', about: 'a size' },
    data: { kind: 'texts', placeholder: 'DIR', about: 'folders' },
    fast: { kind: 'switch', about: 'a switch' },
  },
  positionals: ['in', 'out'],
  examples: [],
  run: () => Promise.reject(new Error('never run')),
});

const valuesOf = (...argv: string[]) => parseCommandLine(command, argv).values;
const refusal = (...argv: string[]): string => {
  try {
    parseCommandLine(command, argv);
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
};

describe('values', () => {
  test('several texts: with commas, or by naming the option again', () => {
    expect(valuesOf('--in', 'k.h5', '--data', 'a, b', '--data', 'c').data).toEqual(['a', 'b', 'c']);
    expect(valuesOf('--in', 'k.h5').data).toBeUndefined();
    expect(refusal('--in', 'k.h5', '--data', 'a,,b')).toContain('--data must be texts with commas');
  });

  test('of every kind, and defaults', () => {
    const values = valuesOf(
      '--in',
      'k.h5',
      '--weight=1e-3',
      '--lambdas',
      '0.1, 2',
      '--slices',
      '0,3-5',
      '--fast',
    );
    expect(values).toMatchObject({ in: 'k.h5', weight: 1e-3, lambdas: [0.1, 2], slices: [0, 3, 4, 5] });
    expect(values).toMatchObject({ kind: 'red', steps: 3, fast: true, json: false, seed: 0, device: 'auto' });
    expect(values.crop).toBeUndefined();
    expect(valuesOf('--in', 'k', '--crop', '320x256').crop).toEqual([320, 256]);
    expect(valuesOf('--in', 'k', '--crop', '320').crop).toEqual([320, 320]);
    expect(valuesOf('--in', 'k', '--slices', '4,4,2-2').slices).toEqual([4, 2]);
  });

  test('by place where the command allows it, also mixed with names', () => {
    expect(valuesOf('a.h5', 'b.h5')).toMatchObject({ in: 'a.h5', out: 'b.h5' });
    expect(valuesOf('--in', 'a.h5', 'b.h5')).toMatchObject({ in: 'a.h5', out: 'b.h5' });
    expect(refusal('a', 'b', 'c')).toBe('cannot place "c": only --in and --out may stand without a name.');
  });

  test('the last one counts, and a dash ends nothing', () => {
    expect(valuesOf('--in', 'a', '--in', 'b').in).toBe('b');
    expect(valuesOf('--in', '-').in).toBe('-');
  });

  test('--help wins over everything that is wrong', () => {
    expect(parseCommandLine(command, ['--stepps', '--help']).isHelp).toBe(true);
    expect(parseCommandLine(command, ['-h']).isHelp).toBe(true);
  });
});

test.each([
  [['--in', 'k', '--steps', '0'], '--steps must be an integer, 1 to 10; got "0".'],
  [['--in', 'k', '--steps', '2.5'], '--steps must be an integer, 1 to 10; got "2.5".'],
  [['--in', 'k', '--steps', ''], '--steps must be an integer, 1 to 10; got "".'],
  [['--in', 'k', '--weight', '0'], '--weight must be a number, above 0; got "0".'],
  [['--in', 'k', '--weight', 'NaN'], '--weight must be a number, above 0; got "NaN".'],
  [['--in', 'k', '--lambdas', '1,x'], '--lambdas must be a number; got "x".'],
  [['--in', 'k', '--slices', '5-3'], '--slices must be indices from 0 and ranges, as 0,3-5; got "5-3".'],
  [['--in', 'k', '--crop', '0x4'], '--crop must be a height and a width, as 320x256; got "0x4".'],
  [['--in', 'k', '--kind', 'blue'], '--kind must be one of red, green; got "blue".'],
  [['--in', 'k', '--fast=1'], '--fast takes no value; got "1".'],
  [['--in', '--out', 'x'], '--in needs a value; got "--out".'],
  [['--in'], '--in needs a value.'],
  [['--in='], '--in must be a text; got "".'],
  [[], '--in is missing: input.'],
  [['--in', 'k', '--wieght', '1'], 'there is no option --wieght; did you mean --weight?'],
  [['--in', 'k', '--step', '1'], 'there is no option --step; did you mean --steps?'],
  [['--in', 'k', '-x'], 'there is no option -x; see adjoint try --help'],
])('%j is refused', (argv, message) => {
  expect(refusal(...argv)).toBe(message);
});

test('nearest words: insertions, swaps, prefixes; nothing that is far', () => {
  expect(editDistance('recno', 'recon')).toBe(1);
  expect(editDistance('', 'abc')).toBe(3);
  expect(editDistance('kitten', 'sitting')).toBe(3);
  expect(nearest('accelaration', ['acceleration', 'device'])).toBe('acceleration');
  expect(nearest('center', ['center-fraction', 'device'])).toBe('center-fraction');
  expect(nearest('banana', ['mask', 'recon'])).toBeUndefined();
});

test('a command line is quoted so that a shell reads the same words', () => {
  expect(quoteWords(['adjoint', '--in', 'my file.h5', "it's", '', '0.08'])).toBe(
    `adjoint --in 'my file.h5' 'it'\\''s' '' 0.08`,
  );
});
