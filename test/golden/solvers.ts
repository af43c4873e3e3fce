import { compose, type LinearOperator, multiplyOperator } from '@adjoint/autograd';
import { abs, abs2, add, mul, read, sub, sum, type Tensor, type WaveletMode } from '@adjoint/tensor';
import { finiteDifferenceOperator, sense, waveletOperator } from '../../packages/mri/src/operators/index.js';
import { cgSense, l1, totalVariation } from '../../packages/mri/src/reconstructors/index.js';
import { admm, golubKahan, groupPenalty } from '../../packages/mri/src/solvers/index.js';
import { GoldenError, type Group, type Stored } from './h5.js';
import { type AsyncRun, isProse, place, type Result, type Run, type Suite } from './suite.js';

/** Of an operator's values in single precision. */
const limit = 1e-5;
/** What the optimum must be reached to, relatively. */
const objectiveLimit = 1e-4;

interface Problem {
  readonly A: LinearOperator;
  readonly kspace: Tensor;
  readonly mask: Tensor;
  readonly maps: Tensor;
}

/** The measurement that the cases below a group share. */
function problemOf(group: Group): Problem {
  const [maps, kspace] = [place(group.inherited('S')), place(group.inherited('y'))];
  const stored = group.inherited('mask');
  const mask = place({ ...stored, dtype: 'f32', data: Float32Array.from(stored.data) });
  return { A: sense(maps, mask), kspace, mask, maps };
}

const scalar = (value: number): Stored => ({ shape: [], dtype: 'f64', data: Float64Array.of(value) });
const storedValue = async (x: Tensor): Promise<Stored> => scalar((await read(x))[0]!);

function operatorRun(group: Group): AsyncRun {
  return {
    start: async () => {
      const { A, kspace } = problemOf(group);
      const x = place(group.inherited('x_true'));
      const found: Result[] = [
        { name: 'A_x_true', got: A.apply(x), expected: group.dataset('A_x_true'), limit },
        { name: 'AHy', got: A.adjoint(kspace), expected: group.dataset('AHy'), limit },
        { name: 'AHA_x_true', got: A.normal(x), expected: group.dataset('AHA_x_true'), limit },
      ];
      const [largest] = (await golubKahan(A, 1, { steps: 300 })).s as [number];
      const expected = group.dataset('AHA_max_eigenvalue');
      return [...found, { name: 'AHA_max_eigenvalue', got: scalar(largest ** 2), expected, limit }];
    },
  };
}

/** ‖A x − y‖² + λ R(x), as the file defines it. */
const objectiveOf = ({ A, kspace }: Problem, x: Tensor, penalty: Tensor, lambda: number) => {
  const misfit = sum(abs2(sub(A.apply(x), kspace)));
  return { misfit, objective: add(misfit, mul(penalty, lambda)) };
};

const objectiveResult = async (group: Group, objective: Tensor): Promise<Result> => ({
  name: 'objective',
  got: await storedValue(objective),
  expected: group.dataset('objective'),
  limit: objectiveLimit,
});

function tikhonov(group: Group): AsyncRun {
  return {
    start: async () => {
      const problem = problemOf(group);
      const lambda = lambdaOf(group);
      // ‖Ax − y‖² + λ‖x‖²: the library halves both terms
      const method = cgSense({ lambda, iterations: 500, tolerance: 1e-7, output: 'complex' });
      const x = await method.reconstruct(problem);
      const { objective } = objectiveOf(problem, x, sum(abs2(x)), lambda);
      return [
        await objectiveResult(group, objective),
        { name: 'x', got: x, expected: group.dataset('x'), limit: 1e-4 },
      ];
    },
  };
}

function lambdaOf(group: Group): number {
  const lambda = group.dataset('lam').data[0]!;
  group.only('lam', lambda);
  return lambda;
}

function l1Run(group: Group): AsyncRun {
  return {
    start: async () => {
      const problem = problemOf(group);
      const lambda = lambdaOf(group);
      const [wavelet, level] = [group.text('wavelet'), group.number('levels')];
      const boundary = group.text('mode') as WaveletMode;
      const W = waveletOperator(problem.A.domain, { wavelet, level, mode: boundary });
      const method = l1({
        ...{ lambda: lambda / 2, scaling: 'absolute', cycleSpinning: false, output: 'complex' },
        ...{ wavelet, level, boundary, iterations: 2000, tolerance: 1e-7 },
      });
      const x = await method.reconstruct(problem);
      const penalty = sum(abs(W.apply(x)));
      const { misfit, objective } = objectiveOf(problem, x, penalty, lambda);
      // the parts of the optimum are flatter than the whole
      const part = (name: string, got: Stored): Result => ({
        ...{ name, got, expected: group.dataset(name), limit: 1e-3 },
      });
      return [
        await objectiveResult(group, objective),
        part('data_term', await storedValue(misfit)),
        part('l1_term', await storedValue(penalty)),
      ];
    },
  };
}

/** Forward differences without those across the edge, where the file's boundary is Neumann's. */
function differences(group: Group, A: LinearOperator): LinearOperator {
  const D = finiteDifferenceOperator(A.domain);
  const boundary = group.text('boundary');
  if (boundary === 'periodic') return D;
  if (boundary !== 'neumann') throw new GoldenError(`boundary "${boundary}" is not known`);
  const [, height, width] = D.range.shape as [number, number, number];
  const inside = Float32Array.from({ length: 2 * height * width }, (_, i) => {
    const [row, column] = [Math.floor(i / width) % height, i % width];
    return Number(i < height * width ? row < height - 1 : column < width - 1);
  });
  const weights = place({ shape: [2, height, width], dtype: 'f32', data: inside });
  return compose(multiplyOperator(weights, D.range), D);
}

function totalVariationRun(group: Group): AsyncRun {
  return {
    start: async () => {
      const problem = problemOf(group);
      const lambda = lambdaOf(group);
      const D = differences(group, problem.A);
      const x =
        group.text('boundary') === 'periodic'
          ? await totalVariation({
              ...{ lambda: lambda / 2, scaling: 'absolute', output: 'complex' },
              ...{ iterations: 4000, tolerance: 1e-6 },
            }).reconstruct(problem)
          : (
              await admm({ operator: problem.A, data: problem.kspace }, groupPenalty, D, {
                ...{ lambda: lambda / 2, maxIterations: 2000, tolerance: 1e-6 },
              })
            ).x;
      const { objective } = objectiveOf(problem, x, groupPenalty.value(D.apply(x)), lambda);
      return [await objectiveResult(group, objective)];
    },
  };
}

const kinds: Record<string, (group: Group) => Run | AsyncRun> = {
  op: operatorRun,
  tikhonov,
  l1: l1Run,
  tv_periodic: totalVariationRun,
  tv_neumann: totalVariationRun,
};

/** How the file's own solver ran, and what it achieved on the way. */
const diagnostics = [
  ...['solution', 'tv', 'iterations_meaning', 'fista_t', 'step', 'threshold', 'x0', 'A', 'F', 'l1_norm'],
  ...['accel', 'noise', 'dual_lower_bound', 'nonzero_fraction', 'AHA_min_eigenvalue', 'x'],
];

/** Requires the arrays to have the sizes that the file states, and the mask its centre. */
function checkSizes(group: Group): void {
  const [coils, h, w] = ['coils', 'h', 'w'].map((name) => group.number(name));
  const { shape } = group.dataset('y');
  if (shape.join() !== [coils, h, w].join()) throw new GoldenError(`y is [${shape}], not [${[coils, h, w]}]`);
  const first = group.number('centre_first');
  const centre = group.dataset('mask').data.slice(first, first + group.number('centre_count'));
  if (!centre.every((sampled) => sampled === 1)) throw new GoldenError('the centre has gaps');
}

export const solversSuite: Suite = {
  file: 'solvers',
  devices: ['wasm'],
  ignored: (name) => isProse(name) || diagnostics.includes(name) || /^(admm|ista|fista)_/.test(name),
  plan(group) {
    const [, kind] = group.parts;
    if (kind === undefined) {
      checkSizes(group);
      return 'shared';
    }
    const run = kinds[kind];
    if (!run) throw new GoldenError('is not a kind of case this suite knows');
    return run(group);
  },
};
