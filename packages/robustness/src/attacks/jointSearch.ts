import { disposeTree } from '@adjoint/autograd';
import type { Measurement, Progress } from '@adjoint/mri';
import { abs2, add, foldIn, greater, mul, scope, sub, sum, type Tensor, where } from '@adjoint/tensor';
import { perSlice } from './ball.js';
import type { Crafted, Search } from './craft.js';
import type { AttackFlag } from './health.js';
import { jointAttack } from './joint.js';
import { reconstructed } from './subject.js';

interface Tried {
  readonly e: Tensor;
  /** ‖f(y + e) − t‖² of every slice. */
  readonly damage: Tensor;
}

/**
 * The joint attack from every start. Of its perturbations the one is kept, slice by slice, that takes the method's own image furthest
 * from the target: the objective of the attack itself does not tell, and over-running weakens it.
 * @internal
 */
export async function craftJointly(
  at: Search,
  measurement: Measurement,
): Promise<Pick<Crafted, 'perturbation' | 'history' | 'flags'>> {
  const { fn, method, through, subject, ball, reference, options } = at;
  const { restarts = 1, steps, mode, key, methodKey, signal, epsilon } = options;
  const full = options.target === 'clean' ? undefined : subject.full;
  const stepSize = typeof options.stepSize === 'number' ? options.stepSize : undefined;
  const imageOf = (kspace: Tensor, role: string): Promise<Tensor> =>
    reconstructed(fn, method, { ...measurement, kspace }, reference, { role, signal, key: methodKey });
  using target = full ? mul(reference, 1) : await imageOf(measurement.kspace, 'clean');
  const history: (readonly number[])[] = [];
  const flags = new Set<AttackFlag>();
  let best: Tried | undefined;
  try {
    for (let r = 0; r < restarts; r++) {
      using start = scope(() => foldIn(key, r));
      const found = await jointAttack(through.problem!, { measurement, full, epsilon }, ball, {
        ...{ steps, stepSize, mode, signal, key: start },
        onProgress: part(options.onProgress, r, restarts),
      });
      history.push(found.history);
      for (const flag of found.flags) flags.add(flag);
      for (const e of found.candidates) {
        using kspace = scope(() => add(measurement.kspace, e));
        using image = await imageOf(kspace, 'perturbed');
        const next = scope(() => worse(best, { e, damage: distances(image, target) }));
        disposeTree([e, best?.e ?? [], best?.damage ?? []]);
        best = next;
      }
    }
    best!.damage.dispose();
    return { perturbation: best!.e, history, flags: [...flags] };
  } catch (error) {
    best?.e.dispose();
    throw error;
  }
}

const distances = (image: Tensor, target: Tensor): Tensor =>
  sum(abs2(sub(image, target)), { axes: [-2, -1] });

function worse(old: Tried | undefined, next: Tried): Tried {
  if (old === undefined) return { e: mul(next.e, 1), damage: next.damage };
  const wins = greater(next.damage, old.damage);
  return { e: where(perSlice(wins), next.e, old.e), damage: where(wins, next.damage, old.damage) };
}

/** Progress of the r-th of several searches. */
export const part = (onProgress: Progress | undefined, r: number, restarts: number): Progress | undefined =>
  onProgress &&
  (({ step, steps, objective }) =>
    onProgress({ step: r * steps + step, steps: restarts * steps, objective }));
