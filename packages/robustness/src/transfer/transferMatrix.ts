import { breathing, type Measurement, type Reconstructor, type Scores, scores } from '@adjoint/mri';
import {
  AdjointError,
  ArgumentError,
  add,
  checkNumber,
  checkOptions,
  describe,
  scope,
  type Tensor,
} from '@adjoint/tensor';
import { attack } from '../attacks/attack.js';
import { type AttackOptions, attackOptionNames } from '../attacks/attackOptions.js';
import type { AttackFlag } from '../attacks/health.js';
import { checkMethod, reconstructed, referenceOf, subjectOf } from '../attacks/subject.js';

export interface TransferOptions extends Omit<AttackOptions, 'epsilon' | 'method' | 'full'> {
  /** Sizes of the perturbations, ‖e‖/‖k_full‖. */
  readonly epsilons: readonly number[];
  /** How methods are attacked, by name; default 'auto'. */
  readonly attacks?: Readonly<Record<string, AttackOptions['method']>> | undefined;
  /** Full k-spaces, one per measurement, where those hold the samples alone. */
  readonly full?: readonly Tensor[] | undefined;
}

/** One method on one image under the perturbation made for another. */
export interface TransferRow {
  /** Number of the measurement. */
  readonly image: number;
  readonly epsilon: number;
  /** Method that the perturbation was made for; null for Gaussian noise of the same sampled norm as the target's own attack. */
  readonly source: string | null;
  /** Method that reconstructed. */
  readonly target: string;
  readonly scores: Scores;
  /** PSNR lost to the target's clean image, in dB. */
  readonly drop: number;
  /** Of the attack that made the perturbation. */
  readonly flags: readonly AttackFlag[];
}

export interface TransferMatrix {
  readonly methods: readonly string[];
  /** Those with gradients or a problem: the others are targets only. */
  readonly sources: readonly string[];
  readonly epsilons: readonly number[];
  readonly rows: readonly TransferRow[];
  /** Scores without perturbation, [target][image]. */
  readonly clean: Readonly<Record<string, readonly Scores[]>>;
  /** The drop averaged over the images. */
  mean(source: string | null, target: string, epsilon: number): number;
}

/**
 * Crafts a perturbation for every method on every image, and reconstructs with all of them: who is hurt by what was made for whom.
 * The mask of an image is the same throughout.
 *
 * @throws ArgumentError for methods of one name; what `attack` throws.
 * @example const table = await transferMatrix([zeroFilled(), l1(), unet], measurements, { epsilons: [0.02, 0.08] });
 * Reference: Darestani, Chaudhari & Heckel, ICML 2021, section 4.
 */
export async function transferMatrix(
  methods: readonly Reconstructor[],
  measurements: readonly Measurement[],
  options: TransferOptions,
): Promise<TransferMatrix> {
  const fn = 'transferMatrix';
  checkTransfer(fn, methods, measurements, options);
  const { epsilons } = options;
  const sources = methods.filter(({ differentiable, problem }) => differentiable ?? problem);
  const rows: TransferRow[] = [];
  const clean = Object.fromEntries(methods.map(({ name }) => [name, [] as Scores[]]));
  const breathe = breathing(options);
  const steps = measurements.length * epsilons.length * sources.length;
  for (const [image, measurement] of measurements.entries()) {
    using bench = await benchOf(fn, measurement, image, options);
    for (const method of methods) clean[method.name]!.push(await bench.rate(method, undefined));
    const dropOf = (name: string, found: Scores): number => clean[name]![image]!.psnr - found.psnr;
    for (const epsilon of epsilons)
      for (const source of sources) {
        await breathe();
        using made = await bench.craft(source, epsilon);
        const row = { image, epsilon, flags: made.flags };
        for (const method of methods) {
          const found = await bench.rate(method, made.perturbation);
          const drop = dropOf(method.name, found);
          rows.push({ ...row, source: source.name, target: method.name, scores: found, drop });
        }
        const { control } = made;
        if (control)
          rows.push({
            ...row,
            source: null,
            target: source.name,
            scores: control.scores,
            drop: control.drop,
          });
        const done = rows.filter((r) => r.source !== null).length / methods.length;
        options.onProgress?.({ step: done, steps });
      }
  }
  return {
    ...{
      methods: methods.map(({ name }) => name),
      sources: sources.map(({ name }) => name),
      epsilons,
      rows,
      clean,
    },
    mean: (source, target, epsilon) => meanDrop(rows, source, target, epsilon),
  };
}

function meanDrop(
  rows: readonly TransferRow[],
  source: string | null,
  target: string,
  epsilon: number,
): number {
  const found = rows.filter(
    (row) => row.source === source && row.target === target && row.epsilon === epsilon,
  );
  if (found.length > 0) return found.reduce((total, { drop }) => total + drop, 0) / found.length;
  throw new AdjointError(
    `transferMatrix: there is no attack on ${source} scored with ${target} at ${epsilon}.`,
  );
}

/** One image: crafts on it and scores on it. */
async function benchOf(fn: string, measurement: Measurement, image: number, options: TransferOptions) {
  const { epsilons: _, attacks, full: all, onProgress: __, ...rest } = options;
  const full = all?.[image];
  const subject = await subjectOf(fn, measurement, full);
  const reference = referenceOf(fn, subject);
  const { kspace, maps, ...bare } = subject.measurement;
  const keepsMaps = (options.maps ?? (maps ? 'clean' : 'reestimated')) === 'clean';
  return {
    craft: (method: Reconstructor, epsilon: number) =>
      attack(method, measurement, { ...rest, epsilon, full, method: attacks?.[method.name] }),
    async rate(method: Reconstructor, e: Tensor | undefined): Promise<Scores> {
      using noisy = scope(() => (e ? add(kspace, e) : add(kspace, 0)));
      const from = { ...bare, kspace: noisy, maps: e === undefined || keepsMaps ? maps : undefined };
      const role = e ? 'perturbed' : 'clean';
      const { signal, key, methodKey = key } = options;
      using found = await reconstructed(fn, method, from, reference, { role, signal, key: methodKey });
      return await scores(reference, found);
    },
    [Symbol.dispose]: () => {
      subject[Symbol.dispose]();
      reference.dispose();
    },
  };
}

function checkTransfer(
  fn: string,
  methods: readonly Reconstructor[],
  measurements: readonly Measurement[],
  options: TransferOptions,
): void {
  const lists = { methods, measurements, 'option epsilons': options?.epsilons };
  for (const [argument, list] of Object.entries(lists))
    if (!Array.isArray(list) || list.length === 0)
      throw new ArgumentError({ fn, argument, expected: 'an array of at least one', got: describe(list) });
  checkOptions(fn, options, [
    ...attackOptionNames.filter((name) => !['method', 'epsilon'].includes(name)),
    'epsilons',
    'attacks',
  ]);
  for (const method of methods) checkMethod(fn, method);
  for (const epsilon of options.epsilons) checkNumber(fn, 'option epsilons', epsilon, { min: 0 });
  const names = methods.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new ArgumentError({ fn, argument: 'methods', expected: 'of different names', got: `two ${twice}` });
}
