import type { Measurement, Reconstructor } from '@adjoint/mri';
import {
  ArgumentError,
  checkBoolean,
  checkChoice,
  checkInteger,
  checkNumber,
  checkOptions,
  key as makeKey,
  mul,
  realOf,
  scope,
  tensor,
} from '@adjoint/tensor';
import {
  type AttackMethod,
  type AttackOptions,
  type AttackResult,
  attackMethods,
  attackOptionNames,
} from './attackOptions.js';
import { type Ball, ballNorms } from './ball.js';
import { craft } from './craft.js';
import { judge } from './judge.js';
import { checkMethod, referenceOf, type Subject, subjectOf } from './subject.js';

/**
 * Looks for the smallest change of the samples that ruins the image of a method: the perturbation e with ‖e‖ ≤ ε ‖k_full‖, on sampled
 * entries only, that a search finds to do most damage, and what it does.
 *
 * - `apgd`, `pgd`, `adam`: ascent of J(e) = ‖f(y + e) − t‖²/‖t‖² by gradients through the method (`differentiable`).
 * - `unrolled`: the same through the iterations of a solver, by 'apgd'.
 * - `implicit`: the same by the solver's fixed-point equation (`problem.iteration`), by 'apgd'.
 * - `joint`: without the solver, for methods that are optimisation problems (`problem`).
 * - `auto`: 'joint' where there is a `problem`, else 'apgd'.
 *
 * Gradients are taken with coil maps fixed to those of the clean samples. A stack of slices is attacked slice by slice, all at once.
 *
 * @param measurement its reference is what scores compare with (default: the RSS of the full k-space)
 * @throws ArgumentError for ε < 0 or larger than the samples, or a method that the attack cannot reach; ShapeError,
 * NumericalError for a method whose images have another shape or are not finite; the signal's reason.
 * @example
 * using result = await attack(unet, m, { epsilon: 0.05, steps: 100, restarts: 3 });
 * console.log(result.drop, 'dB; noise of the same norm:', result.control?.drop, result.flags);
 * References: Madry et al., ICLR 2018; Croce & Hein, ICML 2020; Darestani et al., ICML 2021; Genzel et al., TPAMI 2023.
 */
export async function attack(
  method: Reconstructor,
  measurement: Measurement,
  options: AttackOptions,
): Promise<AttackResult> {
  const fn = 'attack';
  checkMethod(fn, method);
  checkAttackOptions(fn, options);
  const kind = attackOn(fn, method, options);
  using subject = await subjectOf(fn, measurement, options.full);
  using ball = ballOf(fn, subject, options);
  using root = scope(() => mul(options.key ?? makeKey(0, { device: ball.radius.device }), 1));
  using reference = referenceOf(fn, subject);
  const at = { fn, method, kind, subject, ball, reference, options: { ...options, key: root } };
  const crafted = await craft(at);
  try {
    return await judge(at, crafted);
  } catch (error) {
    crafted.perturbation.dispose();
    throw error;
  } finally {
    crafted.maps?.dispose();
  }
}

/** Refuses options out of range, before anything is computed. @internal */
export function checkAttackOptions(fn: string, options: AttackOptions): void {
  checkOptions(fn, options, attackOptionNames);
  checkNumber(fn, 'option epsilon', options.epsilon, { min: 0 });
  checkChoice(fn, 'option norm', options.norm ?? 'l2', ballNorms);
  checkChoice(fn, 'option method', options.method ?? 'auto', attackMethods);
  checkInteger(fn, 'option steps', options.steps ?? 100, { min: 1 });
  checkInteger(fn, 'option restarts', options.restarts ?? 1, { min: 1 });
  checkChoice(fn, 'option target', options.target ?? 'clean', ['clean', 'reference']);
  checkChoice(fn, 'option maps', options.maps ?? 'clean', ['clean', 'reestimated']);
  checkChoice(fn, 'option mode', options.mode ?? 'corrected', ['corrected', 'faithful']);
  checkBoolean(fn, 'option control', options.control ?? true);
}

/** Which attack 'auto' is, and whether a method gives what an attack needs. */
function attackOn(fn: string, method: Reconstructor, options: AttackOptions): AttackMethod {
  const { method: asked = 'auto' } = options;
  const kind = asked !== 'auto' ? asked : method.problem ? 'joint' : 'apgd';
  const needs = kind === 'joint' || kind === 'implicit' ? 'problem' : 'differentiable';
  if (method[needs] !== undefined) return kind;
  throw new ArgumentError({
    fn,
    argument: `the method ${method.name}`,
    expected: `one with ${needs} for '${kind}'`,
    got: 'one without',
    remedy: 'Craft the perturbation for another method and transfer it: transferMatrix().',
  });
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
