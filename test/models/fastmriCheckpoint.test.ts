import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Device, init, type Tensor, tensor } from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadWeights } from '../../packages/models/src/weights/index.js';

const here = import.meta.dirname;
const python = ['python3', '/usr/bin/python3'].find(
  (name) => spawnSync(name, ['-c', 'import torch']).status === 0,
);
if (python === undefined) console.warn('SKIPPED: conversion of checkpoints, because no python3 has torch');

/** The program of docs/weights.md, as whoever reads the page would run it. */
async function recipe(): Promise<string> {
  const manual = await readFile(path.join(here, '../../docs/weights.md'), 'utf8');
  const programs = [...manual.matchAll(/```python\n(.*?)```/gs)].map(([, program]) => program!);
  expect(programs).toHaveLength(1);
  return programs[0]!;
}

function runPython(...args: string[]): { readonly status: number | null; readonly stderr: string } {
  const { status, stderr } = spawnSync(python!, args, { encoding: 'utf8' });
  return { status, stderr };
}

describe.skipIf(python === undefined)('checkpoints of fastMRI, converted as docs/weights.md says', () => {
  let device: Device;
  let folder: string;
  const at = (name: string): string => path.join(folder, name);
  const convert = (name: string, ...more: string[]) =>
    runPython(at('convert.py'), at(`${name}.pt`), at(`${name}.safetensors`), ...more);

  beforeAll(async () => {
    device = await init({ device: 'wasm' });
    folder = await mkdtemp(path.join(tmpdir(), 'adjoint-fastmri-'));
    await writeFile(at('convert.py'), await recipe());
    expect(runPython(path.join(here, 'fastmriCheckpoint.py'), folder)).toEqual({ status: 0, stderr: '' });
  });
  afterAll(async () => {
    device.dispose();
    await rm(folder, { recursive: true });
  });

  it.each([['bare'], ['lightning', '--trust']])('%s: the same image as PyTorch', async (name, ...more) => {
    expect(convert(name, ...more)).toEqual({ status: 0, stderr: '' });
    const { network, parameters } = await loadWeights(at(`${name}.safetensors`));
    expect(network.config).toMatchObject({ chans: 4, pools: 2, inChans: 1, outChans: 1 });
    const { shape, input, output } = JSON.parse(await readFile(at('image.json'), 'utf8'));
    const image: Tensor = network.apply(parameters, tensor(input, { shape, dtype: 'f32' }));
    const found = await image.data();
    const error = Math.hypot(...output.map((value: number, i: number) => value - found[i]!));
    expect(error / Math.hypot(...output)).toBeLessThan(1e-5);
  });

  it('something else is refused, and what it holds is named', () => {
    expect(convert('other')).toEqual({
      status: 1,
      stderr: expect.stringMatching(/other\.pt: no U-net of fastMRI; it has cascades\.0\.model\.unet/),
    });
  });
});
