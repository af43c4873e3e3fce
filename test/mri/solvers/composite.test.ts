import { adam, identityOperator } from '@adjoint/autograd';
import {
  abs,
  abs2,
  add,
  type Device,
  identity,
  init,
  max,
  mul,
  NumericalError,
  norm,
  sub,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  admm,
  type FistaOptions,
  fista,
  gradientDescent,
  l1Penalty,
  leastSquares,
  normalLeastSquares,
  pdhg,
} from '../../../packages/mri/src/solvers/index.js';
import { denseProblem } from './denseProblem.js';

let device: Device;
beforeAll(async () => {
  device = await init({ device: 'reference' });
});
afterAll(() => device.dispose());

const penalty = l1Penalty({ apply: identity, adjoint: identity });
const lambda = 0.2;
const problem = () => {
  const { operator, data } = denseProblem(8, 12, 7, 'c128');
  return { operator, data };
};
const start = (): Tensor => zeros([12], { dtype: 'c128' });

/** Duality gap of ½‖A x − y‖² + λ‖x‖₁: how far at most the objective is above its minimum. */
async function gap({ operator, data }: ReturnType<typeof problem>, x: Tensor): Promise<number> {
  const residual = sub(data, operator.apply(x));
  const steepest = (await max(abs(operator.adjoint(residual))).item()) as number;
  const nu = mul(residual, Math.min(1, lambda / steepest));
  const primal =
    ((await norm(residual).item()) as number) ** 2 / 2 + lambda * ((await sum(abs(x)).item()) as number);
  const whole = (await sum(abs2(data)).item()) as number;
  const rest = (await sum(abs2(sub(nu, data))).item()) as number;
  return (primal - (whole - rest) / 2) / primal;
}

describe('solvers of ½‖A x − y‖² + λ‖x‖₁ reach the optimum, certified by the duality gap', () => {
  // without restart only O(1/k²) is promised
  const variants: Record<string, { options: FistaOptions; limit: number }> = {
    plain: { options: { restart: false }, limit: 1e-5 },
    restarted: { options: {}, limit: 1e-9 },
    monotone: { options: { monotone: true, restart: false }, limit: 1e-5 },
  };
  it.each(Object.keys(variants))('fista, %s', async (name) => {
    const at = problem();
    const { limit, options: variant } = variants[name]!;
    const options = { lambda, maxIterations: 600, tolerance: 1e-10, ...variant };
    const { x, history } = await fista(leastSquares(at), penalty, start(), options);
    expect(await gap(at, x)).toBeLessThan(limit);
    expect(history.at(-1)!.objective).toBeLessThanOrEqual(history[0]!.objective);
  });

  it('fista with A^H A', async () => {
    const at = problem();
    const smooth = normalLeastSquares(at, at.operator.adjoint(at.data));
    const { x } = await fista(smooth, penalty, start(), { lambda, maxIterations: 600, tolerance: 1e-10 });
    expect(await gap(at, x)).toBeLessThan(1e-7);
  });

  it('admm', async () => {
    const at = problem();
    const K = identityOperator(at.operator.domain);
    const { x, converged } = await admm(at, penalty, K, { lambda, maxIterations: 500, tolerance: 1e-8 });
    expect(converged).toBe(true);
    expect(await gap(at, x)).toBeLessThan(1e-6);
  });

  it('pdhg', async () => {
    const at = problem();
    const K = identityOperator(at.operator.domain);
    const options = { lambda, maxIterations: 4000, tolerance: 1e-9 };
    const { x } = await pdhg(leastSquares(at), penalty, K, start(), options);
    expect(await gap(at, x)).toBeLessThan(1e-5);
  });
});

describe('monotone fista', () => {
  it('never raises the objective, where plain fista does', async () => {
    const at = problem();
    const run = async (monotone: boolean) => {
      const options = {
        lambda: 0.01,
        monotone,
        restart: false,
        checkEvery: 1,
        maxIterations: 150,
        tolerance: 0,
      };
      const { history } = await fista(leastSquares(at), penalty, start(), options);
      return history.slice(1).map(({ objective }, i) => objective - history[i]!.objective);
    };
    expect(Math.max(...(await run(true)))).toBeLessThan(1e-12);
    expect(Math.max(...(await run(false)))).toBeGreaterThan(1e-9);
  });
});

describe('fista with averageAfter', () => {
  it('returns the mean of the iterates after that many, and its objective', async () => {
    const at = problem();
    const run = (maxIterations: number, averageAfter?: number) =>
      fista(leastSquares(at), penalty, start(), { lambda, maxIterations, averageAfter, tolerance: 0 });
    const iterates = await Promise.all([5, 6, 7].map(async (k) => (await run(k)).x));
    const mean = mul(
      iterates.reduce((a, b) => add(a, b)),
      1 / 3,
    );
    const { x, history } = await run(7, 4);
    expect(await norm(sub(x, mean)).item()).toBeLessThan(1e-14);
    expect(await norm(sub(x, iterates[2]!)).item()).toBeGreaterThan(1e-6);
    const residual = sub(at.operator.apply(mean), at.data);
    const objective = add(mul(sum(abs2(residual)), 0.5), mul(sum(abs(mean)), lambda));
    expect(history.at(-1)!.objective).toBeCloseTo((await objective.item()) as number, 12);
  });

  it('returns the last iterate where none follows', async () => {
    const at = problem();
    const options = { lambda, maxIterations: 7, tolerance: 0 };
    const { x } = await fista(leastSquares(at), penalty, start(), { ...options, averageAfter: 7 });
    const plain = await fista(leastSquares(at), penalty, start(), options);
    expect(await norm(sub(x, plain.x)).item()).toBe(0);
  });
});

describe('gradientDescent', () => {
  it('minimises a function of a tree of tensors', async () => {
    const at = problem();
    type Parts = { x: Tensor; weight: Tensor };
    const objective = ({ x, weight }: Parts): Tensor =>
      sum(abs2(sub(mul(at.operator.apply(x), weight), at.data)));
    const from = { x: mul(at.operator.adjoint(at.data), 0.1), weight: tensor(1, { dtype: 'f64' }) };
    const options = { optimiser: adam(), stepSize: (k: number) => 0.05 / (1 + k / 100), maxIterations: 800 };
    const { x, history } = await gradientDescent(objective, from, options);
    expect(history.at(-1)!.objective).toBeLessThan(1e-4 * history[0]!.objective);
    expect(x.weight.shape).toEqual([]);
  });

  it('stops where the slope is small', async () => {
    const center = tensor([1, -2, 3], { dtype: 'f64' });
    const objective = (v: Tensor): Tensor => sum(abs2(sub(v, center)));
    const options = { stepSize: 0.25, maxIterations: 1000, tolerance: 1e-8 };
    const { x, converged, iterations } = await gradientDescent(
      objective,
      zeros([3], { dtype: 'f64' }),
      options,
    );
    expect(converged).toBe(true);
    expect(iterations).toBeLessThan(60);
    expect(await norm(sub(x, center)).item()).toBeLessThan(1e-8);
  });

  it('says that it diverges', async () => {
    const objective = (v: Tensor): Tensor => sum(abs2(mul(abs2(v), v)));
    const from = tensor([30, 40], { dtype: 'f64' });
    await expect(gradientDescent(objective, from, { stepSize: 1, maxIterations: 200 })).rejects.toThrow(
      NumericalError,
    );
  });
});

describe('every loop', () => {
  it('reports progress and ends with the signal', async () => {
    const at = problem();
    const controller = new AbortController();
    const steps: number[] = [];
    const options = {
      lambda,
      maxIterations: 100_000,
      tolerance: 0,
      signal: controller.signal,
      onProgress: ({ step }: { step: number }) => {
        steps.push(step);
        if (step >= 50) controller.abort(new Error('enough'));
      },
    };
    await expect(fista(leastSquares(at), penalty, start(), options)).rejects.toThrow('enough');
    expect(steps).toEqual([10, 20, 30, 40, 50]);
  });

  it('refuses unknown options', async () => {
    const at = problem();
    const options = { maxIter: 3 } as FistaOptions;
    await expect(fista(leastSquares(at), penalty, start(), options)).rejects.toThrow('"maxIter"');
  });
});
