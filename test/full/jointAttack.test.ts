import { cgSense, ellipsePhantom, type Reconstructor } from '@adjoint/mri';
import { attack, gradientDescentOperator, linearOracle } from '@adjoint/robustness';
import { abs, add, init, jit, mul, sub, type Tensor } from '@adjoint/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { attackScene, length } from '../robustness/attacks/scene.js';

beforeAll(async () => {
  await init({ device: 'wasm' });
});

/**
 * The numerical check of the joint attack: 64 × 64, 6 coils, exact maps, 14 of 64 random columns (4.57x), early-stopped gradient descent
 * (τ 0.283, K 1000), ε 0.08. The original has relative errors 0.192 clean, 0.336 noise, 0.747 joint, 0.872 oracle; another phantom and
 * mask have others, in the same order.
 */
describe('the joint attack on early-stopped least squares', () => {
  test('is as strong as published: at least 1.8 times noise, 60 % of the oracle, and no more than it', async () => {
    const phantom = await ellipsePhantom({ subject: 1 });
    const { m, full } = await attackScene({ size: 64, coils: 6, acceleration: 4.57, seed: 8, phantom });
    expect(Array.from(await m.mask.data()).reduce((a, b) => a + b)).toBe(14);
    const R = gradientDescentOperator(m.maps, m.mask, { iterations: 1000 });
    using oracle = await linearOracle(R, { steps: 40 });
    const run = jit((y: Tensor) => abs(R.apply(y)));
    const method: Reconstructor = {
      name: 'gradient descent',
      reconstruct: async ({ kspace }) => run(kspace),
      problem: cgSense({ lambda: 0 }).problem!,
    };
    const error = async (image: Tensor): Promise<number> =>
      (await length(sub(image, m.reference))) / (await length(m.reference));
    const worst = run(add(m.kspace, mul(oracle.perturbation, 0.08 * (await length(full)))));
    const clean = await error(run(m.kspace));
    const table: Record<string, number> = { clean, oracle: await error(worst), gain: oracle.gain };
    for (const mode of ['corrected', 'faithful'] as const) {
      using result = await attack(method, m, { epsilon: 0.08, full, mode, steps: 250 });
      table.noise = await error(result.control!.reconstruction);
      table[mode] = await error(result.reconstruction);
      const e = result.perturbation;
      table[`${mode} gain`] = (await length(R.apply(e))) / (await length(e)) / oracle.gain;
      expect(table[mode]!).toBeGreaterThan(1.8 * table.noise);
      expect(table[mode]!).toBeLessThan(1.001 * table.oracle!);
      expect(table[`${mode} gain`]!).toBeGreaterThan(0.6);
      expect(table[`${mode} gain`]!).toBeLessThan(1.001);
    }
    expect(table.noise!).toBeGreaterThan(clean);
    process.stdout.write(`joint attack, relative errors: ${JSON.stringify(table)}\n`);

    // a shorter table of epsilons: the attack hurts more the larger it is, noise far less
    let last = 0;
    for (const epsilon of [0.01, 0.02, 0.04, 0.06, 0.1]) {
      using result = await attack(method, m, { epsilon, full });
      process.stdout.write(
        `  epsilon ${epsilon}: joint ${result.drop.toFixed(2)} dB, noise ${result.control!.drop.toFixed(2)} dB\n`,
      );
      expect(result.drop).toBeGreaterThan(last);
      expect(result.drop).toBeGreaterThan(2 * result.control!.drop);
      last = result.drop;
    }
  }, 600_000);
});
