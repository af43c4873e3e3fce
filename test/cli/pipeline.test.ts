import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { decode } from 'fast-png';
import { beforeAll, expect, test } from 'vitest';
import { done, freshFolder, json } from './shell.js';

let folder: string;
/** A line as a user types it in that folder. */
const typed = (line: string): string =>
  line.replaceAll(/(?<= )(\w+\.(?:h5|png))/g, (name) => path.join(folder, name)).replace(/^adjoint /, '');

beforeAll(async () => {
  folder = await freshFolder();
});

test('piece by piece, as with BART: a real head is simulated, sampled, reconstructed, scored and shown', async () => {
  await done(typed('adjoint simulate --images builtin:head --coils 8 --snr 30 --out k.h5'));
  await done(
    typed('adjoint mask --type random --acceleration 4 --center-fraction 0.08 --seed 7 --in k.h5 --out m.h5'),
  );
  await done(typed('adjoint recon --method zero-filled --in k.h5 --mask m.h5 --out z.h5'));
  await done(typed('adjoint recon --method l1 --lambda 0.001 --in k.h5 --mask m.h5 --out r.h5'));
  const zeroFilled = await json(typed('adjoint metrics --reference k.h5 --in z.h5'));
  const l1 = JSON.parse(await done(typed('adjoint metrics --reference k.h5 --in r.h5 --json')));
  expect(Object.keys(l1)).toEqual(Object.keys(zeroFilled));
  for (const name of ['ssim', 'ssim_foreground', 'psnr', 'psnr_foreground', 'vif'])
    expect(l1[name], name).toBeGreaterThan(1.05 * (zeroFilled[name] as number));
  expect(l1.nmse).toBeLessThan((zeroFilled.nmse as number) / 2);
  await done(typed('adjoint view r.h5 --out r.png'));
  const { width, height } = decode(await readFile(path.join(folder, 'r.png')));
  expect(Math.min(width, height)).toBeGreaterThan(128);
});

test('maps made before give what recon makes of its own, from the masked data alone', async () => {
  await done(typed('adjoint espirit --in k.h5 --mask m.h5 --out s.h5'));
  await done(typed('adjoint recon --method l1 --lambda 0.001 --in k.h5 --mask m.h5 --maps s.h5 --out r2.h5'));
  const { nmse } = await json(typed('adjoint metrics --reference r.h5 --in r2.h5 --matching none'));
  expect(nmse).toBeLessThan(1e-9);
});
