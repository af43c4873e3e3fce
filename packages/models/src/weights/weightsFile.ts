import {
  AdjointError,
  ArgumentError,
  checkOptions,
  type DecodeOptions,
  decodeSafetensors,
  describe,
  FormatError,
  loadSafetensors,
  NumericalError,
  type Safetensors,
  saveSafetensors,
  scope,
  stack,
  sum,
} from '@adjoint/tensor';
import { checkParameters, type Network, type Parameters } from '../network.js';
import { namedNetwork, unetOfShapes } from './architectures.js';

/** Weights with the network they are of. */
export interface Weights {
  readonly network: Network;
  readonly parameters: Parameters;
  /** Strings that tell where they come from. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface LoadWeightsOptions extends DecodeOptions {
  /** What the weights are of; needed for networks of one's own. Default: what the file says. */
  readonly network?: Network | undefined;
}

/**
 * Writes weights as safetensors, whole or not at all, under PyTorch's names: `safetensors.torch.load_file` gives a state
 * dict. The network's architecture and config go into the strings of the file.
 *
 * @throws ArgumentError, ShapeError, DTypeError for other parameters than the network's, or a file that cannot be written
 */
export async function saveWeights(
  path: string,
  weights: Omit<Weights, 'metadata'> & Partial<Weights>,
): Promise<void> {
  const fn = 'saveWeights';
  const { network, parameters, metadata = {} } = weights;
  checkParameters(fn, 'parameters', network, parameters);
  for (const [name, text] of Object.entries(metadata))
    if (typeof text !== 'string')
      throw new ArgumentError({ fn, argument: `metadata.${name}`, expected: 'a text', got: describe(text) });
  const { architecture, config } = network;
  await saveSafetensors(path, parameters, { ...metadata, architecture, config: JSON.stringify(config) });
}

/**
 * Reads weights: files of `saveWeights`, and safetensors made of fastMRI's U-nets (docs/weights.md), whose size follows
 * from the shapes. Half precision becomes single.
 *
 * @throws FormatError that names what is missing, unknown, of another shape or dtype; NumericalError for NaN and infinity
 * @example const { network, parameters } = await loadWeights('unet.safetensors');
 */
export async function loadWeights(path: string, options: LoadWeightsOptions = {}): Promise<Weights> {
  const fn = 'loadWeights';
  const { network, ...where } = checkOptions(fn, options, ['network', 'device']);
  return weightsOf(fn, path, await loadSafetensors(path, where), network);
}

/** `loadWeights` of bytes: on a page. */
export async function decodeWeights(bytes: Uint8Array, options: LoadWeightsOptions = {}): Promise<Weights> {
  const fn = 'decodeWeights';
  const { network, ...where } = checkOptions(fn, options, ['network', 'device']);
  return weightsOf(fn, 'the bytes', decodeSafetensors(bytes, where), network);
}

async function weightsOf(
  fn: string,
  place: string,
  { tensors, metadata }: Safetensors,
  wanted: Network | undefined,
): Promise<Weights> {
  try {
    const network = wanted ?? networkOf(fn, place, { tensors, metadata });
    inFile(() => checkParameters(fn, place, network, tensors));
    const parameters = Object.fromEntries(Object.keys(network.shapes).map((name) => [name, tensors[name]!]));
    await checkFinite(fn, place, parameters);
    return { network, parameters, metadata: { ...metadata } };
  } catch (error) {
    for (const x of Object.values(tensors)) x.dispose();
    throw error;
  }
}

function networkOf(fn: string, place: string, { tensors, metadata }: Safetensors): Network {
  if (metadata.architecture !== undefined) return namedNetwork(fn, place, metadata);
  const shapes = Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]));
  const found = unetOfShapes(shapes);
  if (found) return found;
  throw new FormatError({
    fn,
    argument: place,
    expected: "a file of saveWeights, or with the names of fastMRI's U-net",
    got: `neither: ${Object.keys(tensors).slice(0, 3).join(', ') || 'no tensors'}`,
    remedy: 'Pass { network } for a network of your own; docs/weights.md tells how to convert checkpoints.',
  });
}

/** What is wrong with tensors of a file is wrong with the file. */
function inFile(check: () => void): void {
  try {
    check();
  } catch (error) {
    if (error instanceof AdjointError && error.parts) throw new FormatError(error.parts);
    throw error;
  }
}

async function checkFinite(fn: string, place: string, parameters: Parameters): Promise<void> {
  using zeros = scope(() => stack(Object.values(parameters).map((x) => sum(x.mul(0)))));
  const found = (await zeros.data()).findIndex((value) => Number.isNaN(value));
  if (found < 0) return;
  throw new NumericalError({
    fn,
    argument: `${Object.keys(parameters)[found]} of ${place}`,
    expected: 'finite',
    got: 'NaN or infinity',
  });
}
