import path from 'node:path';
import type { FitResult, Network, Schedule } from '@adjoint/models';
import { defineCommand, type Report } from '../command.js';
import { Interruption, UsageError } from '../failure.js';
import { checkOutput } from '../files/checkFiles.js';
import { provenance } from '../files/provenance.js';
import { writeWhole } from '../files/wholeFile.js';
import type { Values } from '../option.js';
import type { Session } from '../session.js';
import { checkSource, type Source, type SourceValues, sourceOf, sourceOptions } from '../trainingSource.js';

const networkOptions = {
  model: { kind: 'choice', choices: ['unet'], default: 'unet', about: 'the network: the U-net of fastMRI' },
  chans: { kind: 'integer', min: 1, max: 1024, default: 32, about: 'channels of its first level' },
  pools: { kind: 'integer', min: 1, max: 8, default: 4, about: 'its levels' },
  dropout: { kind: 'number', min: 0, max: 0.9, default: 0, about: 'probability of dropping channels' },
} as const;

const courseOptions = {
  epochs: { kind: 'integer', min: 1, about: 'how long: every example once per epoch' },
  steps: { kind: 'integer', min: 1, about: 'how long, in steps instead' },
  minutes: { kind: 'number', positive: true, about: 'how long, in minutes instead; default: 10 minutes' },
  batch: { kind: 'integer', min: 1, max: 1024, default: 4, about: 'examples of a step' },
  loss: { kind: 'choice', choices: ['l1', 'mse', 'ssim'], default: 'l1', about: 'what is minimised' },
  optimizer: { kind: 'choice', choices: ['adam', 'rmsprop'], default: 'adam', about: 'how' },
  lr: { kind: 'number', positive: true, default: 1e-3, about: 'step size' },
  schedule: {
    kind: 'choice',
    choices: ['constant', 'step', 'cosine'],
    default: 'constant',
    about: 'of the step size: a tenth of it after every 40 epochs (step), or down to 0 (cosine)',
  },
} as const;

interface TrainValues extends Values<typeof networkOptions>, Values<typeof courseOptions>, SourceValues {
  readonly data: string;
  readonly validate: string | undefined;
  readonly out: string;
  readonly checkpoint: string | undefined;
  readonly 'checkpoint-minutes': number;
  readonly resume: boolean;
}

export const trainCommand = defineCommand({
  name: 'train',
  summary: 'train a network from scratch',
  details: [
    'Every step masks its examples anew and moves them; input is the zero-filled image, target the root sum of squares of the full ' +
      'k-space, both normalised. --data and --validate take builtin:head (without the slices kept for tests), builtin:brain and the ' +
      'others, phantom:brain or phantom:knee, measured by simulation, or a fully sampled HDF5 file of k-space, or a folder of them.',
    'Beside the weights, the losses are written as JSON and as a picture. The state is kept in a checkpoint, also on Ctrl-C; with ' +
      '--resume the same command goes on from it, and ends as if it had not been interrupted.',
  ],
  options: {
    ...networkOptions,
    data: { kind: 'text', placeholder: 'WHAT', default: 'builtin:head', about: 'examples' },
    validate: {
      kind: 'text',
      placeholder: 'WHAT',
      about: 'other examples, whose mean loss is told every epoch',
    },
    ...courseOptions,
    ...sourceOptions,
    out: { kind: 'text', placeholder: 'FILE', required: true, about: 'weights to write, .safetensors' },
    checkpoint: {
      kind: 'text',
      placeholder: 'FILE',
      about: 'state to keep, .safetensors; default: beside the weights',
    },
    'checkpoint-minutes': { kind: 'number', positive: true, default: 5, about: 'between checkpoints' },
    resume: { kind: 'switch', about: 'go on from the checkpoint, if it is there' },
  },
  positionals: [],
  examples: [
    {
      about: 'a small U-net on the built-in head, ten minutes',
      command: 'adjoint train --model unet --chans 16 --pools 3 --minutes 10 --out unet.safetensors',
    },
    {
      about: 'the published training of fastMRI’s U-net, on a folder of its files',
      command:
        'adjoint train --data knee/multicoil_train --epochs 50 --batch 16 --optimizer rmsprop --schedule step --center-fraction 0.08 --no-augment --out knee.safetensors',
    },
  ],
  run: (values, session) => train(values, session),
});

async function train(values: TrainValues, session: Session): Promise<Report> {
  const { out } = values;
  if (!out.endsWith('.safetensors')) throw new UsageError(`--out must end in .safetensors; got "${out}".`);
  const stem = out.replace(/\.safetensors$/, '');
  const checkpoint = values.checkpoint ?? `${stem}.checkpoint.safetensors`;
  for (const file of [out, checkpoint]) await checkOutput(file, [values.data, values.validate]);
  if (path.resolve(checkpoint) === path.resolve(out))
    throw new UsageError('--checkpoint and --out must be two files.');
  checkLength(values);
  await checkSource(values.data, 'data');
  if (values.validate !== undefined) await checkSource(values.validate, 'validate');
  await session.device();
  const sources: Source[] = [await sourceOf(values.data, 'data', values, session)];
  if (values.validate !== undefined)
    sources.push(await sourceOf(values.validate, 'validate', values, session));
  try {
    const fitted = await fitNetwork(values, sources, checkpoint, session);
    return await write(values, fitted, stem, sources, session);
  } finally {
    for (const source of sources) await source.close();
  }
}

function checkLength({ epochs, steps, minutes }: TrainValues): void {
  const given = [epochs, steps, minutes].filter((value) => value !== undefined);
  if (given.length > 1) throw new UsageError('--epochs, --steps and --minutes exclude each other.');
}

async function fitNetwork(
  values: TrainValues,
  [training, validation]: readonly Source[],
  checkpoint: string,
  session: Session,
): Promise<FitResult> {
  const { fit, unet } = await import('@adjoint/models');
  const { key } = await import('@adjoint/tensor');
  const { chans, pools, dropout, epochs, steps, minutes, batch, loss, optimizer, resume, seed } = values;
  const network: Network = unet({ chans, pools, dropout });
  const isEndless = epochs === undefined && steps === undefined;
  session.progress.begin('train');
  try {
    return await fit(network, {
      data: training!.data,
      validate: validation?.data,
      ...{ epochs, steps, loss, optimizer, checkpoint, resume },
      seconds: isEndless ? 60 * (minutes ?? 10) : undefined,
      batchSize: batch,
      schedule: await scheduleOf(values),
      checkpointEvery: 60 * values['checkpoint-minutes'],
      key: key(seed),
      signal: session.signal,
      onProgress: session.progress.step,
    });
  } catch (error) {
    if (!session.signal.aborted) throw error;
    throw new Interruption(
      `interrupted; the state is in ${checkpoint}. The same command with --resume goes on from it.`,
    );
  }
}

async function scheduleOf({ schedule, lr }: TrainValues): Promise<Schedule> {
  const { cosineSchedule, stepSchedule } = await import('@adjoint/models');
  if (schedule === 'cosine') return cosineSchedule({ lr });
  return schedule === 'step' ? stepSchedule({ lr, every: 40 }) : () => lr;
}

async function write(
  values: TrainValues,
  fitted: FitResult,
  stem: string,
  sources: readonly Source[],
  session: Session,
): Promise<Report> {
  const { lossCurveSvg, saveWeights } = await import('@adjoint/models');
  const { network, parameters, losses, validation, steps, stepsPerEpoch, seconds } = fitted;
  const { limits, ...facts } = await provenance(session, values.seed, [sources[0]!.limits]);
  const strings = Object.fromEntries(Object.entries({ ...facts, limits }).map(([k, v]) => [k, String(v)]));
  await saveWeights(values.out, { network, parameters, metadata: strings });
  const files = { out: values.out, losses: `${stem}.losses.json`, curve: `${stem}.losses.svg` };
  const course = { steps, stepsPerEpoch, seconds, losses, validation, ...facts, limits };
  await writeWhole(files.losses, `${JSON.stringify(course)}\n`, session.signal);
  await writeWhole(files.curve, lossCurveSvg(fitted, { title: path.basename(values.out) }), session.signal);
  const json = {
    ...files,
    ...{ steps, epochs: steps / stepsPerEpoch, seconds, loss: losses.at(-1) },
    validation: validation.at(-1)?.loss ?? null,
  };
  const checked = validation.length > 0 ? `, validation ${validation.at(-1)!.loss.toPrecision(4)}` : '';
  const text = `${values.out}: ${steps} steps in ${seconds.toFixed(0)} s, loss ${losses.at(-1)!.toPrecision(4)}${checked}`;
  return { json, text };
}
