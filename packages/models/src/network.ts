import {
  ArgumentError,
  DTypeError,
  formatShape,
  formatType,
  type Key,
  ShapeError,
  sameShape,
  Tensor,
} from '@adjoint/tensor';

/** Weights by their names in PyTorch's state dict: `conv.layers.0.weight`. */
export type Parameters = { readonly [name: string]: Tensor };

export interface ApplyOptions {
  /** Randomness of training (dropout). Without it, layers do what they do in evaluation. */
  readonly key?: Key | undefined;
}

/** A part of a network: the shapes of its weights, how they start, and what it computes with them. */
export interface Layer {
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** Random weights, as PyTorch draws them by default; equal keys give equal weights. */
  init(key: Key): Parameters;
  apply(parameters: Parameters, x: Tensor, options?: ApplyOptions): Tensor;
}

/** A whole network: a layer with a name and numbers from which it can be made again. */
export interface Network extends Layer {
  readonly architecture: string;
  readonly config: Readonly<Record<string, number>>;
}

/** How many numbers the weights of a layer are. */
export const parameterCount = ({ shapes }: Pick<Layer, 'shapes'>): number =>
  Object.values(shapes).reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);

const most = 3;
const listed = (names: readonly string[]): string =>
  names.slice(0, most).join(', ') + (names.length > most ? ` and ${names.length - most} more` : '');

/**
 * Requires the weights that a network has, no others, each of its shape and of f32 or f64.
 *
 * @param argument what holds them: an option, a file
 * @throws ArgumentError, ShapeError, DTypeError that name the weights at fault
 */
export function checkParameters(
  fn: string,
  argument: string,
  { shapes }: Pick<Layer, 'shapes'>,
  parameters: Parameters,
): void {
  const found = parameters === null || typeof parameters !== 'object' ? [] : Object.keys(parameters);
  const missing = Object.keys(shapes).filter((name) => !(parameters?.[name] instanceof Tensor));
  const unknown = found.filter((name) => !Object.hasOwn(shapes, name));
  const expected = 'the weights of the network';
  if (missing.length > 0)
    throw new ArgumentError({ fn, argument, expected, got: `none called ${listed(missing)}` });
  if (unknown.length > 0) throw new ArgumentError({ fn, argument, expected, got: `also ${listed(unknown)}` });
  for (const [name, shape] of Object.entries(shapes))
    checkParameter(fn, argument, name, shape, parameters[name]!);
}

function checkParameter(
  fn: string,
  argument: string,
  name: string,
  shape: readonly number[],
  value: Tensor,
): void {
  value.check(fn, `${name} of ${argument}`);
  const parts = {
    fn,
    argument: `${name} of ${argument}`,
    expected: `f32 ${formatShape(shape)}`,
    got: formatType(value),
  };
  if (!sameShape(value.shape, shape)) throw new ShapeError(parts);
  if (value.dtype !== 'f32' && value.dtype !== 'f64') throw new DTypeError(parts);
}
