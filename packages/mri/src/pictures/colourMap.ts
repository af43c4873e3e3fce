import { checkChoice } from '@adjoint/tensor';
/** 256 colours as red, green, blue bytes. */
export type ColourMap = Uint8Array;

export const colourMapNames = ['gray', 'viridis', 'magma', 'phase'] as const;
export type ColourMapName = (typeof colourMapNames)[number];

type Cubic = readonly (readonly [red: number, green: number, blue: number])[];

/**
 * Polynomials in t = 0 … 1, lowest power first, fitted to matplotlib's maps of these names (Smith and van der Walt, CC0):
 * a few levels off.
 */
const viridis: Cubic = [
  [0.2777273272234177, 0.005407344544966578, 0.3340998053353061],
  [0.1050930431085774, 1.404613529898575, 1.384590162594685],
  [-0.3308618287255563, 0.214847559468213, 0.09509516302823659],
  [-4.634230498983486, -5.799100973351585, -19.33244095627987],
  [6.228269936347081, 14.17993336680509, 56.69055260068105],
  [4.776384997670288, -13.74514537774601, -65.35303263337234],
  [-5.435455855934631, 4.645852612178535, 26.3124352495832],
];

const magma: Cubic = [
  [-0.002136485053939582, -0.000749655052795221, -0.005386127855323933],
  [0.2516605407371642, 0.6775232436837668, 2.494026599312351],
  [8.353717279216625, -3.577719514958484, 0.3144679030132573],
  [-27.66873308576866, 14.26473078096533, -13.64921318813922],
  [52.17613981234068, -27.94360607168351, 12.94416944238394],
  [-50.76852536473588, 29.04658282127291, 4.23415299384598],
  [18.65570506591883, -11.48977351997711, -5.601961508734096],
];

const makers: Readonly<Record<ColourMapName, (t: number) => readonly number[]>> = {
  gray: (t) => [t, t, t],
  viridis: (t) => evaluate(viridis, t),
  magma: (t) => evaluate(magma, t),
  phase: hue,
};

const made = new Map<ColourMapName, ColourMap>();

/** The map of a name; `phase` runs once around the colour circle and ends where it begins. */
export function colourMap(name: ColourMapName): ColourMap {
  let map = made.get(checkChoice('colourMap', 'name', name, colourMapNames));
  if (!map) {
    map = new Uint8Array(3 * 256);
    for (let level = 0; level < 256; level++) map.set(makers[name](level / 255).map(toByte), 3 * level);
    made.set(name, map);
  }
  return map;
}

/** Index of a value in a map that shows `low` to `high`; NaN, which no picture should hide, has none. */
export const levelOf = (value: number, low: number, high: number): number | undefined => {
  if (Number.isNaN(value)) return undefined;
  const t = high > low ? (value - low) / (high - low) : 0;
  return Math.round(255 * Math.min(1, Math.max(0, t)));
};

const evaluate = (coefficients: Cubic, t: number): number[] =>
  [0, 1, 2].map((channel) => coefficients.reduceRight((sum, row) => sum * t + row[channel]!, 0));

/** Full colour of the circle at angle 2πt: red, yellow, green, cyan, blue, magenta. */
function hue(t: number): number[] {
  const channel = (shift: number): number => {
    const position = (6 * t + shift) % 6;
    return Math.max(0, Math.min(1, Math.min(position, 4 - position)));
  };
  return [channel(2), channel(0), channel(4)];
}

const toByte = (value: number): number => Math.round(255 * Math.min(1, Math.max(0, value)));
