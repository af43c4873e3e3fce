import { ArgumentError, checkInteger, checkOptions } from '@adjoint/tensor';
import type { FitResult } from './fit.js';

export interface LossCurveOptions {
  /** Default 'Training'. */
  readonly title?: string;
  /** In pixels; default 640. */
  readonly width?: number;
  /** In pixels; default 360. */
  readonly height?: number;
}

type Curve = Pick<FitResult, 'losses' | 'validation'>;

const margin = { left: 64, right: 16, top: 36, bottom: 44 };
const mostPoints = 200;
const blue = '#1f77b4';
const red = '#d62728';
/** Beyond this ratio of largest to smallest a logarithmic axis shows more. */
const logFrom = 10;

/** Where values of a curve stand on the picture. */
class Axes {
  private readonly scale: (loss: number) => number;
  private readonly isLog: boolean;
  private readonly bottom: number;
  private readonly span: number;

  constructor(
    private readonly steps: number,
    values: readonly number[],
    readonly width: number,
    readonly height: number,
  ) {
    const [lowest, highest] = [Math.min(...values), Math.max(...values)];
    this.isLog = lowest > 0 && highest / lowest > logFrom;
    this.scale = this.isLog ? Math.log10 : (loss) => loss;
    this.bottom = this.isLog ? Math.log10(lowest) : Math.min(0, lowest);
    this.span = this.scale(highest) - this.bottom || 1;
  }

  x(step: number): string {
    return (margin.left + ((this.width - margin.left - margin.right) * step) / this.steps).toFixed(1);
  }

  y(loss: number, below = 0): string {
    const part = (this.scale(loss) - this.bottom) / this.span;
    const bottom = this.height - margin.bottom;
    return (bottom - (bottom - margin.top) * part + below).toFixed(1);
  }

  at(step: number, loss: number): string {
    return `${this.x(step)},${this.y(loss)}`;
  }

  /** Lines and numbers. */
  frame(): string[] {
    const { width, height } = this;
    const fifths = [0, 0.25, 0.5, 0.75, 1];
    return [
      ...fifths.map((part) => {
        const value = this.bottom + this.span * part;
        const tick = this.isLog ? 10 ** value : value;
        const label = `<text x="${margin.left - 6}" y="${this.y(tick, 4)}" text-anchor="end">${tick.toPrecision(3)}</text>`;
        return `<path d="M${this.at(0, tick)} H${width - margin.right}" stroke="#ddd"/>${label}`;
      }),
      ...fifths.map((part) => {
        const step = Math.round(this.steps * part);
        return `<text x="${this.x(step)}" y="${height - margin.bottom + 18}" text-anchor="middle">${step}</text>`;
      }),
      `<text x="${width / 2}" y="${height - 8}" text-anchor="middle">step</text>`,
    ];
  }
}

/**
 * The losses of a training as an SVG picture: per point of the curve the mean of some steps, around it their range, and
 * the validation losses as dots.
 *
 * @throws ArgumentError without a single loss
 */
export function lossCurveSvg({ losses, validation }: Curve, options: LossCurveOptions = {}): string {
  const fn = 'lossCurveSvg';
  checkOptions(fn, options, ['title', 'width', 'height']);
  const { title = 'Training', width = 640, height = 360 } = options;
  checkInteger(fn, 'option width', width, { min: 160, max: 8192 });
  checkInteger(fn, 'option height', height, { min: 120, max: 8192 });
  if (losses.length === 0)
    throw new ArgumentError({ fn, argument: 'losses', expected: 'at least one', got: 'none' });
  const bins = binned(losses);
  const values = [...bins.flatMap(({ low, high }) => [low, high]), ...validation.map(({ loss }) => loss)];
  const axes = new Axes(losses.length, values, width, height);
  const band = [
    ...bins.map(({ step, high }) => axes.at(step, high)),
    ...bins.map(({ step, low }) => axes.at(step, low)).reverse(),
  ];
  const legend = `<tspan fill="${blue}">training</tspan>${validation.length > 0 ? ` <tspan fill="${red}">validation</tspan>` : ''}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12" fill="#222">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${margin.left}" y="22" font-size="14">${escaped(title)}</text>`,
    ...axes.frame(),
    `<polygon points="${band.join(' ')}" fill="${blue}" fill-opacity="0.2"/>`,
    `<polyline points="${bins.map(({ step, mean }) => axes.at(step, mean)).join(' ')}" fill="none" stroke="${blue}" stroke-width="1.5"/>`,
    ...validation.map(
      ({ step, loss }) => `<circle cx="${axes.x(step)}" cy="${axes.y(loss)}" r="3" fill="${red}"/>`,
    ),
    `<text x="${width - margin.right}" y="22" text-anchor="end">${legend}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

interface Bin {
  readonly step: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

function binned(losses: readonly number[]): Bin[] {
  const size = Math.ceil(losses.length / mostPoints);
  return Array.from({ length: Math.ceil(losses.length / size) }, (_, i) => {
    const part = losses.slice(i * size, (i + 1) * size);
    const mean = part.reduce((a, b) => a + b, 0) / part.length;
    return { step: i * size + (part.length + 1) / 2, mean, low: Math.min(...part), high: Math.max(...part) };
  });
}

const escaped = (text: string): string =>
  text.replace(/[<>&"]/g, (c) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' })[c]!);
