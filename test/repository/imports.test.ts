import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { checkImports } from '../../scripts/checkImports.mjs';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A repository of two packages, `tensor` and `autograd`, plus the given files; returns its violations. */
function violationsOf(files: Record<string, string>): string[] {
  const root = mkdtempSync(path.join(tmpdir(), 'adjoint-imports-'));
  folders.push(root);
  const entry = { source: './src/index.ts' };
  const tree: Record<string, string> = {
    'package.json': JSON.stringify({ devDependencies: { vitest: '1.0.0' } }),
    'packages/tensor/package.json': JSON.stringify({
      name: '@adjoint/tensor',
      exports: { '.': entry, './testing': { source: './src/testing.ts' } },
    }),
    'packages/tensor/src/index.ts': "export { add } from './add.js';",
    'packages/tensor/src/testing.ts': 'export const close = 1;',
    'packages/tensor/src/add.ts': "import { cpus } from 'node:os'; export const add = cpus;",
    'packages/autograd/package.json': JSON.stringify({
      name: '@adjoint/autograd',
      exports: { '.': entry },
      dependencies: { '@adjoint/tensor': '0.1.0' },
    }),
    'packages/autograd/src/index.ts': "import { add } from '@adjoint/tensor'; export const grad = add;",
    ...files,
  };
  for (const [file, text] of Object.entries(tree)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
  return checkImports(root).violations;
}

describe('checkImports', () => {
  test('this repository follows the rules', () => {
    const { files, violations } = checkImports();
    expect(violations).toEqual([]);
    expect(files).toBeGreaterThan(5);
  });

  test('a clean tree has no violations', () => {
    expect(
      violationsOf({
        'test/add.test.ts':
          "import { test } from 'vitest';\nimport { close } from '@adjoint/tensor/testing';\n" +
          "import { add } from '../packages/tensor/src/add.js';\nimport { grad } from '@adjoint/autograd';",
      }),
    ).toEqual([]);
  });

  test.each<{ name: string; files: Record<string, string>; expected: string[] }>([
    {
      name: 'cycle between files',
      files: {
        'packages/tensor/src/add.ts': "import { b } from './b.js';\nexport const add = b;",
        'packages/tensor/src/b.ts': "export * from './c.js';",
        'packages/tensor/src/c.ts': "export const c = () => import('./add.js');",
      },
      expected: [
        'cycle: packages/tensor/src/add.ts -> packages/tensor/src/b.ts -> packages/tensor/src/c.ts -> packages/tensor/src/add.ts',
      ],
    },
    {
      name: 'no cycle when one of the imports is for types only',
      files: {
        'packages/tensor/src/add.ts': "import { b } from './b.js';\nexport const add = b;",
        'packages/tensor/src/b.ts':
          "import type { A } from './add.js';\nimport { type B } from './add.js';\n" +
          "export type { C } from './add.js';\nexport let b: import('./add.js').D;",
      },
      expected: [],
    },
    {
      name: 'a cycle between packages is a wrong direction and an undeclared dependency as well',
      files: {
        'packages/tensor/package.json': JSON.stringify({
          name: '@adjoint/tensor',
          exports: { '.': { source: './src/index.ts' } },
          dependencies: { '@adjoint/autograd': '0.1.0' },
        }),
        'packages/tensor/src/add.ts': "import { grad } from '@adjoint/autograd';\nexport const add = grad;",
      },
      expected: [
        'packages/tensor/package.json: direction: @adjoint/tensor must not import @adjoint/autograd (tensor <- autograd <- mri <- models <- robustness <- apps)',
        'packages/tensor/src/add.ts:1: direction: @adjoint/tensor must not import @adjoint/autograd (tensor <- autograd <- mri <- models <- robustness <- apps)',
        'cycle: packages/autograd/src/index.ts -> packages/tensor/src/index.ts -> packages/tensor/src/add.ts -> packages/autograd/src/index.ts',
      ],
    },
    {
      name: 'deep import by name',
      files: { 'packages/autograd/src/tape.ts': "\nimport { add } from '@adjoint/tensor/src/add.js';" },
      expected: [
        "packages/autograd/src/tape.ts:2: deep: '@adjoint/tensor/src/add.js' is no published entry; import '@adjoint/tensor' or '@adjoint/tensor/testing'",
      ],
    },
    {
      name: 'deep import by path',
      files: { 'packages/autograd/src/tape.ts': "export { add } from '../../tensor/src/add.js';" },
      expected: [
        "packages/autograd/src/tape.ts:1: deep: '../../tensor/src/add.js' reaches into packages/tensor; import '@adjoint/tensor'",
      ],
    },
    {
      name: 'example that reaches into a package',
      files: { 'examples/add.ts': "import { add } from '../packages/tensor/src/add.js';" },
      expected: [
        "examples/add.ts:1: deep: '../packages/tensor/src/add.js' reaches into packages/tensor; import '@adjoint/tensor'",
      ],
    },
    {
      name: 'wrong direction for types only',
      files: { 'packages/tensor/src/type.ts': "import type { grad } from '@adjoint/autograd';" },
      expected: [
        'packages/tensor/src/type.ts:1: direction: @adjoint/tensor must not import @adjoint/autograd (tensor <- autograd <- mri <- models <- robustness <- apps)',
      ],
    },
    {
      name: 'package that imports itself by name',
      files: { 'packages/tensor/src/self.ts': "import { add } from '@adjoint/tensor';" },
      expected: [
        'packages/tensor/src/self.ts:1: direction: @adjoint/tensor imports itself by name; use a relative import',
      ],
    },
    {
      name: 'package that is not in the chain',
      files: { 'packages/extra/package.json': JSON.stringify({ name: '@adjoint/extra' }) },
      expected: [
        'packages/extra/package.json: direction: @adjoint/extra has no place in the chain of checkImports.mjs',
      ],
    },
    {
      name: 'undeclared dependencies',
      files: {
        'packages/tensor/src/zip.ts': "import { zip } from 'fflate/node';",
        'packages/tensor/src/test.ts': "import { test } from 'vitest';",
        'examples/zip.ts': "import { zip } from 'fflate';",
      },
      expected: [
        "packages/tensor/src/test.ts:1: undeclared: 'vitest' is not in the dependencies of packages/tensor/package.json",
        "packages/tensor/src/zip.ts:1: undeclared: 'fflate' is not in the dependencies of packages/tensor/package.json",
        "examples/zip.ts:1: undeclared: 'fflate' is not in the dependencies of package.json",
      ],
    },
    {
      name: 'relative import without its ending',
      files: { 'packages/tensor/src/b.ts': "import { add } from './add';" },
      expected: ["packages/tensor/src/b.ts:1: unresolved: './add' is no file; relative imports end in .js"],
    },
  ])('$name', ({ files, expected }) => {
    expect(violationsOf(files)).toEqual(expected);
  });
});
