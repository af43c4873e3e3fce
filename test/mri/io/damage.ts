import { AdjointError, FormatError, read, type Tensor, tensor } from '@adjoint/tensor';
import { expect } from 'vitest';
import { encodeH5, openFastmri, openIsmrmrd } from '../../../packages/mri/src/io/index.js';
import { fixtureBytes } from './fixture.js';

/** Numbers in [0, 1) from a seed: mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Damages a file: random bytes, flipped bits near its beginning, a block of other bytes, or its end cut off. */
export function damage(bytes: Uint8Array, random: () => number): Uint8Array {
  const result = bytes.slice();
  const at = (n: number) => Math.floor(random() * n);
  const kind = at(4);
  if (kind === 0) for (let k = at(8); k >= 0; k--) result[at(result.length)] = at(256);
  else if (kind === 1) for (let k = at(4); k >= 0; k--) result[at(2048)]! ^= 1 << at(8);
  else if (kind === 2)
    result.set(
      Uint8Array.from({ length: 32 }, () => at(256)),
      at(result.length - 32),
    );
  else return result.slice(0, at(result.length));
  return result;
}

/** A small file of the fastMRI layout: chunks, gzip, text, attributes. */
export async function smallFastmri(): Promise<Uint8Array> {
  const values = (n: number) => Float32Array.from({ length: n }, (_, i) => Math.sin(i));
  return encodeH5(
    {
      kspace: tensor(values(2 * 2 * 2 * 64 * 48), { dtype: 'c64', shape: [2, 2, 64, 48] }),
      reconstruction_rss: tensor(values(2 * 32 * 32), { shape: [2, 32, 32] }),
      mask: tensor(new Float32Array(48).fill(1)),
      ismrmrd_header:
        '<h><encoding><encodedSpace><matrixSize><x>64</x><y>48</y><z>1</z></matrixSize></encodedSpace>' +
        '<reconSpace><matrixSize><x>32</x><y>32</y><z>1</z></matrixSize></reconSpace></encoding></h>',
    },
    { attributes: { acquisition: 'AXT2', max: 1.5, patient_id: 'nobody' }, compression: 1 },
  );
}

export const smallIsmrmrd = (): Uint8Array => fixtureBytes('volume.h5');

export type Verdict = 'read' | 'refused' | 'stopped';

/** Damages a file of either kind by `count` seeds from `first`, two at a time, and counts what comes of it. */
export async function readManyDamaged(first: number, count: number): Promise<Record<Verdict, number>> {
  const sources = { fastmri: await smallFastmri(), ismrmrd: smallIsmrmrd() };
  const cases = Object.entries(sources).flatMap(([kind, bytes]) =>
    Array.from({ length: count }, (_, k) => ({ kind: kind as keyof typeof sources, bytes, seed: first + k })),
  );
  const verdicts: Record<Verdict, number> = { read: 0, refused: 0, stopped: 0 };
  const work = async () => {
    for (let next = cases.pop(); next; next = cases.pop()) {
      const { kind, bytes, seed } = next;
      const name = `${kind}, seed ${seed}`;
      verdicts[await readDamaged(kind, damage(bytes, seededRandom(seed)), name)]++;
    }
  };
  await Promise.all([work(), work()]);
  return verdicts;
}

/** Reads a whole file; what it is must be consistent, or an error of this library. */
export async function readDamaged(
  kind: 'fastmri' | 'ismrmrd',
  bytes: Uint8Array,
  name: string,
): Promise<Verdict> {
  const timeoutMs = 15_000;
  try {
    const file = await (kind === 'fastmri'
      ? openFastmri(bytes, { timeoutMs })
      : openIsmrmrd(bytes, { timeoutMs }));
    try {
      for (let i = 0; i < Math.min(file.slices, 4); i++) {
        const { kspace, mask, reference } = await file.slice(i);
        expect(kspace.shape, name).toEqual(file.shape.slice(1));
        for (const x of [kspace, mask, reference]) if (x) await checkWhole(x, name);
      }
    } finally {
      await file.close();
    }
    return 'read';
  } catch (error) {
    if (!(error instanceof AdjointError)) throw new Error(`${name}: ${String(error)}`, { cause: error });
    expect(error.message, name).toMatch(/^open(Fastmri|Ismrmrd): /);
    return error instanceof FormatError && error.message.includes('works for more than')
      ? 'stopped'
      : 'refused';
  }
}

async function checkWhole(x: Tensor, name: string): Promise<void> {
  expect((await read(x)).length, name).toBe(x.size * (x.dtype === 'c64' ? 2 : 1));
  x.dispose();
}
