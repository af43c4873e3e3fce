/** Writes docs/ops.md, the list of functions on tensors, from the op table: part of `npm run docs`. */
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { defaultTolerance, type Family, type FunctionRow, families } from '@adjoint/tensor/testing';
import { isMain } from '../examples/isMain.js';

const heading = `# Functions on tensors

Made from the op table by \`npm run docs\`. Every line is tested: values on each device against f64, on all dtypes named, with
random shapes (odd, empty, size 1, broadcast) and memory orders; first and second derivatives in f64; a dot test where the
function is linear; wrong calls. A name behind a colon is a variant of the function. *Derivative*: of any order, or why there is
none. *Linear*: over the complex numbers, or over the real ones only. *Error*: largest max|a − b| / max(1, max|b|) allowed in f32.
`;

const columns = ['function', 'dtypes', 'derivative', 'linear', 'error'];

function line({ name, dtypes, gradient, linear, tolerance = defaultTolerance }: FunctionRow): string {
  const derivative =
    typeof gradient === 'string'
      ? `none: ${gradient}`
      : Array.isArray(gradient)
        ? `argument ${gradient.map((i) => i + 1).join(', ')}`
        : 'yes';
  const types = dtypes.map((list) => (list.length > 0 ? list.join(' × ') : 'none')).join(', ');
  return `| \`${name}\` | ${types} | ${derivative} | ${linear ?? ''} | ${tolerance.toExponential(0)} |`;
}

function section({ name, functions }: Family): string {
  const head = [`## ${name}`, '', `| ${columns.join(' | ')} |`, `|${columns.map(() => '---|').join('')}`];
  return [...head, ...functions.map(line), ''].join('\n');
}

/** The page as Markdown. */
export const opsPage = (): string => [heading, ...families.map(section)].join('\n');

if (isMain(import.meta.url)) {
  const target = path.join(import.meta.dirname, '..', 'docs', 'ops.md');
  await writeFile(`${target}.part`, opsPage());
  await rename(`${target}.part`, target);
}
