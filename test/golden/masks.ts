import { adjustedAcceleration } from '../../packages/mri/src/sampling/equispacedMask.js';
import {
  equispacedFractionMask,
  equispacedMask,
  NumpyRandom,
  randomMask,
} from '../../packages/mri/src/sampling/index.js';
import { firstCentreColumn, type LinePlan } from '../../packages/mri/src/sampling/lineMask.js';
import { outerProbability } from '../../packages/mri/src/sampling/randomMask.js';
import { GoldenError, type Group, type Stored } from './h5.js';
import { isProse, type Result, type Suite } from './suite.js';

/** Less than the distance of neighbouring doubles: equal to the last bit. */
const exact = 1e-17;

const makers = {
  random: randomMask,
  equispaced: equispacedMask,
  equispaced_fraction: equispacedFractionMask,
} as const;
type Kind = keyof typeof makers;

const numbers = (values: readonly number[], shape: readonly number[] = [values.length]): Stored => ({
  shape,
  dtype: 'f64',
  data: Float64Array.from(values),
});

function planOf(group: Group): LinePlan {
  return {
    width: group.number('n'),
    acceleration: group.number('accel'),
    numLowFrequencies: group.number('num_low_frequencies'),
  };
}

/** What the pattern is drawn from: numpy.random.RandomState(seed), after a draw from a range of one. */
function draws(group: Group, kind: Kind, plan: LinePlan): Result[] {
  const random = new NumpyRandom(group.number('seed'));
  const result = (name: string, got: Stored): Result => ({
    name,
    got,
    expected: group.dataset(name),
    limit: exact,
  });
  if (kind === 'random')
    return [
      result('uniform', numbers(Array.from({ length: plan.width }, () => random.random()))),
      result('prob', numbers([outerProbability(plan)], [])),
    ];
  const step = kind === 'equispaced' ? plan.acceleration : adjustedAcceleration(plan);
  const offset: Stored = {
    shape: [],
    dtype: 'i32',
    data: Int32Array.of(random.randint(0, Math.round(step))),
  };
  const drawn = [result('offset', offset)];
  return kind === 'equispaced' ? drawn : [...drawn, result('adjusted_accel', numbers([step], []))];
}

function compareMask(group: Group): Result[] {
  const kind = group.text('kind') as Kind;
  if (kind !== group.parts[0]) throw new GoldenError(`is of kind ${kind} among ${group.parts[0]}`);
  const plan = planOf(group);
  const mask = makers[kind]({
    width: plan.width,
    acceleration: plan.acceleration,
    centerFraction: group.number('center_fraction'),
    seed: group.number('seed'),
  });
  const count = group.number('centre_count');
  if (mask.numLowFrequencies !== plan.numLowFrequencies || count !== plan.numLowFrequencies)
    throw new GoldenError(`has ${count} columns in the centre, the mask ${mask.numLowFrequencies}`);
  if (firstCentreColumn(plan.width, count) !== group.number('centre_first'))
    throw new GoldenError('has its centre elsewhere');
  const got: Stored = { shape: mask.shape, dtype: 'u8', data: Uint8Array.from(mask.values) };
  return [{ name: 'mask', got, expected: group.dataset('mask'), limit: exact }, ...draws(group, kind, plan)];
}

export const masksSuite: Suite = {
  file: 'masks',
  ignored: (name) => isProse(name) || name === 'rule',
  plan(group) {
    if (!Object.hasOwn(makers, group.parts[0]!) || group.parts.length !== 2)
      throw new GoldenError('is not a kind of case this suite knows');
    return () => compareMask(group);
  },
};
