import { disposeTree } from '@adjoint/autograd';
import { type Measurement, type Scores, scores } from '@adjoint/mri';
import { add, scope, type Tensor } from '@adjoint/tensor';
import type { AttackResult, Damage } from './attackOptions.js';
import { lengths } from './ball.js';
import type { Case, Crafted } from './craft.js';
import { gaussianControl } from './gaussianControl.js';
import type { AttackFlag } from './health.js';
import { reconstructed, type Subject } from './subject.js';

interface Rated {
  readonly image: Tensor;
  readonly scores: Scores;
}

/** Images and scores of the clean, the perturbed and the noisy samples. The result owns the perturbation. @internal */
export async function judge(at: Case, crafted: Crafted): Promise<AttackResult> {
  const { subject, ball, options } = at;
  const { kind, perturbation, history, tried } = crafted;
  const made: Tensor[] = [];
  try {
    const { clean, withNoise } = measurementsOf(at, crafted);
    const perturbed = withNoise(perturbation);
    made.push(perturbed.kspace);
    const before = await rate(at, 'clean', clean, made);
    const after = await rate(at, 'perturbed', perturbed, made);
    const drop = before.scores.psnr - after.scores.psnr;
    const size = await sizeOf(perturbation, subject);
    const isTried = options.control ?? true;
    const control = isTried ? await controlOf(at, crafted, before, withNoise, made) : undefined;
    const dispose = (): void => disposeTree([perturbation, ...made]);
    return {
      ...{ perturbation, clean: before.image, reconstruction: after.image, method: kind, history, drop },
      perturbed: { ...perturbed, maps: subject.measurement.maps },
      scores: { clean: before.scores, attacked: after.scores },
      flags: [
        ...crafted.flags,
        ...(options.epsilon > 0 ? outcomeFlags(at, size.epsilon, drop, control) : []),
      ],
      ...{ ...size, control, tried },
      budget: {
        ...{ norm: ball.norm, epsilon: options.epsilon, support: 'mask', norms: subject.fullNorms },
        reference: subject.full ? 'full' : 'sampled',
      },
      ...{ dispose, [Symbol.dispose]: dispose },
    };
  } catch (error) {
    disposeTree(made);
    throw error;
  }
}

/** The clean measurement, and what becomes of it under noise: with its maps, or without where they are estimated again. */
function measurementsOf({ subject, options }: Case, crafted: Crafted) {
  const { maps: known, ...bare } = subject.measurement;
  const keepsMaps = (options.maps ?? (known ? 'clean' : 'reestimated')) === 'clean';
  const maps = known ?? crafted.maps;
  return {
    clean: { ...bare, maps },
    withNoise: (e: Tensor): Measurement => {
      const kspace = scope(() => add(bare.kspace, e));
      return { ...bare, kspace, maps: keepsMaps ? maps : undefined };
    },
  };
}

async function rate(at: Case, role: string, from: Measurement, made: Tensor[]): Promise<Rated> {
  const { fn, method, reference, options } = at;
  const { signal, methodKey: key } = options;
  const image = await reconstructed(fn, method, from, reference, { role, signal, key });
  made.push(image);
  return { image, scores: await scores(reference, image) };
}

/** Gaussian noise of the perturbation's length on the same samples. */
async function controlOf(
  at: Case,
  { perturbation }: Crafted,
  before: Rated,
  withNoise: (e: Tensor) => Measurement,
  made: Tensor[],
): Promise<Damage> {
  const { measurement } = at.subject;
  using e = scope(() => gaussianControl(measurement, { norm: lengths(perturbation), key: at.options.key }));
  const noisy = withNoise(e);
  try {
    const { image, scores: found } = await rate(at, 'noisy', noisy, made);
    return { reconstruction: image, scores: found, drop: before.scores.psnr - found.psnr };
  } finally {
    noisy.kspace.dispose();
  }
}

function outcomeFlags(
  { ball, options }: Case,
  epsilon: number,
  drop: number,
  control: Damage | undefined,
): AttackFlag[] {
  const flags: AttackFlag[] = [];
  // a perturbation of bounded entries need not use all of the l2 ball around it
  if (ball.norm === 'l2' && epsilon < 0.99 * options.epsilon) flags.push('ball-not-reached');
  if (control && control.drop >= drop) flags.push('random-beats-gradient');
  return flags;
}

/** ‖e‖/‖k_full‖ and ‖e‖/‖y‖, each the largest of all slices. */
async function sizeOf(
  e: Tensor,
  { fullNorms, sampledNorms }: Subject,
): Promise<{ epsilon: number; epsilonSampled: number }> {
  using sizes = scope(() => lengths(e).reshape([-1]));
  const found = Array.from(await sizes.data());
  const largest = (norms: readonly number[]): number => Math.max(...found.map((size, i) => size / norms[i]!));
  return { epsilon: largest(fullNorms), epsilonSampled: largest(sampledNorms) };
}
