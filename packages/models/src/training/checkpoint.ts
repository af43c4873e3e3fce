import { FormatError, loadSafetensors, saveSafetensors, type Tensor, tensor } from '@adjoint/tensor';
import { checkParameters, type Network, type Parameters } from '../network.js';

/** The mean loss of the validation data after a step. */
export interface ValidationPoint {
  readonly step: number;
  readonly loss: number;
}

/** What must be the same for a resumed training to go on as if nothing had happened. */
export interface Identity {
  readonly architecture: string;
  readonly config: Readonly<Record<string, number>>;
  readonly optimizer: string;
  readonly batchSize: number;
  readonly size: number;
  /** Words of the key. */
  readonly key: readonly number[];
}

/** Where a training stands. */
export interface Standing {
  readonly losses: readonly number[];
  readonly validation: readonly ValidationPoint[];
  /** Of training so far, over all runs. */
  readonly seconds: number;
}

/** A training at rest. */
export interface Checkpoint extends Standing {
  readonly parameters: Parameters;
  readonly optimiser: Readonly<Record<string, Tensor>>;
}

const parameterPrefix = 'parameters.';
const optimiserPrefix = 'optimiser.';
const lossesName = 'losses';
const format = 1;

const prefixed = (prefix: string, tensors: Readonly<Record<string, Tensor>>): [string, Tensor][] =>
  Object.entries(tensors).map(([name, x]) => [prefix + name, x]);

/** Writes everything a training needs to go on, in one file, whole or not at all. */
export async function saveCheckpoint(path: string, identity: Identity, state: Checkpoint): Promise<void> {
  const { parameters, optimiser, losses, validation, seconds } = state;
  using history = tensor(Float32Array.from(losses));
  const tensors = Object.fromEntries([
    ...prefixed(parameterPrefix, parameters),
    ...prefixed(optimiserPrefix, optimiser),
    [lossesName, history],
  ]);
  const training = JSON.stringify({ format, ...identity, seconds, validation });
  await saveSafetensors(path, tensors, { training });
}

/**
 * Reads a checkpoint of the same training.
 * @throws FormatError that names what differs
 */
export async function loadCheckpoint(
  fn: string,
  path: string,
  network: Network,
  identity: Identity,
): Promise<Checkpoint> {
  const { tensors, metadata } = await loadSafetensors(path);
  try {
    const training = readTraining(fn, path, metadata.training);
    for (const [name, wanted] of Object.entries(identity)) {
      const [expected, got] = [JSON.stringify(wanted), JSON.stringify(training[name])];
      if (expected !== got) throw differs(fn, path, name, expected, got);
    }
    const unordered = below(tensors, parameterPrefix);
    checkParameters(fn, path, network, unordered);
    const history = tensors[lossesName];
    if (history === undefined) throw differs(fn, path, lossesName, 'there', 'none');
    const losses = Array.from(await history.data());
    history.dispose();
    return {
      // in the network's order, which decides where each lies in the vector of all weights
      parameters: Object.fromEntries(Object.keys(network.shapes).map((name) => [name, unordered[name]!])),
      optimiser: below(tensors, optimiserPrefix),
      losses,
      validation: training.validation,
      seconds: training.seconds,
    };
  } catch (error) {
    for (const x of Object.values(tensors)) x.dispose();
    throw error;
  }
}

/** The tensors whose names start with a prefix, without it. */
const below = (tensors: Readonly<Record<string, Tensor>>, prefix: string): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(tensors).flatMap(([name, x]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), x] as const] : [],
    ),
  );

interface Training {
  readonly validation: ValidationPoint[];
  readonly seconds: number;
  readonly [name: string]: unknown;
}

function readTraining(fn: string, path: string, text: string | undefined): Training {
  try {
    const read = JSON.parse(text ?? 'null');
    const isPoint = (point: Partial<ValidationPoint> | null) =>
      Number.isSafeInteger(point?.step) && typeof point?.loss === 'number';
    const isWhole =
      Array.isArray(read?.validation) && read.validation.every(isPoint) && Number.isFinite(read.seconds);
    if (read?.format === format && isWhole) return read;
  } catch {
    // said below
  }
  throw differs(
    fn,
    path,
    'training',
    `of a checkpoint of format ${format}`,
    text === undefined ? 'none' : 'others',
  );
}

const differs = (
  fn: string,
  path: string,
  what: string,
  expected: string,
  got: string | undefined,
): FormatError =>
  new FormatError({
    fn,
    argument: `${what} of ${path}`,
    expected,
    got: got ?? 'none',
    remedy: 'Resume with the options of that training, or without resume into another checkpoint.',
  });
