import { checkTensor } from '../dispatch.js';
import { dtypeInfo } from '../dtype.js';
import { DTypeError, ShapeError } from '../errors.js';
import { formatShape, type Shape, sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';

/** A live real floating tensor: the statistics and activations of networks are not defined elsewhere. */
export function checkReal(fn: string, argument: string, value: unknown): Tensor {
  const x = checkTensor(fn, argument, value);
  if (dtypeInfo[x.dtype].kind !== 'float')
    throw new DTypeError({
      fn,
      argument,
      expected: 'of dtype f32 or f64',
      got: x.dtype,
      remedy: 'Use cast() for integers; treat real and imaginary part of complex data as channels.',
    });
  return x;
}

/** An optional real tensor (a weight, a bias, running statistics) of a known shape. */
export function checkParameter(fn: string, option: string, value: unknown, shape: Shape): Tensor | undefined {
  if (value === undefined) return undefined;
  const parameter = checkReal(fn, `option ${option}`, value);
  if (!sameShape(parameter.shape, shape))
    throw new ShapeError({
      fn,
      argument: `option ${option}`,
      expected: `of shape ${formatShape(shape)}`,
      got: formatShape(parameter.shape),
    });
  return parameter;
}

/** Requires rank 2 or more: batch first, channels second, any further axes after them. */
export function checkChannels(fn: string, x: Tensor, minRank: 2 | 3): void {
  if (x.rank >= minRank) return;
  throw new ShapeError({
    fn,
    argument: 'argument 1',
    expected: minRank === 2 ? 'of shape [N, C, …]' : 'of shape [N, C, L, …]',
    got: formatShape(x.shape),
    remedy: 'Use unsqueeze() to add the missing axes.',
  });
}
