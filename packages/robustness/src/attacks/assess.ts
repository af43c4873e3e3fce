import type { Measurement, Reconstructor } from '@adjoint/mri';
import {
  checkBoolean,
  checkChoice,
  checkOptions,
  checkTensor,
  formatShape,
  formatType,
  isComplex,
  key as makeKey,
  mul,
  NumericalError,
  ShapeError,
  scope,
  type Tensor,
  where,
} from '@adjoint/tensor';
import type { AttackOptions, AttackResult } from './attackOptions.js';
import { lengths } from './ball.js';
import { judge } from './judge.js';
import { checkMethod, referenceOf, subjectOf } from './subject.js';

const optionNames = ['full', 'maps', 'key', 'methodKey', 'control', 'signal'] as const;
export type AssessOptions = Pick<AttackOptions, (typeof optionNames)[number]>;

/**
 * What a perturbation that was made elsewhere does to a method: the scores, images and control that `attack` gives for its own.
 * Nothing is asked of the method but `reconstruct`.
 *
 * @param perturbation c64 of the samples' shape; what it holds where nothing was sampled does not count
 * @throws ShapeError, NumericalError for perturbations that do not fit or are not finite; what `attack` throws.
 * @example const { drop } = await assess(externalMethod({ command }), m, e, { full });
 */
export async function assess(
  method: Reconstructor,
  measurement: Measurement,
  perturbation: Tensor,
  options: AssessOptions = {},
): Promise<AttackResult> {
  const fn = 'assess';
  checkMethod(fn, method);
  checkOptions(fn, options, optionNames);
  checkChoice(fn, 'option maps', options.maps ?? 'clean', ['clean', 'reestimated']);
  checkBoolean(fn, 'option control', options.control ?? true);
  using subject = await subjectOf(fn, measurement, options.full);
  const { mask, kspace } = subject.measurement;
  const e = scope(() => where(mask, checkPerturbation(fn, perturbation, kspace), 0));
  try {
    using reference = referenceOf(fn, subject);
    using root = scope(() => mul(options.key ?? makeKey(0, { device: kspace.device }), 1));
    const epsilon = await ratioOf(fn, e, subject.fullNorms);
    using radius = scope(() => lengths(e));
    const ball = { norm: 'l2' as const, radius, mask, shape: kspace.shape, dtype: kspace.dtype };
    const keys = { key: root, methodKey: options.methodKey ?? root };
    const at = { fn, method, subject, ball, reference, options: { ...options, epsilon, ...keys } };
    return await judge(at, { kind: 'imported', perturbation: e, history: [], flags: [] });
  } catch (error) {
    e.dispose();
    throw error;
  }
}

function checkPerturbation(fn: string, e: Tensor, kspace: Tensor): Tensor {
  checkTensor(fn, 'the perturbation', e);
  if (isComplex(e.dtype) && formatShape(e.shape) === formatShape(kspace.shape)) return e;
  throw new ShapeError({
    ...{ fn, argument: 'the perturbation', expected: `${formatType(kspace)}, as the samples` },
    got: formatType(e),
  });
}

/** ‖e‖/‖k_full‖, the largest of all slices. */
async function ratioOf(fn: string, e: Tensor, norms: readonly number[]): Promise<number> {
  using sizes = scope(() => lengths(e).reshape([-1]));
  const ratios = Array.from(await sizes.data(), (size, i) => size / norms[i]!);
  if (ratios.every(Number.isFinite)) return Math.max(...ratios);
  throw new NumericalError({
    fn,
    argument: 'the perturbation',
    expected: 'finite',
    got: 'NaN or infinite entries',
  });
}
