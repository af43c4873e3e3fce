/**
 * A region of the plane as its signed distance, negative inside; lengths in fields of view. Exact for half planes,
 * to first order near the boundary for everything else, which is all that soft edges and thin layers need.
 */
export type Region = (y: number, x: number) => number;

/** A filled ellipse around (y, x); `angle` in radians from the x axis towards the y axis, which points down. */
export function ellipse(y: number, x: number, along: number, across: number, angle = 0): Region {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return (py, px) => {
    const u = (px - x) * c + (py - y) * s;
    const v = (py - y) * c - (px - x) * s;
    const level = Math.hypot(u / along, v / across);
    if (level < 1e-6) return -Math.min(along, across);
    const slope = Math.hypot(u / (along * along), v / (across * across)) / level;
    return (level - 1) / slope;
  };
}

/** All points within `radius` of the segment between two points: a bone's shaft, a ligament. */
export function capsule(y0: number, x0: number, y1: number, x1: number, radius: number): Region {
  const [dy, dx] = [y1 - y0, x1 - x0];
  const square = dy * dy + dx * dx;
  return (y, x) => {
    const t = Math.min(1, Math.max(0, ((y - y0) * dy + (x - x0) * dx) / square));
    return Math.hypot(y - y0 - t * dy, x - x0 - t * dx) - radius;
  };
}

/** Both, with the corner between them rounded over a length `round`. Source: Quilez, polynomial smooth minimum. */
export function union(a: Region, b: Region, round = 0): Region {
  return (y, x) => {
    const [da, db] = [a(y, x), b(y, x)];
    const overlap = Math.max(round - Math.abs(da - db), 0);
    return Math.min(da, db) - (round > 0 ? (overlap * overlap) / (4 * round) : 0);
  };
}

/** Farther out than this nobody asks how far: the second region need not be looked at. */
const farOut = 0.05;

/** Points of both; put the cheaper or smaller region first. */
export const intersection =
  (a: Region, b: Region): Region =>
  (y, x) => {
    const d = a(y, x);
    return d > farOut ? d : Math.max(d, b(y, x));
  };

/** Points of the first that are not in the second. */
export const without =
  (a: Region, b: Region): Region =>
  (y, x) => {
    const d = a(y, x);
    return d > farOut ? d : Math.max(d, -b(y, x));
  };

/** Points between two distances from a boundary, negative ones inside: a layer of cartilage, a skull. */
export const layer =
  (region: Region, from: number, to: number): Region =>
  (y, x) => {
    const d = region(y, x);
    return Math.max(from - d, d - to);
  };

/** The same region mirrored at the line x = 0. */
export const mirrored =
  (region: Region): Region =>
  (y, x) =>
    region(y, -x);

/** The same region larger by a factor, from the origin. */
export const scaled =
  (region: Region, factor: number): Region =>
  (y, x) =>
    factor * region(y / factor, x / factor);
