import { positions } from '../grid.js';
import type { Region } from './region.js';

/** What a pixel gets: one value, or one that depends on the pixel's index. */
export type Paint = number | ((pixel: number) => number);

/**
 * A square picture painted region over region, with edges softened over a pixel. Regions are looked up at warped
 * positions, so that no outline is a perfect ellipse.
 */
export class Canvas {
  readonly values: Float64Array;
  /** Positions of rows and of columns, without warp. */
  readonly axis: Float64Array;
  private readonly y: Float64Array;
  private readonly x: Float64Array;

  constructor(readonly size: number) {
    this.axis = positions(size);
    this.values = new Float64Array(size * size);
    this.y = this.values.map((_, i) => this.axis[Math.floor(i / size)]!);
    this.x = this.values.map((_, i) => this.axis[i % size]!);
  }

  /** Moves where later regions are looked up, in fields of view per pixel. */
  warp(dy: Float64Array, dx: Float64Array): void {
    for (let i = 0; i < this.values.length; i++) {
      this.y[i]! += dy[i]!;
      this.x[i]! += dx[i]!;
    }
  }

  /** The signed distance of every pixel. */
  distances(region: Region): Float64Array {
    return this.values.map((_, i) => region(this.y[i]!, this.x[i]!));
  }

  /**
   * Covers a region with a value.
   *
   * @param opacity 1 hides what was there.
   * @param edge width of the soft edge in fields of view; default a pixel.
   */
  paint(region: Region, value: Paint, opacity = 1, edge = 1 / this.size): void {
    for (let i = 0; i < this.values.length; i++) {
      const cover = opacity * coverage(region(this.y[i]!, this.x[i]!), edge);
      if (cover === 0) continue;
      const paint = typeof value === 'number' ? value : value(i);
      this.values[i]! += cover * (paint - this.values[i]!);
    }
  }

  /** Multiplies every pixel. */
  shade(factor: (y: number, x: number, pixel: number) => number): void {
    const { axis, size } = this;
    for (let i = 0; i < this.values.length; i++)
      this.values[i]! *= factor(axis[Math.floor(i / size)]!, axis[i % size]!, i);
  }
}

/** How much of a soft-edged region a point at a signed distance belongs to, 0 to 1. */
export const coverage = (distance: number, edge: number): number =>
  Math.min(1, Math.max(0, 0.5 - distance / edge));
