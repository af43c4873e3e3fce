import { fixed } from '../markup/numbers.js';

export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** Where values lie on an axis. */
export interface Scale {
  readonly kind: 'linear' | 'log';
  readonly ticks: readonly Tick[];
  /** Pixels. */
  at(value: number): number;
  /** Whether the axis has a place for a value. */
  has(value: number): boolean;
}

export interface ScaleOptions {
  readonly kind?: 'linear' | 'log' | undefined;
  /** Pixels of the two ends. */
  readonly from: number;
  readonly to: number;
  /** Ticks to aim at. Default 5. */
  readonly count?: number | undefined;
  /** Just these ticks; the axis still holds all values. */
  readonly ticks?: readonly number[] | undefined;
}

/** An axis that holds all finite values (of a logarithmic one: those above 0), out to round numbers. */
export function scaleOf(values: readonly number[], options: ScaleOptions): Scale {
  const { kind = 'linear' } = options;
  const known = values.filter((value) => Number.isFinite(value) && (kind === 'linear' || value > 0));
  return kind === 'log' ? logScale(known, options) : linearScale(known, options);
}

function linearScale(known: readonly number[], { from, to, count = 5, ticks }: ScaleOptions): Scale {
  let [low, high] = known.length > 0 ? [minimum(known), maximum(known)] : [0, 1];
  if (low === high) [low, high] = [low - (Math.abs(low) || 1) * 0.1, high + (Math.abs(high) || 1) * 0.1];
  const step = niceStep((high - low) / count);
  const [first, last] = ticks
    ? [low, high]
    : [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step];
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9) + (leadingDigits(step) === 2.5 ? 1 : 0));
  const places =
    ticks ?? Array.from({ length: Math.round((last - first) / step) + 1 }, (_, i) => first + i * step);
  return {
    kind: 'linear',
    ticks: places.map((value) => ({ value, label: ticks ? String(value) : fixed(value, digits) })),
    at: (value) => from + ((value - first) / (last - first)) * (to - from),
    has: Number.isFinite,
  };
}

function logScale(known: readonly number[], { from, to, ticks }: ScaleOptions): Scale {
  const [low, high] = known.length > 0 ? [minimum(known), maximum(known)] : [0.1, 1];
  const mantissas = Math.log10(high / low) < 2.5 ? [1, 2, 5] : [1];
  const [bottom, top] = [Math.floor(Math.log10(low) + 1e-9), Math.ceil(Math.log10(high) - 1e-9)];
  const candidates = Array.from({ length: top - bottom + 2 }, (_, i) =>
    mantissas.map((mantissa) => Number(`${mantissa}e${bottom + i}`)),
  ).flat();
  const first = candidates.filter((value) => value <= low * (1 + 1e-9)).at(-1) ?? low;
  const last = candidates.find((value) => value >= high * (1 - 1e-9) && value > first) ?? high;
  const span = Math.log(last / first) || 1;
  const every = mantissas.length > 1 ? 1 : Math.max(1, Math.ceil((top - bottom) / 6));
  const places = candidates.filter((value, i) => value >= first && value <= last && i % every === 0);
  return {
    kind: 'log',
    ticks: (ticks ?? places).map((value) => ({ value, label: logLabel(value) })),
    at: (value) => from + (Math.log(value / first) / span) * (to - from),
    has: (value) => Number.isFinite(value) && value > 0,
  };
}

/** The smallest of 1, 2, 2.5 and 5 times a power of ten that is at least as large. */
export function niceStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  const mantissa = [1, 2, 2.5, 5].find((m) => m * power >= atLeast * (1 - 1e-9)) ?? 10;
  return mantissa * power;
}

const leadingDigits = (value: number): number =>
  Number((value / 10 ** Math.floor(Math.log10(value) + 1e-9)).toPrecision(3));

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** 0.01, 500, 2·10⁻⁵ */
function logLabel(value: number): string {
  if (value >= 1e-4 && value < 1e4) return String(Number(value.toPrecision(6)));
  const [mantissa, exponent] = value.toExponential(0).split('e') as [string, string];
  const power = [...exponent.replace('+', '')]
    .map((c) => (c === '-' ? '⁻' : superscripts[Number(c)]))
    .join('');
  return mantissa === '1' ? `10${power}` : `${mantissa}·10${power}`;
}

export const minimum = (values: readonly number[]): number =>
  values.reduce((a, b) => Math.min(a, b), Infinity);
export const maximum = (values: readonly number[]): number =>
  values.reduce((a, b) => Math.max(a, b), -Infinity);
