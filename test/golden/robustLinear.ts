import {
  conj,
  key,
  linalg,
  matmul,
  mul,
  norm,
  read,
  sum,
  type Tensor,
  tensor,
  transpose,
} from '@adjoint/tensor';
import { golubKahan } from '../../packages/mri/src/solvers/index.js';
import { linearFilter, linearOracle, tikhonovOperator } from '../../packages/robustness/src/oracles/index.js';
import { GoldenError, type Group, type Stored } from './h5.js';
import { type AsyncRun, isProse, place, type Result, type Suite } from './suite.js';

const limit = 1e-5;
/** Of gains and of the damage that perturbations do, as the file's README states it. */
const gainLimit = 1e-4;
/** Beyond this ratio of the two largest gains a perturbation's direction is determined well enough to be compared. */
const distinct = 1.1;

const scalar = (value: number, dtype: 'f64' | 'i32' = 'f64'): Stored => ({
  ...{ shape: [], dtype },
  data: dtype === 'f64' ? Float64Array.of(value) : Int32Array.of(value),
});
const list = (values: readonly number[]): Stored => ({
  ...{ shape: [values.length], dtype: 'f64', data: Float64Array.from(values) },
});
const numberOf = async (x: Tensor): Promise<number> => (await read(x))[0]!;

/** λ or ε, stated twice. */
function weightOf(group: Group, name: 'lam' | 'eps'): number {
  const value = group.dataset(name).data[0]!;
  group.only(name, value);
  return value;
}

/** The closed form of the best linear reconstruction against a bounded perturbation. */
function minmax(group: Group): AsyncRun {
  return {
    start: async () => {
      const A = place(group.dataset('A'));
      const [lambda, epsilon] = [weightOf(group, 'lam'), weightOf(group, 'eps')];
      const [rows, columns] = A.shape as [number, number];
      group.only('rows', rows);
      group.only('cols', columns);
      const { u, s, vh } = await linalg.svd(A);
      const values = Array.from(await read(s));
      if (Math.abs(values[0]! / values.at(-1)! / group.number('condition_number') - 1) > 1e-3)
        throw new GoldenError('the condition number is not the stated one');
      const { gains, cap, capped } = linearFilter(values, lambda, epsilon);
      const misfit = gains.reduce(
        (total, q, i) => total + (1 - q * values[i]!) ** 2,
        columns - values.length,
      );
      const q = tensor(gains, { shape: [gains.length, 1], dtype: s.dtype as 'f32', device: A.device });
      const isComplex = group.flag('complex');
      const hermitian = (x: Tensor): Tensor => (isComplex ? conj(transpose(x)) : transpose(x));
      const result = (name: string, got: Tensor | Stored): Result => ({
        ...{ name, got, expected: group.dataset(name), limit },
      });
      return [
        result('singular_values', list(values)),
        result('q', list(gains)),
        result('cap', scalar(cap)),
        result('num_capped', scalar(capped, 'i32')),
        result('objective', scalar((1 + lambda) * misfit + lambda * epsilon ** 2 * cap ** 2)),
        result('worst_case_gain', scalar(cap)),
        result('B', matmul(hermitian(vh), mul(q, hermitian(u)))),
      ];
    },
  };
}

/** The worst perturbation of Tikhonov-regularised SENSE. */
function senseTikhonov(group: Group): AsyncRun {
  return {
    start: async () => {
      const [maps, mask] = [place(group.dataset('S')), place(group.dataset('mask'))];
      const [lambda, epsilon] = [weightOf(group, 'lam'), weightOf(group, 'eps')];
      const [coils, height, width] = ['coils', 'h', 'w'].map((name) => group.number(name));
      if (`${maps.shape}` !== `${[coils, height, width]}`) throw new GoldenError(`S is [${maps.shape}]`);
      const R = tikhonovOperator(maps, mask, lambda, { iterations: 80 });
      const worst = place(group.dataset('worst_perturbation'));
      const damage = norm(R.apply(worst));
      const start = key(0);
      const oracle = await linearOracle(R, { steps: 40, key: start });
      const pair = await golubKahan(R, 2, { steps: 40, key: start });
      const result = (name: string, got: Stored, expected: Stored): Result => ({
        ...{ name, got, expected, limit: gainLimit },
      });
      const stated = group.dataset('worst_error_norm');
      const found = mul(oracle.perturbation, epsilon);
      const [s1, s2] = pair.s as [number, number];
      const results = [
        result('gain', scalar(oracle.gain), group.dataset('gain')),
        result('second_gain', scalar(s2), group.dataset('second_gain')),
        result('gain_ratio', scalar(s1 / s2), scalar(group.number('gain_ratio'))),
        result('‖R d‖ of the file’s d', scalar(await numberOf(damage)), stated),
        result('‖R d‖', scalar(await numberOf(norm(R.apply(found)))), stated),
        result('‖d‖', scalar(await numberOf(norm(found))), scalar(epsilon)),
      ];
      if (s1 / s2 <= distinct) return results;
      const overlap = await read(sum(mul(conj(worst), found)));
      const cosine = Math.hypot(overlap[0]!, overlap[1]!) / epsilon ** 2;
      return [...results, result('|⟨d, d’⟩|', scalar(cosine), scalar(1))];
    },
  };
}

export const robustLinearSuite: Suite = {
  file: 'robust_linear',
  devices: ['wasm', 'webgpu'],
  ignored: (name) => isProse(name) || ['solution', 'A', 'R', 'objective_pinv'].includes(name),
  plan(group) {
    const [kind] = group.parts;
    if (kind === 'minmax') return minmax(group);
    if (kind === 'sense_tikhonov') return senseTikhonov(group);
    throw new GoldenError('is not a kind of case this suite knows');
  },
};
