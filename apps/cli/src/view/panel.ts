import { type ColourMapName, colourMap, levelOf } from './colourMap.js';
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

export interface Window {
  readonly low: number;
  readonly high: number;
}

/** NaN and infinity are shown in this colour, which no map has. */
const notFinite = [255, 0, 255] as const;

/** Real values in the colours of a map. */
export function valuePanel(
  title: string,
  { height, width, values }: Plane,
  { low, high }: Window,
  name: ColourMapName,
): Panel {
  const map = colourMap(name);
  const data = new Uint8Array(3 * height * width);
  for (let i = 0; i < height * width; i++) {
    const level = Number.isFinite(values[i]) ? levelOf(values[i]!, low, high) : undefined;
    if (level === undefined) data.set(notFinite, 3 * i);
    else data.set(map.subarray(3 * level, 3 * level + 3), 3 * i);
  }
  return { title, range: `${short(low)} .. ${short(high)}`, raster: { height, width, data } };
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
      data.set(notFinite, 3 * i);
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
