import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { main as checkOperator } from '../../examples/checkOperator.js';
import { main as complexGradient } from '../../examples/complexGradient.js';
import { main as implicitDerivative } from '../../examples/implicitDerivative.js';
import { main as myAttack } from '../../examples/my-attack.js';
import { main as myMethod } from '../../examples/my-method.js';
import { main as ownNetwork } from '../../examples/ownNetwork.js';
import { main as reconstruct } from '../../examples/reconstruct.js';
import { main as trainDenoiser } from '../../examples/trainDenoiser.js';

describe('examples', () => {
  test('complexGradient: a gradient of the size of the argument', async () => {
    const gradient = await complexGradient();
    expect(gradient.length).toBe(2 * 64 * 64);
    expect(gradient.every(Number.isFinite)).toBe(true);
  });

  test('checkOperator: the right adjoint passes, the wrong one is caught', async () => {
    const { error, wrongIsCaught } = await checkOperator();
    expect(error).toBeLessThan(2e-5);
    expect(wrongIsCaught).toBe(true);
  });

  test('implicitDerivative: agrees with differences of the solver', async () => {
    const { implicit, differences } = await implicitDerivative();
    expect(Math.abs(implicit - differences)).toBeLessThan(2e-3 * Math.abs(differences));
  });

  test('reconstruct: a real image gains from the reconstruction, and the picture is written', async () => {
    const out = path.join(await mkdtemp(path.join(tmpdir(), 'adjoint-')), 'picture.png');
    const { zeroFilled, reconstructed } = await reconstruct({ out, steps: 60, slice: 10 });
    expect(reconstructed).toBeGreaterThan(zeroFilled + 2);
    expect((await readFile(out)).subarray(1, 4).toString('latin1')).toBe('PNG');
  });

  test('ownNetwork: repairs an image of a subject it has not seen', async () => {
    const { before, after } = await ownNetwork({ steps: 60 });
    expect(after).toBeGreaterThan(before + 0.2);
  });

  test('trainDenoiser: the network halves the error on a slice it has not seen', async () => {
    const { noisy, denoised } = await trainDenoiser({ steps: 120 });
    expect(denoised).toBeLessThan(noisy / 2);
  });

  test('my-method: the attack costs it more than noise', async () => {
    const { drop, noiseDrop } = await myMethod({ steps: 20 });
    expect(drop).toBeGreaterThan(1);
    expect(drop).toBeGreaterThan(2 * noiseDrop);
  });

  test('my-attack: most of the change is where it was wanted', async () => {
    const { inside, share } = await myAttack({ steps: 20 });
    expect(inside).toBeGreaterThan(0);
    expect(share).toBeGreaterThan(0.3);
  });

  test.each(['my-method', 'my-attack', 'my-dataset'])('%s has 40 lines at most', async (name) => {
    const text = await readFile(new URL(`../../examples/${name}.ts`, import.meta.url), 'utf8');
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
  });
});
