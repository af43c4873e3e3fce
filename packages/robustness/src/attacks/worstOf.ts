import { disposeTree } from '@adjoint/autograd';
import { scores } from '@adjoint/mri';
import {
  abs2,
  add,
  div,
  foldIn,
  maximum,
  mul,
  scope,
  sub,
  sum,
  type Tensor,
  tensor,
  where,
} from '@adjoint/tensor';
import type { TriedAttack } from './attackOptions.js';
import { type Case, type Crafted, craft } from './craft.js';
import { part } from './jointSearch.js';
import { reconstructed, type Subject } from './subject.js';
import type { PlannedTrial } from './trials.js';

/**
 * Runs several attacks and keeps, slice by slice, the perturbation that takes the method's own image furthest from the target. Their
 * objectives cannot be compared: they differ, and may be those of a method that stands in for this one. Randomness is of each its own.
 *
 * Reference: Croce & Hein, ICML 2020 (AutoAttack).
 * @internal
 */
export async function craftWorst(at: Case, trials: readonly PlannedTrial[]): Promise<Crafted> {
  const made: Crafted[] = [];
  let { subject } = at;
  try {
    for (const [i, { kind, through, options }] of trials.entries()) {
      using key = scope(() => foldIn(at.options.key, `attack ${i}`));
      const onProgress = part(at.options.onProgress, i, trials.length);
      const crafted = await craft({
        ...{ ...at, subject, kind, through },
        options: { ...at.options, ...options, key, onProgress },
      });
      made.push(crafted);
      if (crafted.maps) subject = withMaps(subject, crafted.maps);
    }
    const { clean, damages } = await measure({ ...at, subject }, made);
    const winners = damages[0]!.of.map((_, slice) => worstIn(damages.map(({ of }) => of[slice]!)));
    const tried = made.map(
      ({ kind, history, flags }, i): TriedAttack => ({
        ...{ method: kind as TriedAttack['method'], history, flags },
        ...{ damage: damages[i]!.of, drop: clean - damages[i]!.psnr },
        isWorst: winners.map((winner) => winner === i),
      }),
    );
    return { ...kept(made, winners), tried, maps: made.find(({ maps }) => maps)?.maps };
  } catch (error) {
    for (const { maps } of made) maps?.dispose();
    throw error;
  } finally {
    disposeTree(made.map(({ perturbation }) => perturbation));
  }
}

const withMaps = (subject: Subject, maps: Tensor): Subject => ({
  ...subject,
  measurement: { ...subject.measurement, maps },
});

/** Number of the largest, the first of equals. */
const worstIn = (damages: readonly number[]): number => damages.indexOf(Math.max(...damages));

interface Damage {
  /** ‖f(y + e) − t‖²/‖t‖² of every slice. */
  readonly of: readonly number[];
  readonly psnr: number;
}

/** What each perturbation does to the method itself, as it reconstructs with the coil maps of the clean samples. */
async function measure(
  { fn, method, reference, subject, options }: Case,
  made: readonly Crafted[],
): Promise<{ readonly clean: number; readonly damages: readonly Damage[] }> {
  const { measurement } = subject;
  const { signal, methodKey: key } = options;
  const imageOf = (kspace: Tensor, role: string): Promise<Tensor> =>
    reconstructed(fn, method, { ...measurement, kspace }, reference, { role, signal, key });
  using clean = await imageOf(measurement.kspace, 'clean');
  const target = options.target === 'reference' ? reference : clean;
  const damages: Damage[] = [];
  for (const { perturbation } of made) {
    using kspace = scope(() => add(measurement.kspace, perturbation));
    using image = await imageOf(kspace, 'perturbed');
    using distances = scope(() => {
      const energies = [sub(image, target), target].map((x) => sum(abs2(x), { axes: [-2, -1] }));
      return div(energies[0]!, maximum(energies[1]!, 1e-30)).reshape([-1]);
    });
    const { psnr } = await scores(reference, image);
    damages.push({ of: Array.from(await distances.data()), psnr });
  }
  return { clean: (await scores(reference, clean)).psnr, damages };
}

/** Of every slice the winner's perturbation, and the course of the attack that won most. */
function kept(made: readonly Crafted[], winners: readonly number[]): Crafted {
  const wins = made.map((_, i) => winners.filter((winner) => winner === i).length);
  const { kind, history } = made[worstIn(wins)]!;
  const flags = new Set(made.flatMap((one, i) => (wins[i]! > 0 ? one.flags : [])));
  const perturbation = scope(() =>
    made.reduce<Tensor>(
      (chosen, { perturbation: e }, i) => {
        const isWinner = tensor(
          winners.map((winner) => (winner === i ? 1 : 0)),
          { shape: [...e.shape.slice(0, -3), 1, 1, 1], dtype: 'f32', device: e.device },
        );
        return where(isWinner, e, chosen);
      },
      mul(made[0]!.perturbation, 1),
    ),
  );
  return { kind, history, flags: [...flags], perturbation };
}
