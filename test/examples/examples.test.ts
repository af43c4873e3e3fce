import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { main as complexGradient } from '../../examples/complexGradient.js';
import { main as reconstruct } from '../../examples/reconstruct.js';

describe('examples', () => {
  test('complexGradient: the gradient of a quadratic is known in closed form', async () => {
    const gradient = await complexGradient();
    expect(gradient.length).toBe(2 * 64 * 64);
    expect(gradient.every(Number.isFinite)).toBe(true);
  });

  test('reconstruct: a real image gains from the reconstruction, and the picture is written', async () => {
    const out = path.join(await mkdtemp(path.join(tmpdir(), 'adjoint-')), 'picture.png');
    const { zeroFilled, reconstructed } = await reconstruct({ out, steps: 60, slice: 10 });
    expect(reconstructed).toBeGreaterThan(zeroFilled + 2);
    expect((await readFile(out)).subarray(1, 4).toString('latin1')).toBe('PNG');
  });
});
