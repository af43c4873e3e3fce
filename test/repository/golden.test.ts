import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import h5wasm from 'h5wasm/node';
import { afterEach, expect, test } from 'vitest';
import { webgpu } from '../backend/devices.js';
import { runFiles } from '../golden/runFiles.js';

const repository = path.resolve(import.meta.dirname, '../..');
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

type Content = { [name: string]: Content | Float32Array | number | string };

/** Writes groups (objects), real vectors (arrays) and attributes (numbers, text) below `group`. */
function fill(group: InstanceType<typeof h5wasm.Group>, content: Content): void {
  for (const [name, value] of Object.entries(content)) {
    if (value instanceof Float32Array) group.create_dataset({ name, data: value, dtype: '<f4' });
    else if (typeof value === 'object') fill(group.create_group(name), value);
    else if (typeof value === 'number')
      group.create_attribute(name, value, null, Number.isInteger(value) ? '<i4' : '<f8');
    else group.create_attribute(name, value);
  }
}

/** A folder of golden files. */
async function folderOf(files: Record<string, Content>): Promise<string> {
  await h5wasm.ready;
  const folder = mkdtempSync(path.join(tmpdir(), 'adjoint-golden-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    const file = new h5wasm.File(path.join(folder, `${name}.h5`), 'w');
    fill(file, content);
    file.close();
  }
  return folder;
}

/** Runs golden files on the reference backend. */
async function runGolden(
  folder: string,
  ...named: string[]
): Promise<{ failed: number; lines: string[]; output: string }> {
  const lines: string[] = [];
  const { failed } = await runFiles({ folder, named, device: 'reference' }, (line) => lines.push(line));
  return { failed, lines, output: lines.join('\n') };
}

const x = Float32Array.of(-1, 0, 2);
const y = Float32Array.of(1, 3, -2);

/** relu and its pullback, right unless changed. */
const reluCase = (changes: Content = {}): Content => ({
  in_x: x,
  out: Float32Array.of(0, 0, 2),
  grad_out: y,
  grad_x: Float32Array.of(0, 0, -2),
  function: 'relu',
  ...changes,
});

test('a right file passes, with attributes of parents and shared data', async () => {
  const folder = await folderOf({
    nn_ops: {
      title: 'a file for this test',
      act: { relu: reluCase(), 'leaky relu': { ...reluCase(), function: 'leaky_relu', negative_slope: 0 } },
      loss: {
        reduction: 'mean',
        mse: {
          in_x: x,
          in_y: x,
          out: new Float32Array(1),
          grad_out: Float32Array.of(3),
          grad_x: new Float32Array(3),
          grad_y: new Float32Array(3),
        },
      },
      optim: { p0: x, h: x, none: { variant: 'sgd', lr: 0, steps: 0, trajectory: x } },
    },
  });
  const { lines, output } = await runGolden(folder);
  // a trajectory is a matrix; everything else is right
  expect(output).toContain('FAIL nn_ops reference optim/none: trajectory: has shape [1,3], expected [3]');
  expect(lines.at(-1)).toBe('3 passed, 1 failed');
});

test('a wrong value fails and the error is named', async () => {
  const { lines, output } = await runGolden(
    await folderOf({
      nn_ops: { act: { good: reluCase(), bad: reluCase({ grad_x: Float32Array.of(0, 0, -2.001) }) } },
    }),
  );
  expect(output).toMatch(/FAIL nn_ops reference act\/bad: grad_x: error 5\.00e-4 > limit 1e-5/);
  expect(lines.at(-1)).toBe('1 passed, 1 failed');
});

test.each<{ what: string; file: string; content: Content; message: string }>([
  {
    what: 'operator',
    file: 'nn_ops',
    content: { act: { relu: reluCase() }, conv3d: { first: reluCase() } },
    message: 'FAIL nn_ops conv3d/first: no function is known for "conv3d"',
  },
  {
    what: 'loss',
    file: 'complex_grad',
    content: { loss: { cosh: { in_z: x, loss: x, grad_z: x } } },
    message: 'FAIL complex_grad loss/cosh: no formula is known for the loss "cosh"',
  },
  {
    what: 'function',
    file: 'nn_ops',
    content: { act: { gelu: reluCase({ function: 'gelu' }) } },
    message: 'FAIL nn_ops reference act/gelu: no function is known for "gelu"',
  },
  {
    what: 'kind of transform',
    file: 'fft',
    content: { d2: { x } },
    message: 'FAIL fft d2: is not a kind of case this suite knows',
  },
  {
    what: 'attribute',
    file: 'nn_ops',
    content: { act: { relu: reluCase({ ceiling: 6 }) } },
    message: 'FAIL nn_ops reference act/relu: not understood: attribute ceiling',
  },
  {
    what: 'attribute of a parent',
    file: 'nn_ops',
    content: { act: { relu: reluCase(), ceiling: 6 } },
    message: 'FAIL nn_ops act: not understood: attribute ceiling',
  },
  {
    what: 'dataset',
    file: 'nn_ops',
    content: { act: { relu: reluCase({ hessian: x }) } },
    message: 'FAIL nn_ops reference act/relu: not understood: dataset hessian',
  },
  {
    what: 'value of an attribute',
    file: 'nn_ops',
    content: { max_pool2d: { kernel: 2, stride: 2, padding: 0, first: reluCase({ ceil_mode: 1 }) } },
    message: 'attribute ceil_mode = 1 is not implemented, only 0',
  },
])('an unknown $what is a failure', async ({ file, content, message }) => {
  const { failed, output } = await runGolden(await folderOf({ [file]: content }));
  expect(output).toContain(message);
  expect(failed).toBeGreaterThan(0);
});

test('an optional unknown function is skipped, counted and printed', async () => {
  const { lines, output } = await runGolden(
    await folderOf({
      complex_grad: {
        vjp: {
          neg: {
            in_z: x,
            out: Float32Array.of(1, 0, -2),
            grad_out: y,
            grad_z: Float32Array.of(-1, -3, 2),
            out_complex: 0,
          },
          view_as_quaternion: { in_z: x, optional: 1 },
        },
      },
    }),
  );
  expect(output).toContain('skip complex_grad vjp/view_as_quaternion: optional in the file');
  expect(lines.at(-1)).toBe('1 passed, 0 failed, 1 skipped');
});

test('a file that no package covers is listed, and fails only if it is named', async () => {
  const folder = await folderOf({ nn_ops: { act: { relu: reluCase() } }, holograms: { first: { x } } });
  const listed = await runGolden(folder);
  expect(listed.output).toMatch(/holograms +not covered yet/);
  expect(listed.lines.at(-1)).toBe('1 passed, 0 failed');
  const named = await runGolden(folder, 'holograms', 'nn_ops');
  expect(named.output).toContain('FAIL holograms: not covered yet');
  expect(named.lines.at(-1)).toBe('1 passed, 1 failed');
});

test('a named file that does not exist, and a file that is no HDF5 file, fail', async () => {
  const folder = await folderOf({ nn_ops: { act: { relu: reluCase() } } });
  writeFileSync(path.join(folder, 'fft.h5'), 'not HDF5');
  const { lines, output } = await runGolden(folder, 'nn_ops', 'complex_grad', 'fft');
  expect(output).toContain('FAIL complex_grad: there is no complex_grad.h5');
  expect(output).toMatch(/FAIL fft: cannot be opened as HDF5/);
  expect(lines.at(-1)).toBe('1 passed, 2 failed');
});

test('an empty folder, a missing one and a file without cases fail', async () => {
  const folder = await folderOf({});
  expect((await runGolden(folder)).output).toContain('there is no .h5 file');
  expect((await runGolden(path.join(folder, 'nowhere'))).output).toContain('does not exist');
  const { failed, output } = await runGolden(await folderOf({ fft: { c2d: { axes: 1 } } }));
  expect(output).toContain('the file has no case that can be run');
  expect(failed).toBeGreaterThan(0);
});

/** The command itself, with $ADJOINT_GOLDEN. */
function command(folder: string, ...args: string[]): { code: number | null; output: string; errors: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=source', '--import', 'tsx', 'test/golden/run.ts', ...args],
    { cwd: repository, env: { ...process.env, ADJOINT_GOLDEN: folder }, encoding: 'utf8' },
  );
  return { code: status, output: stdout, errors: stderr };
}

test('the command takes the folder from $ADJOINT_GOLDEN, ends with the counts, and its exit code says whether all passed', async () => {
  const folder = await folderOf({ nn_ops: { act: { relu: reluCase() } }, holograms: { first: { x } } });
  const good = command(folder, 'nn_ops.h5');
  expect(good.output).toContain('nn_ops         wasm ');
  expect(good.output.trimEnd().split('\n').at(-1)).toBe(`${2 + webgpu.length} passed, 0 failed`);
  expect(good.code).toBe(0);
  const bad = command(folder, '--device', 'reference', 'nn_ops', 'holograms');
  expect(bad.output.trimEnd().split('\n').at(-1)).toBe('1 passed, 1 failed');
  expect(bad.code).toBe(1);
  const unknown = command(folder, '--device', 'abacus');
  expect(unknown.errors).toContain('--device must be one of reference, wasm, webgpu; got abacus');
  expect(unknown.code).toBe(1);
}, 120_000);
