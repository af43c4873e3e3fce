import { type ColourMapName, colourMap, levelOf, notFiniteColour, paint, type Window } from '@adjoint/mri';
import type { Raster } from './raster.js';

/** One picture of a montage with what is said below it. */
export interface Panel {
  readonly title: string;
  /** The values that the darkest and the brightest colour stand for. */
  readonly range: string;
  readonly raster: Raster;
}

export interface Plane {
  readonly height: number;
  readonly width: number;
  readonly values: ArrayLike<number>;
}

/** Real values in the colours of a map. */
export function valuePanel(
  title: string,
  { height, width, values }: Plane,
  window: Window,
  name: ColourMapName,
): Panel {
  const range = `${short(window.low)} .. ${short(window.high)}`;
  return { title, range, raster: { height, width, data: paint(values, window, name) } };
}

/** Phase as hue; `weights`, if given, darken it where there is no signal, whose phase is noise. */
export function phasePanel(title: string, phase: Plane, weights: ArrayLike<number> | undefined): Panel {
  const map = colourMap('phase');
  const { height, width, values } = phase;
  const largest = weights ? largestOf(weights) : 1;
  const data = new Uint8Array(3 * height * width);
  for (let i = 0; i < height * width; i++) {
    const level = levelOf(values[i]!, -Math.PI, Math.PI);
    if (level === undefined) {
      data.set(notFiniteColour, 3 * i);
      continue;
    }
    // Three times the signal: the phase is shown at full brightness where there is a third of the maximum.
    const brightness = weights && largest > 0 ? Math.min(1, (3 * weights[i]!) / largest) : 1;
    for (let channel = 0; channel < 3; channel++)
      data[3 * i + channel] = Math.round(brightness * map[3 * level + channel]!);
  }
  return { title, range: '-pi .. pi', raster: { height, width, data } };
}

/** The largest finite value, 0 if there is none. */
export function largestOf(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++)
    if (Number.isFinite(values[i]) && values[i]! > largest) largest = values[i]!;
  return largest;
}

/** A number in at most three significant digits. */
const short = (value: number): string => String(Number(value.toPrecision(3)));
