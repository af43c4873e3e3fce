import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { StudyDataset, StudyOptions, StudyProgress, StudyResult } from '@adjoint/robustness';
import { defineCommand, type Report } from '../command.js';
import { Interruption, UsageError } from '../failure.js';
import type { Session } from '../session.js';

const profiles = ['tiny', 'quick', 'standard'] as const;
const experiments = ['curves', 'transfer', 'heat-map', 'oracle', 'training'] as const;
const methods = ['zero-filled', 'cg-sense', 'l1', 'unet'] as const;

interface StudyValues {
  readonly profile: (typeof profiles)[number];
  readonly experiments: readonly (typeof experiments)[number][] | undefined;
  readonly methods: readonly (typeof methods)[number][] | undefined;
  readonly data: readonly string[] | undefined;
  readonly out: string;
  readonly resume: boolean;
  readonly shard: string | undefined;
  readonly merge: readonly string[] | undefined;
  readonly jobs: number | undefined;
  readonly weights: string | undefined;
  readonly retrain: boolean;
  readonly 'method-cmd': string | undefined;
  readonly 'method-name': string | undefined;
  readonly timeout: number | undefined;
  readonly device: 'wasm' | 'webgpu' | 'reference';
  readonly seed: number;
}

export const studyCommand = defineCommand({
  name: 'study',
  summary: 'who breaks under which perturbation: attacks, transfers, heat maps, with a report',
  details: [
    'Reconstructs real images by several methods, attacks each of them under the same budgets, tries every perturbation on every ' +
      'method and noise beside it, puts small features everywhere, and judges published claims by what comes out. Leaves ' +
      'report.html, tables as CSV and JSON, and figures in --out.',
    'tiny takes seconds and shows that it runs; quick takes minutes; standard takes hours. Every unit of work is a file of its own in ' +
      '--out: a study that was stopped, however hard, goes on with --resume and repeats nothing. Parts of it (--shard) may run on ' +
      'several machines; --merge puts them together.',
    '--retrain trains the U-net inside the study, from random weights, instead of reading those that come with it: about two minutes ' +
      'of one core for quick, a quarter of an hour for standard. All that is done with the network waits for it, so that every part ' +
      '(--shard) trains it for itself, with the same result.',
    'A program takes part with --method-cmd: every image, every perturbation made for the methods, noise and small features go through ' +
      'it. As it has no gradients, no perturbation is made for it. The files that the command names count as the method: when one of ' +
      'them changes, it is another one.',
    '--data takes folders with HDF5 files of the fastMRI layout, the middle slice of each, and modules (.js, .mjs, .ts) whose default ' +
      'export is a data set of your own.',
  ],
  options: {
    profile: { kind: 'choice', choices: profiles, default: 'quick', about: 'how much of everything' },
    experiments: { kind: 'choices', choices: experiments, about: 'which; default: all' },
    methods: { kind: 'choices', choices: methods, about: 'which; default: all' },
    data: {
      kind: 'texts',
      placeholder: 'DIR',
      about: 'folders or modules to test on; default: built-in images',
    },
    out: { kind: 'text', placeholder: 'DIR', default: 'study', about: 'folder for everything' },
    resume: { kind: 'switch', about: 'go on with the study in --out' },
    shard: { kind: 'text', placeholder: 'I/N', about: 'only part I of N' },
    merge: { kind: 'texts', placeholder: 'DIR', about: 'instead of computing: the parts to put together' },
    jobs: { kind: 'integer', min: 1, max: 1024, about: 'processes; default one per core' },
    weights: {
      kind: 'text',
      placeholder: 'FILE',
      about: 'safetensors of the U-net; default: those that come with it',
    },
    retrain: { kind: 'switch', about: 'train the U-net in the study instead' },
    'method-cmd': {
      kind: 'text',
      placeholder: 'COMMAND',
      about:
        'a program that joins the methods: a command line with {in} (kspace, mask, maps) and {out} (reconstruction)',
    },
    'method-name': {
      kind: 'text',
      placeholder: 'NAME',
      about: 'what tables and figures call it; default external',
    },
    timeout: {
      kind: 'number',
      positive: true,
      about: 'seconds that one reconstruction of --method-cmd may take; default 60',
    },
    device: {
      kind: 'choice',
      choices: ['wasm', 'webgpu', 'reference'],
      default: 'wasm',
      about: 'of every unit; wasm runs one thread for each and gives the same bits everywhere',
    },
    seed: { kind: 'integer', min: 0, max: 2 ** 31 - 1, default: 0, about: 'of everything random' },
  },
  positionals: [],
  examples: [
    { about: 'the whole story in minutes', command: 'adjoint study --out study' },
    {
      about: 'on data of your own, in two parts',
      command: 'adjoint study --data knee/ --shard 1/2 --out part1',
    },
    {
      about: 'a program beside the methods',
      command: "adjoint study --method-cmd 'python3 recon.py {in} {out}' --method-name mine --out study",
    },
    { about: 'put together', command: 'adjoint study --merge part1,part2 --out study' },
  ],
  async run(values, session) {
    checkCombination(values);
    session.progress.begin('study');
    const { merge } = values;
    const study = merge ? await merged(values, merge) : await computed(values, session);
    if (values.shard !== undefined && merge === undefined) return partReport(values, study);
    const { writeReport } = await import('@adjoint/robustness');
    await writeReport(study, study.out);
    return wholeReport(values, study);
  },
});

function checkCombination({ retrain, weights, merge, ...values }: StudyValues): void {
  if (retrain && weights !== undefined)
    throw new UsageError(
      '--retrain trains the weights of the U-net, and --weights reads them: give one of both.',
    );
  for (const name of ['method-name', 'timeout'] as const)
    if (values[name] !== undefined && values['method-cmd'] === undefined)
      throw new UsageError(`--${name} is about a program: give --method-cmd, too.`);
  if (merge !== undefined && (retrain || values['method-cmd'] !== undefined))
    throw new UsageError('--merge computes nothing: the parts have their methods and weights.');
}

async function computed(values: StudyValues, session: Session): Promise<StudyResult> {
  const { merge: _, data = [], shard, ...options } = values;
  const { runStudy } = await import('@adjoint/robustness');
  const { out, profile, resume, jobs, seed, device, weights, retrain } = options;
  const sets = await Promise.all(data.map((item) => dataOf(item, session)));
  try {
    return await runStudy({
      ...{ out, profile, resume, jobs, seed, device, weights, retrain, data: sets },
      ...programOf(values),
      ...{
        experiments: options.experiments,
        methods: options.methods,
        shard: shard === undefined ? undefined : readShard(shard),
      },
      signal: session.signal,
      onProgress: (progress: StudyProgress) => session.progress.step(stepOf(progress)),
    });
  } catch (error) {
    if (!session.signal.aborted) throw error;
    throw new Interruption(`interrupted; what is finished is in ${out}, and --resume goes on from there.`);
  }
}

/** The program that takes part, if there is one. */
function programOf({
  timeout,
  ...values
}: StudyValues): Pick<StudyOptions, 'external' | 'externalTimeoutMs'> {
  const { 'method-cmd': command, 'method-name': name } = values;
  if (command === undefined) return {};
  return {
    external: [{ command, name }],
    externalTimeoutMs: timeout === undefined ? undefined : 1000 * timeout,
  };
}

/** A folder stays a path; a module gives the data set it exports, whose tensors need a device. */
async function dataOf(item: string, session: Session): Promise<string | StudyDataset> {
  if (!/\.[cm]?[jt]s$/.test(item)) return item;
  await session.device();
  const module = (await import(pathToFileURL(path.resolve(item)).href)) as { default?: StudyDataset };
  if (module.default !== undefined) return module.default;
  throw new UsageError(`--data ${item}: its default export must be a data set (StudyDataset).`);
}

async function merged({ out }: StudyValues, parts: readonly string[]): Promise<StudyResult> {
  const { mergeStudies } = await import('@adjoint/robustness');
  return mergeStudies(parts, out);
}

function readShard(text: string): { index: number; count: number } {
  const [, index, count] = text.match(/^(\d{1,5})\/(\d{1,5})$/) ?? [];
  if (Number(index) >= 1 && Number(index) <= Number(count))
    return { index: Number(index), count: Number(count) };
  throw new UsageError(`--shard must be I/N with 1 <= I <= N, as 2/4; got "${text}".`);
}

const stepOf = ({ fraction, done, failed, total, running, secondsLeft }: StudyProgress) => ({
  secondsLeft,
  step: Math.round(fraction * 1e6),
  steps: 1e6,
  note: [`${done}/${total} units`, ...(failed > 0 ? [`${failed} failed`] : []), ...running.slice(0, 1)].join(
    ', ',
  ),
});

const partReport = ({ out, shard }: StudyValues, { run, record }: StudyResult): Report => ({
  text: [
    `part ${shard} in ${out}: ${run.units.done} units computed, ${run.units.reused} there before`,
    ...failuresOf(record),
    'adjoint study --merge makes tables and report of all parts',
  ].join('\n'),
  json: { out, shard, units: run.units, failures: record.failures },
  isFailure: record.failures.length > 0,
});

function wholeReport({ out }: StudyValues, { run, record }: StudyResult): Report {
  const report = path.join(out, 'report.html');
  const verdicts = record.claims.map(({ id, verdict }) => `${id} ${verdict}`);
  return {
    text: [
      ...failuresOf(record),
      `claims: ${verdicts.join('; ')}`,
      `${run.units.done} units in ${run.seconds.toFixed(0)} s, ${run.units.reused} there before`,
      `report: ${report}`,
    ].join('\n'),
    json: {
      out,
      report,
      claims: record.claims,
      units: run.units,
      seconds: run.seconds,
      failures: record.failures,
    },
    isFailure: record.failures.length > 0,
  };
}

/** Units that failed, and why; those that only needed them are counted. */
function failuresOf({ failures }: StudyResult['record']): string[] {
  if (failures.length === 0) return [];
  const own = failures.filter(({ error }) => !error.startsWith('needs '));
  const others = failures.length - own.length;
  return [
    `${failures.length} units failed:`,
    ...own.map(({ label, error }) => `  ${label}: ${error}`),
    ...(others > 0 ? [`  and ${others} that needed them`] : []),
  ];
}
