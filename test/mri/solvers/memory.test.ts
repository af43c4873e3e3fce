import { identityOperator } from '@adjoint/autograd';
import {
  abs2,
  add,
  type Device,
  identity,
  init,
  memory,
  mul,
  sub,
  sum,
  type Tensor,
  zeros,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  admm,
  conjugateGradient,
  fista,
  gradientDescent,
  l1Penalty,
  leastSquares,
  pdhg,
  type SolverOptions,
} from '../../../packages/mri/src/solvers/index.js';
import { type DenseProblem, denseProblem } from './denseProblem.js';

let device: Device;
beforeAll(async () => {
  device = await init({ device: 'wasm' });
});
afterAll(() => device.dispose());

const penalty = l1Penalty({ apply: identity, adjoint: identity });
const start = (): Tensor => zeros([12], { dtype: 'c64' });
type Solver = (problem: DenseProblem, options: SolverOptions) => Promise<{ x: Tensor }>;

const solvers: Record<string, Solver> = {
  // a residual that ends at 0 would leave nothing to do: λ keeps the system far from singular, the tolerance at 0
  conjugateGradient: ({ operator, data }, options) =>
    conjugateGradient((x) => add(operator.normal(x), x), operator.adjoint(data), options),
  fista: (problem, options) =>
    fista(leastSquares(problem), penalty, start(), { lambda: 0.1, stepSize: 0.2, ...options }),
  admm: (problem, options) =>
    admm(problem, penalty, identityOperator(problem.operator.domain), { lambda: 0.1, ...options }),
  pdhg: (problem, options) =>
    pdhg(leastSquares(problem), penalty, identityOperator(problem.operator.domain), start(), {
      ...{ lambda: 0.1, lipschitz: 5, normSquared: 1 },
      ...options,
    }),
  gradientDescent: ({ operator, data }, options) =>
    gradientDescent((x: Tensor) => mul(sum(abs2(sub(operator.apply(x), data))), 0.5), start(), {
      ...{ stepSize: 0.1 },
      ...options,
    }),
};

describe('over 10,000 iterations', () => {
  it.each(Object.keys(solvers))('%s keeps its memory flat and its steps allocate nothing', async (name) => {
    const problem = denseProblem(16, 12, 1, 'c64');
    const before = memory().liveBytes;
    const allocate = vi.spyOn(device.backend, 'allocate');
    const seen: { step: number; live: number; allocations: number }[] = [];
    const looksEvery = 1000;
    const { x } = await solvers[name]!(problem, {
      ...{ maxIterations: 10_000, checkEvery: looksEvery, tolerance: 0 },
      onProgress: ({ step }) =>
        seen.push({ step, live: memory().liveBytes, allocations: allocate.mock.calls.length }),
    });
    allocate.mockRestore();
    // the last looks have no other one behind them
    const steady = seen.filter(({ step }) => step >= 2 * looksEvery && step < 9_000);
    expect(steady.length).toBeGreaterThan(5);
    // less is possible: the garbage collector finds tensors of the test
    for (const { live } of steady) expect(live).toBeLessThanOrEqual(steady[0]!.live);
    // an allocation is allowed where somebody looks, not where steps are taken
    const perLook = steady.slice(1).map(({ allocations }, i) => allocations - steady[i]!.allocations);
    expect(Math.max(...perLook)).toBeLessThanOrEqual(1);
    x.dispose();
    await device.finish();
    // tables of kernels that ran eagerly may stay
    expect(memory().liveBytes - before).toBeLessThan(20_000);
  });
});
