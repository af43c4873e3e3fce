import {
  add,
  conj,
  type Device,
  eye,
  init,
  linalg,
  matmul,
  mul,
  NumericalError,
  norm,
  reshape,
  scope,
  slice,
  sub,
  type Tensor,
  tensor,
  transpose,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conjugateGradient, golubKahan, powerIteration } from '../../../packages/mri/src/solvers/index.js';
import { denseProblem, distance } from './denseProblem.js';

let device: Device;
beforeAll(async () => {
  device = await init({ device: 'reference' });
});
afterAll(() => device.dispose());

describe('conjugateGradient', () => {
  const lambda = 0.1;
  const system = () => {
    const { operator, data, matrix } = denseProblem(9, 6, 1, 'c128');
    const M = (x: Tensor): Tensor => add(operator.normal(x), mul(x, lambda));
    const dense = scope(() =>
      add(matmul(conj(transpose(matrix)), matrix), mul(eye(6, 6, { dtype: 'f64' }), lambda)),
    );
    return { M, b: operator.adjoint(data), dense };
  };

  it('solves a Hermitian system exactly after as many steps as it has unknowns', async () => {
    const { M, b, dense } = system();
    const exact = await linalg.solve(dense, reshape(b, [6, 1]));
    const { x, iterations } = await conjugateGradient(M, b, { maxIterations: 6, tolerance: 0 });
    expect(iterations).toBe(6);
    expect(distance(await x.data(), await exact.data())).toBeLessThan(1e-10);
  });

  it('reports the quadratic it minimises', async () => {
    const { M, b } = system();
    const { x, history } = await conjugateGradient(M, b, { maxIterations: 3, checkEvery: 1, tolerance: 0 });
    const value = async (v: Tensor): Promise<number> => {
      const [xs, ms, bs] = await Promise.all([v.data(), M(v).data(), b.data()]);
      return Array.from(xs).reduce((total, part, i) => total + part * (0.5 * ms[i]! - bs[i]!), 0);
    };
    expect(history.map(({ iteration }) => iteration)).toEqual([1, 2, 3]);
    expect(history[2]!.objective).toBeCloseTo(await value(x), 10);
    expect(history[2]!.objective).toBeLessThan(history[1]!.objective);
  });

  it('needs no step from the solution, and keeps the start alive', async () => {
    const { M, b } = system();
    const { x } = await conjugateGradient(M, b, { maxIterations: 12, tolerance: 1e-14 });
    const again = await conjugateGradient(M, b, { x0: x, maxIterations: 50, checkEvery: 1, tolerance: 1e-9 });
    expect(again.converged).toBe(true);
    expect(again.iterations).toBeLessThanOrEqual(3); // looks are read one step late
    expect(distance(await again.x.data(), await x.data())).toBeLessThan(1e-9);
  });

  it('gives 0 for b = 0', async () => {
    const { M, b } = system();
    const { x, converged } = await conjugateGradient(M, mul(b, 0));
    expect(converged).toBe(true);
    expect(distance(await x.data(), new Float64Array(12))).toBe(0);
  });

  it('names the solver when b holds NaN', async () => {
    const { M, b } = system();
    await expect(conjugateGradient(M, mul(b, tensor(Number.NaN)))).rejects.toThrow(NumericalError);
  });

  it('refuses a start of another shape', async () => {
    const { M, b } = system();
    await expect(conjugateGradient(M, b, { x0: slice(b, [[0, 3]]) })).rejects.toThrow(
      'conjugateGradient: option x0 must be c128 [6]; got c128 [3].',
    );
  });
});

describe('singular values', () => {
  it('powerIteration finds the largest eigenvalue and its vector', async () => {
    const { operator, matrix } = denseProblem(8, 5, 3, 'c128');
    const { s } = await linalg.svd(matrix);
    const [largest] = await s.data();
    const { value, vector } = await powerIteration(operator.normal, operator.domain, {
      maxIterations: 500,
      tolerance: 1e-13,
    });
    expect(value).toBeCloseTo(largest! ** 2, 8);
    const residual = norm(sub(operator.normal(vector), mul(vector, value)));
    expect(await residual.item()).toBeLessThan(1e-4);
  });

  it('golubKahan gives singular triplets', async () => {
    const { operator, matrix } = denseProblem(20, 12, 4, 'c128');
    const values = await (await linalg.svd(matrix)).s.data();
    const { u, s, v, residuals } = await golubKahan(operator, 4, { steps: 12 });
    expect(distance(s, values)).toBeLessThan(1e-10);
    expect(Math.max(...residuals)).toBeLessThan(1e-10);
    for (let i = 0; i < 4; i++) {
      const back = sub(operator.adjoint(slice(u, [i])), mul(slice(v, [i]), s[i]!));
      expect(await norm(back).item()).toBeLessThan(1e-9);
    }
  });

  it('golubKahan keeps its vectors orthonormal over many more steps than single precision forgives', async () => {
    const { operator } = denseProblem(70, 60, 5, 'c128');
    const { v } = await golubKahan(operator, 20, { steps: 60 });
    const gram = await linalg.svd(v);
    expect(distance(await gram.s.data(), new Float64Array(20).fill(1))).toBeLessThan(1e-10);
  });

  it('golubKahan ends where the rank does', async () => {
    const { operator } = denseProblem(3, 10, 6, 'c128');
    const { s } = await golubKahan(operator, 5, { steps: 10 });
    expect(Math.min(...s.slice(0, 3))).toBeGreaterThan(1e-3);
    expect(Math.max(...s.slice(3))).toBeLessThan(1e-9);
  });
});
