import type { Measurement, Reconstructor } from '@adjoint/mri';
import { ArgumentError, key as makeKey, mul, realOf, scope, tensor } from '@adjoint/tensor';
import type { AttackOptions, AttackResult } from './attackOptions.js';
import type { Ball } from './ball.js';
import { craft } from './craft.js';
import { judge } from './judge.js';
import { checkMethod, referenceOf, type Subject, subjectOf } from './subject.js';
import { trialsOf } from './trials.js';
import { craftWorst } from './worstOf.js';

/**
 * Looks for the smallest change of the samples that ruins the image of a method: the perturbation e with ‖e‖ ≤ ε ‖k_full‖, on sampled
 * entries only, that a search finds to do most damage, and what it does.
 *
 * - `apgd`, `pgd`, `adam`: ascent of J(e) = ‖f(y + e) − t‖²/‖t‖² by gradients through the method (`differentiable`).
 * - `unrolled`: the same through the iterations of a solver, by 'apgd'.
 * - `implicit`: the same by the solver's fixed-point equation (`problem.iteration`), by 'apgd'.
 * - `joint`: without the solver, for methods that are optimisation problems (`problem`).
 * - `auto`: 'joint' where there is a `problem`, else 'apgd'.
 * - a list: the worst of them, by what they do to the method's own image (`tried` tells of each). A weak attack makes a method
 *   look robust; no single one is strongest on every method.
 *
 * Gradients are taken with coil maps fixed to those of the clean samples. A stack of slices is attacked slice by slice, all at once.
 *
 * @param measurement its reference is what scores compare with (default: the RSS of the full k-space)
 * @throws ArgumentError for ε < 0 or larger than the samples, or a method that the attack cannot reach; ShapeError,
 * NumericalError for a method whose images have another shape or are not finite; the signal's reason.
 * @example
 * using result = await attack(unet, m, { epsilon: 0.05, steps: 100, restarts: 3 });
 * console.log(result.drop, 'dB; noise of the same norm:', result.control?.drop, result.flags);
 * @example
 * // through fewer iterations than those that are judged
 * const unrolled = { method: 'unrolled', through: l1({ iterations: 40 }), steps: 30 } as const;
 * using worst = await attack(l1(), m, { epsilon: 0.05, method: ['joint', unrolled] });
 * References: Madry et al., ICLR 2018; Croce & Hein, ICML 2020; Darestani et al., ICML 2021; Genzel et al., TPAMI 2023.
 */
export async function attack(
  method: Reconstructor,
  measurement: Measurement,
  options: AttackOptions,
): Promise<AttackResult> {
  const fn = 'attack';
  checkMethod(fn, method);
  const trials = trialsOf(fn, method, options);
  using subject = await subjectOf(fn, measurement, options.full);
  using ball = ballOf(fn, subject, options);
  using root = scope(() => mul(options.key ?? makeKey(0, { device: ball.radius.device }), 1));
  using reference = referenceOf(fn, subject);
  const keys = { key: root, methodKey: options.methodKey ?? root };
  const at = { fn, method, subject, ball, reference, options: { ...options, ...keys } };
  const [first, ...others] = trials;
  const crafted =
    others.length > 0
      ? await craftWorst(at, trials)
      : await craft({ ...at, ...first!, options: { ...at.options, ...first!.options } });
  try {
    return await judge(at, crafted);
  } catch (error) {
    crafted.perturbation.dispose();
    throw error;
  } finally {
    crafted.maps?.dispose();
  }
}

function ballOf(fn: string, subject: Subject, { epsilon, norm = 'l2' }: AttackOptions): Ball & Disposable {
  const { measurement, fullNorms, sampledNorms, entries } = subject;
  const { kspace, mask } = measurement;
  const largest = Math.min(...sampledNorms.map((sampled, i) => sampled / fullNorms[i]!));
  if (epsilon > largest)
    throw new ArgumentError({
      fn,
      argument: 'option epsilon',
      expected: `at most ${largest.toPrecision(3)}, where the perturbation is as large as the samples`,
      got: String(epsilon),
    });
  const radii = fullNorms.map((size) =>
    norm === 'l2' ? epsilon * size : (epsilon * size) / Math.sqrt(entries),
  );
  const dtype = realOf(kspace.dtype) as 'f32';
  const radius = tensor(radii, {
    shape: [...kspace.shape.slice(0, -3), 1, 1, 1],
    dtype,
    device: kspace.device,
  });
  return {
    ...{ norm, radius, mask, shape: kspace.shape, dtype: kspace.dtype },
    [Symbol.dispose]: () => radius.dispose(),
  };
}
