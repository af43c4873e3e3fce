import {
  abs,
  abs2,
  add,
  div,
  mul,
  norm,
  read,
  scope,
  sub,
  sum,
  type Tensor,
  type WaveletMode,
} from '@adjoint/tensor';
import { finiteDifference, sense, waveletOperator } from '../../packages/mri/src/operators/index.js';
import { cgSense, l1, totalVariation } from '../../packages/mri/src/reconstructors/index.js';
import { groupPenalty } from '../../packages/mri/src/solvers/index.js';
import { GoldenError, type Group, type Stored } from './h5.js';
import { type AsyncRun, place, type Result } from './suite.js';

const scalar = (value: number): Stored => ({ shape: [], dtype: 'f64', data: Float64Array.of(value) });
const numberOf = async (x: Tensor): Promise<number> => (await read(x))[0]!;

/** A bound: errors are absolute where 0 is expected. */
const atMost = (name: string, value: number, limit: number): Result => ({
  ...{ name, got: scalar(value), expected: scalar(0), limit },
});

interface Setting {
  readonly kspace: Tensor;
  readonly mask: Tensor;
  readonly maps: Tensor;
  /** The image from all of k-space with the same maps. */
  readonly full: Tensor;
}

/** Arrays of the whole file: what BART reconstructed from. */
function settingOf(group: Group): Setting {
  let root = group;
  while (root.parent) root = root.parent;
  const under = descend(root, ['ecalib', 'under']);
  group.only('kspace', 'kspace_full*mask');
  group.only('maps', 'ecalib/under/maps');
  const stored = root.dataset('mask');
  const mask = place({ ...stored, dtype: 'f32', data: Float32Array.from(stored.data) });
  return {
    kspace: mul(place(root.dataset('kspace_full')), mask),
    mask,
    maps: place(under.dataset('maps')),
    full: place(root.dataset('sense_combined_full')),
  };
}

function descend(group: Group, [name, ...rest]: readonly string[]): Group {
  if (name === undefined) return group;
  const child = group.groups().find((candidate) => candidate.name === name);
  if (!child) throw new GoldenError(`there is no group "${name}"`);
  return descend(child, rest);
}

/** ‖|x| − |full|‖/‖full‖ */
const nrmse = (x: Tensor, full: Tensor): Promise<number> =>
  numberOf(scope(() => div(norm(sub(abs(x), abs(full))), norm(full))));

/** ½‖A x − y‖² + λ R(x) */
async function halfObjective({ maps, mask, kspace }: Setting, x: Tensor, penalty: Tensor, lambda: number) {
  const A = sense(maps, mask);
  return numberOf(scope(() => add(mul(sum(abs2(sub(A.apply(x), kspace))), 0.5), mul(penalty, lambda))));
}

/** λ in the unit of the data: pics applies it to y/scaling. */
const lambdaOf = (group: Group): number => {
  const lambda = group.number('lam');
  const problem1 = group.number('lam_problem1');
  if (problem1 !== lambda * (group.text('reg') === 'l2' ? 1 : 2) && group.parts.length < 4)
    throw new GoldenError(`lam_problem1 ${problem1} does not fit lam ${lambda}`);
  return lambda * group.number('scaling');
};

/** The image in the file's unit. */
const inFileUnit = (group: Group, x: Tensor): Tensor =>
  group.flag('rescaled') ? x : mul(x, 1 / group.number('scaling'));

async function l2(group: Group, setting: Setting): Promise<Result[]> {
  const method = cgSense({
    lambda: group.number('lam'),
    iterations: 200,
    tolerance: 1e-7,
    output: 'complex',
  });
  const x = inFileUnit(group, await method.reconstruct(setting));
  const limit = group.number('limit_nrmse_to_x');
  const results: Result[] = [
    { name: 'x', got: mul(x, 1), expected: group.dataset('x'), limit, measure: 'l2' },
    atMost(
      'nrmse_vs_full',
      await nrmse(x, setting.full),
      (1 + limit) * group.number('nrmse_vs_full_in_data_units'),
    ),
  ];
  if (!group.hasDataset('exact_x')) return results;
  const again = mul(x, 1);
  return [
    ...results,
    { name: 'exact_x', got: again, expected: group.dataset('exact_x'), limit, measure: 'l2' },
  ];
}

async function tv(group: Group, setting: Setting): Promise<Result[]> {
  group.only('boundary', 'periodic');
  const lambda = lambdaOf(group);
  const theirs = mul(place(group.dataset('x')), group.flag('rescaled') ? 1 : group.number('scaling'));
  const method = totalVariation({ lambda, scaling: 'absolute', iterations: 400, output: 'complex' });
  const x = await method.reconstruct(setting);
  const objective = (image: Tensor) =>
    halfObjective(setting, image, groupPenalty.value(finiteDifference(image)), lambda);
  const ratio = group.number('limit_nrmse_vs_full_ratio');
  return [
    atMost('half objective', await objective(x), await objective(theirs)),
    atMost(
      'nrmse_vs_full',
      await nrmse(x, setting.full),
      ratio * group.number('nrmse_vs_full_in_data_units'),
    ),
    {
      ...{ name: 'x', got: inFileUnit(group, x), expected: group.dataset('x') },
      ...{ limit: group.number('limit_nrmse_to_x'), measure: 'l2' },
    },
  ];
}

async function wavelet(group: Group, setting: Setting): Promise<Result[]> {
  const isRandom = group.flag('random_shift');
  const unit = group.flag('rescaled') ? 1 : 1 / group.number('scaling');
  const options = {
    lambda: lambdaOf(group),
    ...({ scaling: 'absolute', output: 'complex' } as const),
    ...{ wavelet: group.text('wavelet_pywt'), level: group.number('levels_compare') },
    iterations: 300,
  } as const;
  const reconstruct = (cycleSpinning: boolean) => l1({ ...options, cycleSpinning }).reconstruct(setting);
  const x = await reconstruct(isRandom);
  const stored = group.number('nrmse_vs_full_in_data_units');
  const results = [
    atMost('nrmse_vs_full', await nrmse(x, setting.full), group.number('limit_nrmse_vs_full_ratio') * stored),
  ];
  if (isRandom) {
    const limit = group.number('limit_nrmse_vs_full_ratio_without_shifts');
    const fixed = await nrmse(await reconstruct(false), setting.full);
    results.push(atMost('nrmse_vs_full without shifts', fixed, limit * stored));
  }
  if (group.has('limit_nrmse_to_x'))
    results.push({
      ...{ name: 'x', got: mul(x, unit), expected: group.dataset('x') },
      ...{ limit: group.number('limit_nrmse_to_x'), measure: 'l2' },
    });
  return results;
}

/** The optimum with a periodized transform, found by PyWavelets and NumPy. */
async function certified(group: Group, setting: Setting): Promise<Result[]> {
  const lambda = group.number('lam');
  const [name, level] = [group.text('wavelet'), group.number('levels')];
  const boundary = group.text('mode') as WaveletMode;
  const x = await l1({
    ...{ lambda, scaling: 'absolute', output: 'complex', cycleSpinning: false, iterations: 600 },
    ...{ wavelet: name, level, boundary, tolerance: 1e-6 },
  }).reconstruct(setting);
  const W = waveletOperator(x, { wavelet: name, level, mode: boundary });
  const objective = await halfObjective(setting, x, sum(abs(W.apply(x))), lambda);
  return [
    {
      name: 'half_objective_ours',
      got: scalar(objective),
      expected: group.dataset('half_objective_ours'),
      limit: group.number('limit_half_objective_rel'),
    },
  ];
}

const kinds: Record<string, (group: Group, setting: Setting) => Promise<Result[]>> = {
  l2,
  tv,
  l1_wavelet: wavelet,
};

/** A reconstruction of `bart pics`, or below one the optimum of the same problem. */
export function picsRun(group: Group): AsyncRun {
  const isCertified = group.parts.length > 2;
  const run = isCertified ? certified : kinds[group.text('reg')];
  if (!run) throw new GoldenError(`regularisation "${group.text('reg')}" is not known`);
  return { start: () => run(group, settingOf(group)) };
}

/** How BART ran, and figures that follow from the images. */
const diagnostics = [
  ...['command', 'half_objective', 'algorithm', 'step', 'iterations', 'iterations_meaning', 'cg_max'],
  ...['transform_flags', 'joint_flags', 'scaling_given', 'min_band', 'wavelet', 'lam_problem1', 'x'],
  ...['half_data_term', 'l2_norm', 'nrmse_vs_full', 'tv_periodic', 'nrmse_to_exact'],
  ...['half_objective_bart', 'nrmse_bart_to_ours', 'nrmse_ours_vs_full'],
];

export const picsIgnored = (name: string): boolean =>
  diagnostics.includes(name) || /^(admm|scaling_calib)_/.test(name);
