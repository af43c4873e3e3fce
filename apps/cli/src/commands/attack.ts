import type { Measurement, Reconstructor } from '@adjoint/mri';
import type { AttackOptions, AttackResult } from '@adjoint/robustness';
import type { Tensor } from '@adjoint/tensor';
import { defineCommand } from '../command.js';
import { UsageError } from '../failure.js';
import { attackFile, summary } from '../files/attackFile.js';
import { checkInput, checkOutput } from '../files/checkFiles.js';
import { checkDataset, withH5, writeResult } from '../files/hdf5.js';
import { mapsOf, release, samplingOf, samplingOptions, sliceNumbers, withKspace } from '../files/kspace.js';
import { type MethodValues, methodMaker, methodNames, methodOptions } from '../method.js';
import type { Session } from '../session.js';

const attackNames = ['auto', 'pgd', 'apgd', 'adam', 'joint', 'unrolled', 'implicit'] as const;

/** Those that follow gradients through the steps of a solver, and what has one. */
const gradientAttacks: readonly string[] = ['pgd', 'apgd', 'adam', 'unrolled'];
const solvedMethods: readonly string[] = ['cg-sense', 'l1', 'tv'];

interface AttackValues extends Omit<MethodValues, 'method'> {
  readonly method: MethodValues['method'] | undefined;
  readonly 'method-cmd': string | undefined;
  readonly timeout: number;
  readonly eps: number | undefined;
  readonly import: string | undefined;
  readonly in: string;
  readonly mask: string | undefined;
  readonly maps: string | undefined;
  readonly out: string;
  readonly lambda: number | undefined;
  readonly slices: readonly number[] | undefined;
  readonly attack: readonly (typeof attackNames)[number][] | undefined;
  readonly 'attack-iterations': number | undefined;
  readonly norm: AttackOptions['norm'];
  readonly steps: number | undefined;
  readonly restarts: number;
  readonly target: AttackOptions['target'];
  readonly 'score-maps': AttackOptions['maps'];
  readonly seed: number;
}

export const attackCommand = defineCommand({
  name: 'attack',
  summary: 'find the change of the samples that ruins a reconstruction',
  details: [
    'Looks for the perturbation of the sampled k-space that changes the image of a method most, its l2 norm at most --eps times that of ' +
      'the full k-space, and compares it with Gaussian noise of the same norm on the same samples. --in holds the full k-space; the ' +
      'mask says what is sampled of it. Flags tell when a small loss may be a weak attack: gradient-vanishes, no-progress, ' +
      'still-rising, restarts-disagree, ball-not-reached, random-beats-gradient.',
    'auto is joint for methods that are optimisation problems (cg-sense, l1, tv), without their solver, else apgd through the method. ' +
      'unrolled goes through the solver: stronger on l1 and tv, and slower. --attack joint,unrolled runs both and keeps the worse; the ' +
      'report tells of each. A weak attack makes a method look robust.',
    'adjoint view shows what was written: clean and attacked image, their difference, and the perturbation.',
    'A program takes part with --method-cmd: it reads and writes HDF5 and has no gradients, so that perturbations come from another ' +
      'method through --import.',
  ],
  options: {
    method: { kind: 'choice', choices: methodNames, about: 'what is attacked' },
    'method-cmd': {
      kind: 'text',
      placeholder: 'COMMAND',
      about:
        'instead of --method, with --import: a command line with {in} (kspace, mask, maps) and {out} (reconstruction)',
    },
    timeout: {
      kind: 'number',
      positive: true,
      default: 600,
      about: 'seconds that one reconstruction of --method-cmd may take',
    },
    eps: { kind: 'number', min: 0, about: 'norm of the perturbation over that of the full k-space' },
    import: {
      kind: 'text',
      placeholder: 'FILE',
      about: 'instead of --eps: HDF5 file with dataset perturbation, made elsewhere; it is only scored',
    },
    in: {
      kind: 'text',
      placeholder: 'FILE',
      required: true,
      about: 'HDF5 file with dataset kspace, fully sampled',
    },
    ...samplingOptions,
    out: {
      kind: 'text',
      placeholder: 'FILE',
      required: true,
      about: 'HDF5 file to write: perturbation, reconstruction, clean, noisy, reference, history, report',
    },
    attack: {
      kind: 'choices',
      choices: attackNames,
      about: 'how; of several the one that changes the image most is kept; default auto',
    },
    'attack-iterations': {
      kind: 'integer',
      min: 1,
      max: 1_000_000,
      about:
        'steps of cg-sense, l1 and tv that gradients go through; the whole method is what counts; default: its own',
    },
    norm: {
      kind: 'choice',
      choices: ['l2', 'linf'],
      default: 'l2',
      about:
        'linf bounds every sample instead, by eps times the norm of the full k-space over the root of the number of samples',
    },
    steps: { kind: 'integer', min: 1, max: 100_000, about: 'gradient steps; default 100, of joint 200' },
    restarts: {
      kind: 'integer',
      min: 1,
      max: 1000,
      default: 1,
      about: 'random starts, of which the worst counts',
    },
    target: {
      kind: 'choice',
      choices: ['clean', 'reference'],
      about: 'what the image is driven away from; default: its own clean image, of joint the reference',
    },
    'score-maps': {
      kind: 'choice',
      choices: ['reestimated', 'clean'],
      about: 'coil maps of the perturbed image; default: estimated again unless --maps gives them',
    },
    lambda: { kind: 'number', min: 0, about: 'weight of the regularisation of cg-sense, l1 and tv' },
    ...methodOptions,
    slices: { kind: 'indices', about: 'which slices; default: all' },
  },
  positionals: [],
  examples: [
    {
      about: 'wavelet compressed sensing under a perturbation of 5 %',
      command: 'adjoint attack --method l1 --eps 0.05 --in k.h5 --mask m.h5 --out a.h5',
    },
    {
      about: 'the worse of two attacks, one of them through 40 of the 100 steps',
      command:
        'adjoint attack --method l1 --eps 0.05 --attack joint,unrolled --attack-iterations 40 --in k.h5 --mask m.h5 --out a.h5',
    },
    {
      about: 'three starts on a trained network',
      command:
        'adjoint attack --method unet --weights unet.safetensors --eps 0.02 --restarts 3 --in k.h5 --mask m.h5 --out a.h5',
    },
    {
      about: 'what that perturbation does to a program',
      command:
        "adjoint attack --method-cmd 'python3 recon.py {in} {out}' --import a.h5 --in k.h5 --mask m.h5 --out b.h5",
    },
  ],
  async run(values, session) {
    checkCombination(values);
    const inputs = [values.in, values.mask, values.maps, values.import];
    await checkOutput(values.out, inputs);
    for (const file of inputs) if (file !== undefined) await checkInput(file);
    const method = await methodOf(values, session);
    const through = await throughOf(values, session);
    await session.device();
    const sample = await samplingOf(values.mask, session);
    const results: AttackResult[] = [];
    const found = await withKspace(values.in, values.slices, session, async (kspace) => {
      const mapsAt = values.maps === undefined ? undefined : await mapsOf(values.maps, kspace, session);
      session.progress.begin(`attack on ${method.name}`, kspace.indices.length);
      for (const index of kspace.indices) {
        const full = await kspace.slice(index);
        const sampled = await sample(full);
        const measurement = mapsAt ? { ...sampled, maps: await mapsAt(index) } : sampled;
        results.push(await attackSlice({ method, through }, measurement, full, index, values, session));
        release(full);
        release({ ...measurement, reference: undefined });
        session.progress.next();
      }
      return { indices: kspace.indices, limits: kspace.limits };
    });
    const file = await attackFile(method.name, found.indices, results);
    await writeResult(session, {
      path: values.out,
      seed: values.seed,
      limits: found.limits,
      ...file.content,
    });
    return {
      text: summary(values.out, method.name, found.indices, results),
      json: { out: values.out, ...file.report },
    };
  },
});

function checkCombination(values: AttackValues): void {
  const { method, eps, 'method-cmd': command, import: imported, attack } = values;
  if ((method === undefined) === (command === undefined))
    throw new UsageError('give either --method or --method-cmd.');
  if ((eps === undefined) === (imported === undefined))
    throw new UsageError('give either --eps or --import.');
  const twice = attack?.find((name, i) => attack.indexOf(name) !== i);
  if (twice !== undefined)
    throw new UsageError(`--attack names ${twice} twice; more starts of one attack are --restarts.`);
  const followed = attack?.some((name) => gradientAttacks.includes(name)) ?? false;
  const isSolved = method !== undefined && solvedMethods.includes(method);
  if (values['attack-iterations'] !== undefined && !(followed && isSolved))
    throw new UsageError(
      `--attack-iterations is for ${gradientAttacks.join(', ')} on ${solvedMethods.join(', ')}.`,
    );
  if (command !== undefined && imported === undefined)
    throw new UsageError(
      '--method-cmd has no gradients to follow: attack another method with --eps, and --import its perturbation.',
    );
}

async function methodOf(values: AttackValues, session: Session): Promise<Reconstructor> {
  const { method, 'method-cmd': command } = values;
  if (method !== undefined) return (await methodMaker({ ...values, method }, session))(values.lambda);
  const { externalMethod } = await import('@adjoint/robustness');
  return externalMethod({ command: command!, timeoutMs: 1000 * values.timeout });
}

/** What gradients go through in the method's place. */
async function throughOf(
  { method, 'attack-iterations': iterations, ...values }: AttackValues,
  session: Session,
): Promise<Reconstructor | undefined> {
  if (iterations === undefined || method === undefined) return undefined;
  return (await methodMaker({ ...values, method, iterations }, session))(values.lambda);
}

async function attackSlice(
  { method, through }: { method: Reconstructor; through: Reconstructor | undefined },
  measurement: Measurement,
  full: Measurement,
  index: number,
  values: AttackValues,
  { signal, progress }: Session,
): Promise<AttackResult> {
  const { assess, attack } = await import('@adjoint/robustness');
  const { key } = await import('@adjoint/tensor');
  const { norm, steps, restarts, target, 'score-maps': maps } = values;
  const shared = { full: full.kspace, maps, key: key(values.seed), signal };
  if (values.import !== undefined) {
    using e = await importedSlice(values.import, index, measurement, { signal, progress } as Session);
    return await assess(method, measurement, e, shared);
  }
  return attack(method, measurement, {
    ...{ ...shared, norm, steps, restarts, target, epsilon: values.eps!, method: values.attack, through },
    onProgress: progress.step,
  });
}

const expectedPerturbation = { dtypes: ['c64'], axes: 'complex64 [slices, coils, H, W]', ranks: [4] };

/** The perturbation of one slice. */
const importedSlice = (
  file: string,
  index: number,
  { kspace }: Measurement,
  session: Session,
): Promise<Tensor> =>
  withH5(file, session, async (h5) => {
    const shape = checkDataset(h5, 'perturbation', expectedPerturbation);
    const at = sliceNumbers(shape[0]!, await h5.attributes()).indexOf(index);
    if (at < 0 || `${shape.slice(1)}` !== `${kspace.shape}`)
      throw new UsageError(
        `--import ${file} has perturbations [${shape.join(', ')}]; expected one of slice ${index}, [${kspace.shape.join(', ')}].`,
      );
    using stack = await h5.read('perturbation', { offset: [at], count: [1] });
    return stack.reshape(shape.slice(1));
  });
