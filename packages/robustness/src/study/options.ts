import path from 'node:path';
import {
  ArgumentError,
  checkBoolean,
  checkChoice,
  checkInteger,
  checkNumber,
  checkOptions,
  describe,
} from '@adjoint/tensor';
import type { StudyProgress } from './core/schedule.js';
import type { StudyDataset } from './data/dataset.js';
import type { StudyProgram } from './plan/externalPlan.js';
import { methodNames, type StudyMethodName } from './plan/methodPlan.js';
import { type ExperimentName, experimentNames, type ProfileName, profileNames } from './plan/profiles.js';

export interface StudyOptions {
  /** Folder of the study, made if there is none. */
  readonly out: string;
  /** Default 'quick'. */
  readonly profile?: ProfileName | undefined;
  /** Default: all. */
  readonly experiments?: readonly ExperimentName[] | undefined;
  /** Default: all. */
  readonly methods?: readonly StudyMethodName[] | undefined;
  /** Instead of the profile's images: folders with HDF5 files of the fastMRI layout, data sets of one's own. */
  readonly data?: readonly (string | StudyDataset)[] | undefined;
  /** Goes on with a study that is in the folder already; default false: such a folder is refused. */
  readonly resume?: boolean | undefined;
  /** Only part i of n of the units, i from 1; `mergeStudies` makes the tables of all parts. */
  readonly shard?: { readonly index: number; readonly count: number } | undefined;
  /** Worker processes; default one per core (one for a GPU). */
  readonly jobs?: number | undefined;
  /** Of everything random; default 0. */
  readonly seed?: number | undefined;
  /** Where units compute; default 'wasm', deterministic and on one thread each: equal bits on every machine. */
  readonly device?: 'wasm' | 'webgpu' | 'reference' | undefined;
  /** Weights of the method unet, a file of `saveWeights`; default: those that come with the library. */
  readonly weights?: string | undefined;
  /** Trains the method unet first, from random weights, instead; default false. */
  readonly retrain?: boolean | undefined;
  /** Programs that join as methods, beside `methods`: they are tried on everything, and nothing is made for them. */
  readonly external?: readonly StudyProgram[] | undefined;
  /** After which one reconstruction by a program is given up, in milliseconds; default one minute. */
  readonly externalTimeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: StudyProgress) => void) | undefined;
}

/** Options with their defaults. */
export interface StudySettings {
  readonly out: string;
  readonly profile: ProfileName;
  readonly experiments: readonly ExperimentName[];
  readonly methods: readonly StudyMethodName[];
  readonly data: readonly (string | StudyDataset)[];
  readonly resume: boolean;
  readonly shard: { readonly index: number; readonly count: number } | undefined;
  readonly jobs: number;
  readonly seed: number;
  readonly device: 'wasm' | 'webgpu' | 'reference';
  readonly weights: string | undefined;
  readonly retrain: boolean;
  readonly external: readonly StudyProgram[];
  readonly externalTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: StudyProgress) => void) | undefined;
}

const optionNames = [
  ...['out', 'profile', 'experiments', 'methods', 'data', 'resume', 'shard', 'jobs', 'seed', 'device'],
  ...['weights', 'retrain', 'external', 'externalTimeoutMs', 'signal', 'onProgress'],
];

export function checkStudyOptions(fn: string, options: StudyOptions, cores: number): StudySettings {
  checkOptions(fn, options, optionNames);
  const { experiments, methods, shard, weights, device = 'wasm', data = [] } = options;
  checkChoice(fn, 'option device', device, ['wasm', 'webgpu', 'reference']);
  if (shard !== undefined) {
    checkOptions(fn, shard, ['index', 'count'], 'option shard');
    checkInteger(fn, 'option shard.count', shard.count, { min: 1, max: 10_000 });
    checkInteger(fn, 'option shard.index', shard.index, { min: 1, max: shard.count });
  }
  if (!Array.isArray(data)) throw wrong(fn, 'option data', 'a list of folders and data sets', data);
  if (weights !== undefined && typeof weights !== 'string')
    throw wrong(fn, 'option weights', 'a path', weights);
  const usualJobs = device === 'webgpu' ? 1 : cores;
  const { external = [], externalTimeoutMs = 60_000 } = options;
  checkPrograms(fn, external);
  const checked = {
    methods: checkList(fn, 'option methods', methods, methodNames),
    retrain: checkBoolean(fn, 'option retrain', options.retrain ?? false),
  };
  checkRetraining(fn, checked, weights);
  return {
    out: path.resolve(checkFolder(fn, options.out)),
    profile: checkChoice(fn, 'option profile', options.profile ?? 'quick', profileNames),
    experiments: checkList(fn, 'option experiments', experiments, experimentNames),
    ...checked,
    external,
    externalTimeoutMs: checkNumber(fn, 'option externalTimeoutMs', externalTimeoutMs, { positive: true }),
    resume: checkBoolean(fn, 'option resume', options.resume ?? false),
    jobs: checkInteger(fn, 'option jobs', options.jobs ?? usualJobs, { min: 1, max: 1024 }),
    seed: checkInteger(fn, 'option seed', options.seed ?? 0, { min: 0, max: 2 ** 31 - 1 }),
    ...{ data, shard, device, weights, signal: options.signal, onProgress: options.onProgress },
  };
}

/** What is trained is not read, and something must need it. */
function checkRetraining(
  fn: string,
  { methods, retrain }: Pick<StudySettings, 'methods' | 'retrain'>,
  weights: string | undefined,
): void {
  const refuse = (expected: string, got: string): never => {
    throw new ArgumentError({ fn, argument: 'option retrain', expected, got });
  };
  if (!retrain) return;
  if (weights !== undefined) refuse('without option weights, which it would not read', weights);
  if (!methods.includes('unet')) refuse('with the method unet, which it trains', methods.join(', '));
}

/** Requires programs whose names are no other method's. */
function checkPrograms(fn: string, external: unknown): asserts external is readonly StudyProgram[] {
  const argument = 'option external';
  if (!Array.isArray(external)) throw wrong(fn, argument, 'a list of programs', external);
  const taken: string[] = [...methodNames];
  for (const program of external) {
    const { name = 'external' } = checkOptions(fn, program, ['command', 'name'], argument);
    if (typeof name !== 'string' || !/^[\w.-]{1,40}$/.test(name))
      throw wrong(fn, `${argument}: name`, '1 to 40 letters, digits, dots, hyphens, underscores', name);
    if (taken.includes(name)) throw wrong(fn, `${argument}: name`, 'no other method’s', name);
    taken.push(name);
  }
}

/** Requires a path. */
export function checkFolder(fn: string, out: unknown): string {
  if (typeof out === 'string' && out !== '') return out;
  throw wrong(fn, 'option out', 'a folder', out);
}

/** Names in the order of the library, each once. */
function checkList<T extends string>(
  fn: string,
  argument: string,
  given: readonly T[] | undefined,
  known: readonly T[],
): readonly T[] {
  if (given === undefined) return known;
  if (!Array.isArray(given) || given.length === 0) throw wrong(fn, argument, 'a list of names', given);
  for (const name of given) checkChoice(fn, argument, name, known);
  return known.filter((name) => given.includes(name));
}

const wrong = (fn: string, argument: string, expected: string, got: unknown): ArgumentError =>
  new ArgumentError({ fn, argument, expected, got: describe(got) });
