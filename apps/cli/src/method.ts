import type { Reconstructor } from '@adjoint/mri';
import { UsageError } from './failure.js';
import { checkInput } from './files/checkFiles.js';
import type { Options, Values } from './option.js';
import type { Session } from './session.js';

export const methodNames = ['zero-filled', 'cg-sense', 'l1', 'tv', 'unet'] as const;
export type MethodName = (typeof methodNames)[number];

/** Options of the reconstruction methods but for their weight, which `tune` varies. */
export const methodOptions = {
  iterations: { kind: 'integer', min: 1, max: 1_000_000, about: 'steps of cg-sense, l1 and tv at most' },
  transform: {
    kind: 'choice',
    choices: ['wavelet', 'fourier', 'dct'],
    about: 'of l1: where the image is sparse; default wavelet',
  },
  wavelet: {
    kind: 'text',
    placeholder: 'NAME',
    about: 'of l1: haar, db2 to db10, sym2 to sym8; default db4',
  },
  level: { kind: 'integer', min: 0, max: 16, about: 'of l1: levels of the wavelet transform' },
  combine: {
    kind: 'choice',
    choices: ['rss', 'sense'],
    about: 'of zero-filled: root sum of squares of the coil images, or weighted with the maps; default rss',
  },
  output: {
    kind: 'choice',
    choices: ['magnitude', 'complex'],
    about: 'of cg-sense, l1 and tv: magnitudes, or images with their phase; default magnitude',
  },
  weights: {
    kind: 'text',
    placeholder: 'FILE',
    about: 'of unet: safetensors that adjoint train wrote, or the name of shipped weights: unet-head-t1',
  },
} as const satisfies Options;

export interface MethodValues extends Values<typeof methodOptions> {
  readonly method: MethodName;
}

/** Which options say something to which method: one that would do nothing is refused. */
const meaning = {
  lambda: ['cg-sense', 'l1', 'tv'],
  iterations: ['cg-sense', 'l1', 'tv'],
  transform: ['l1'],
  wavelet: ['l1'],
  level: ['l1'],
  combine: ['zero-filled'],
  output: ['cg-sense', 'l1', 'tv'],
  weights: ['unet'],
} as const satisfies Readonly<Record<string, readonly MethodName[]>>;

/**
 * Makes the method that options describe, for any weight of its regularisation. Weights of networks are loaded to the
 * device, which this makes ready for them. Throws UsageError for options that mean nothing to it.
 */
export async function methodMaker(
  values: MethodValues & { readonly lambda?: number | undefined },
  session: Session,
): Promise<(lambda: number | undefined) => Reconstructor> {
  const { method, iterations, transform, wavelet, level, combine = 'rss', output } = values;
  for (const [name, methods] of Object.entries(meaning))
    if (
      values[name as keyof typeof meaning] !== undefined &&
      !(methods as readonly string[]).includes(method)
    )
      throw new UsageError(`--${name} means nothing to ${method}; it is for ${methods.join(', ')}.`);
  if (method === 'unet') return trained(values.weights, session);
  const { cgSense, l1, totalVariation, zeroFilled } = await import('@adjoint/mri');
  const steps = { iterations, output };
  switch (method) {
    case 'zero-filled':
      return () => zeroFilled({ combine });
    case 'cg-sense':
      return (lambda) => cgSense({ ...steps, lambda });
    case 'l1':
      return (lambda) => l1({ ...steps, lambda, transform, wavelet, level });
    case 'tv':
      return (lambda) => totalVariation({ ...steps, lambda });
  }
}

/** A network with weights of a file, or with those that a name stands for. */
async function trained(weights: string | undefined, session: Session): Promise<() => Reconstructor> {
  if (weights === undefined)
    throw new UsageError('--method unet needs --weights: a file of adjoint train, or unet-head-t1.');
  const { loadWeights, shippedNames, shippedWeights, unetReconstructor } = await import('@adjoint/models');
  const shipped = shippedNames.find((name) => name === weights);
  if (shipped === undefined) await checkInput(weights);
  await session.device();
  const { network, parameters } = await (shipped ? shippedWeights(shipped) : loadWeights(weights));
  const method = unetReconstructor({ network, parameters, name: 'unet' });
  return () => method;
}
