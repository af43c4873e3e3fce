import { grad } from '@adjoint/autograd';
import { unet, unetReconstructor } from '@adjoint/models';
import { add, mul, setConvAlgorithm, square, sub, sum, type Tensor, tensor } from '@adjoint/tensor';
import { ascend } from '../../packages/robustness/src/attacks/index.js';
import { GoldenError, type Group, type Stored } from './h5.js';
import { type AsyncRun, isProse, place, type Result, type Suite } from './suite.js';

/** As the file's README states them: of J and its gradient at the start, and after steps that amplify rounding. */
const limits = { start: 1e-5, gradient: 1e-4, later: 1e-2 };
/**
 * J(e₀) is a sum of squares of differences of 0.5 %, which single precision cannot keep to 1e-5: three times what PyTorch's float32
 * deviates from the file (1.75e-5).
 */
const startLimit = 5e-5;

/** The reconstruction that is attacked, its samples and its clean image. */
function problemOf(group: Group) {
  const weights = group.groups().find(({ name }) => name === 'weights');
  if (!weights) throw new GoldenError('there are no weights');
  const [chans, pools] = [group.number('chans'), group.number('pools')];
  for (const name of ['in_chans', 'out_chans']) group.only(name, 1);
  group.only('num_pool_layers', pools);
  group.only('cascades', 0);
  const parameters = Object.fromEntries(
    weights.datasetNames().map((name) => [name, place(weights.dataset(name))]),
  );
  const method = unetReconstructor({ network: unet({ chans, pools }), parameters });
  const kspace = place(group.dataset('masked_kspace'));
  const stored = group.dataset('mask');
  const mask = place({ ...stored, dtype: 'f32', data: Float32Array.from(stored.data) });
  group.only('coils', kspace.shape[0]!);
  return { kspace, mask, f: (y: Tensor): Tensor => method.differentiable!(y, { kspace, mask }) };
}

/** Projected gradient ascent from the file's start, and one step of it. */
function unetAttack(group: Group): AsyncRun {
  return {
    start: async () => {
      const { kspace, mask, f } = problemOf(group);
      const [alpha, steps, radius] = ['alpha', 'steps', 'radius'].map((name) => group.number(name)) as [
        number,
        number,
        number,
      ];
      group.only('momentum', 0);
      checkRadius(group, radius);
      const { dtype, device, shape } = kspace;
      const clean = f(kspace);
      const objective = (e: Tensor): Tensor =>
        sum(square(sub(f(add(kspace, mul(e, mask))), clean)), { axes: [-2, -1] });
      const start = place(group.dataset('e0'));
      const ball = {
        ...{ norm: 'l2' as const, mask, shape, dtype },
        radius: tensor([radius], { shape: [1, 1, 1], dtype: clean.dtype as 'f32', device }),
      };
      const gradient = grad(objective)(start);
      const climb = (n: number) =>
        ascend(objective, ball, { method: 'pgd', steps: n, stepSize: alpha, start });
      // both are asked for while the case's device is the current one
      setConvAlgorithm('direct'); // for the reason that the suite of the U-net has
      const [first, last] = await Promise.all([climb(1), climb(steps)]).finally(() =>
        setConvAlgorithm('auto'),
      );
      const J = group.dataset('J');
      const history = stored(last.history[0]!);
      const result = (name: string, got: Tensor | Stored, expected: Stored, limit: number): Result => ({
        ...{ name, got, expected, limit },
      });
      return [
        result('recon_clean', clean, group.dataset('recon_clean'), limits.start),
        result('grad_e0', gradient, group.dataset('grad_e0'), limits.gradient),
        result('J[0]', stored([last.history[0]![0]!]), stored([J.data[0]!]), startLimit),
        result('e1', first.perturbation, group.dataset('e1'), limits.gradient),
        result('J', history, J, limits.later),
        {
          ...{ name: 'e_final', got: last.perturbation, expected: group.dataset('e_final'), measure: 'l2' },
          limit: limits.later,
        },
      ];
    },
  };
}

const stored = (values: readonly number[]): Stored => ({
  ...{ shape: [values.length], dtype: 'f64', data: Float64Array.from(values) },
});

/** Requires the radius to be the stated part of ‖y‖. */
function checkRadius(group: Group, radius: number): void {
  const { data } = group.dataset('masked_kspace');
  const length = Math.sqrt(Array.from(data).reduce((total, value) => total + value ** 2, 0));
  if (Math.abs(radius / (group.number('eps') * length) - 1) > 1e-6)
    throw new GoldenError(`radius ${radius} is not eps times ${length}`);
}

const notes = ['J_f32_max_rel_dev', 'kind', 'recon', 'start', 'eps_reference', 'projection'];
/** Weights are read through the case above them. */
const isLayer = (name: string): boolean =>
  /^(conv|down_sample_layers|up_conv|up_transpose_conv)\./.test(name);

export const attackSuite: Suite = {
  file: 'attack',
  devices: ['wasm', 'webgpu'],
  ignored: (name) => isProse(name) || isLayer(name) || notes.includes(name),
  plan(group) {
    if (group.parts[0] !== 'unet')
      return { skip: 'an attack on a VarNet, which @adjoint/models does not have' };
    return group.name === 'weights' ? 'shared' : unetAttack(group);
  },
};
