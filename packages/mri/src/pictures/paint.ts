import { ArgumentError, checkNumber, checkOptions, describe } from '@adjoint/tensor';
import { onBehalf } from '../onBehalf.js';
import { type ColourMapName, colourMap, levelOf } from './colourMap.js';

/** The values that the first and the last colour of a map stand for. */
export interface Window {
  readonly low: number;
  readonly high: number;
}

/** NaN and infinity are painted in this colour, magenta, which no map has. */
export const notFiniteColour = [255, 0, 255] as const;

/** Real values in the colours of a map: red, green, blue bytes, one after the other. */
export function paint(values: ArrayLike<number>, window: Window, name: ColourMapName): Uint8Array {
  const fn = 'paint';
  if (typeof values?.length !== 'number')
    throw new ArgumentError({
      fn,
      argument: 'values',
      expected: 'an array of numbers',
      got: describe(values),
    });
  const { low, high } = checkOptions(fn, window, ['low', 'high'], 'the window');
  checkNumber(fn, 'low', low);
  checkNumber(fn, 'high', high);
  const map = onBehalf(fn, () => colourMap(name));
  const data = new Uint8Array(3 * values.length);
  for (let i = 0; i < values.length; i++) {
    const level = Number.isFinite(values[i]) ? levelOf(values[i]!, low, high) : undefined;
    if (level === undefined) data.set(notFiniteColour, 3 * i);
    else data.set(map.subarray(3 * level, 3 * level + 3), 3 * i);
  }
  return data;
}
