import { FormatError } from '@adjoint/tensor';
import type { Network } from '../network.js';
import { unet } from '../unet/index.js';

/** Networks that a file of weights can name. */
const architectures: Readonly<Record<string, (config: Readonly<Record<string, number>>) => Network>> = {
  unet,
};

/** The network that a file says its weights are of: strings `architecture` and `config`. */
export function namedNetwork(fn: string, place: string, metadata: Readonly<Record<string, string>>): Network {
  const { architecture = '', config = '{}' } = metadata;
  const make = Object.hasOwn(architectures, architecture) ? architectures[architecture] : undefined;
  if (!make)
    throw new FormatError({
      fn,
      argument: `architecture of ${place}`,
      expected: `one of ${Object.keys(architectures).join(', ')}`,
      got: JSON.stringify(architecture.slice(0, 40)),
      remedy: 'Pass { network } for a network of your own.',
    });
  const refuse = (got: string): FormatError =>
    new FormatError({ fn, argument: `config of ${place}`, expected: `options of ${architecture}`, got });
  let options: unknown;
  try {
    options = JSON.parse(config);
  } catch {
    throw refuse('a text that is no JSON');
  }
  try {
    return make(options as Record<string, number>);
  } catch (error) {
    throw refuse((error as Error).message);
  }
}

/**
 * The U-net that weights without a description are of, from their names and shapes: files made of PyTorch's state dicts
 * have nothing else. Undefined if they are no U-net's.
 */
export function unetOfShapes(shapes: Readonly<Record<string, readonly number[]>>): Network | undefined {
  const first = shapes['down_sample_layers.0.layers.0.weight'];
  if (first?.length !== 4) return undefined;
  let pools = 0;
  while (Object.hasOwn(shapes, `down_sample_layers.${pools}.layers.0.weight`)) pools++;
  const last = shapes[`up_conv.${pools - 1}.1.weight`];
  try {
    return unet({ inChans: first[1], chans: first[0], outChans: last?.[0], pools });
  } catch {
    return undefined;
  }
}
