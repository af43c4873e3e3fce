/** Complex sensitivity of one coil at a point of the field of view, written to `out` as re, im. */
export type CoilField = (y: number, x: number, out: Float64Array) => void;

/** A place on the ring around the object and the phase of the coil there. */
export interface RingCoil {
  /** Of the coil's centre, in fields of view. */
  readonly y: number;
  readonly x: number;
  /** Phase in radians: offset + slopeY y + slopeX x. */
  readonly offset: number;
  readonly slopeY: number;
  readonly slopeX: number;
}

/** S(r) = exp(-|r - centre|² / width) exp(i phase(r)); lengths in fields of view. */
export function gaussianCoil({ y: cy, x: cx, offset, slopeY, slopeX }: RingCoil, width: number): CoilField {
  return (y, x, out) => {
    const size = Math.exp(-((y - cy) * (y - cy) + (x - cx) * (x - cx)) / width);
    const phase = offset + slopeY * y + slopeX * x;
    out[0] = size * Math.cos(phase);
    out[1] = size * Math.sin(phase);
  };
}

/**
 * Receive sensitivity B_x - i B_y of a circular wire loop that stands on the ring and faces the origin, in its
 * middle plane: the law of Biot and Savart in closed form (complete elliptic integrals).
 * Source: Smythe, Static and Dynamic Electricity, section 7.10; factors that all coils share are left out.
 *
 * @param radius of the loop, in fields of view.
 */
export function loopCoil({ y: cy, x: cx, offset }: RingCoil, radius: number): CoilField {
  const distance = Math.hypot(cy, cx);
  const [ny, nx] = [-cy / distance, -cx / distance]; // the loop's axis
  const [co, so] = [Math.cos(offset), Math.sin(offset)];
  return (y, x, out) => {
    const [dy, dx] = [y - cy, x - cx];
    const along = dy * ny + dx * nx;
    const across = dx * ny - dy * nx;
    const rho = Math.abs(across);
    const far = (radius + rho) * (radius + rho) + along * along;
    const near = (radius - rho) * (radius - rho) + along * along;
    const [k, e] = ellipticIntegrals((4 * radius * rho) / far);
    const scale = 1 / Math.sqrt(far);
    const square = radius * radius;
    const axial = scale * (k + ((square - rho * rho - along * along) / near) * e);
    const ratio = (square + rho * rho + along * along) / near;
    // the radial part vanishes on the axis, where its formula is 0/0
    const radial = rho < 1e-9 ? 0 : ((scale * along) / across) * (ratio * e - k);
    const bx = axial * nx + radial * ny;
    const by = axial * ny - radial * nx;
    out[0] = bx * co + by * so;
    out[1] = bx * so - by * co;
  };
}

/** K(m) and E(m), complete elliptic integrals of parameter m < 1, by the arithmetic-geometric mean. */
export function ellipticIntegrals(m: number): readonly [k: number, e: number] {
  let [a, b] = [1, Math.sqrt(1 - m)];
  let [rest, weight] = [1 - m / 2, 0.5];
  while (Math.abs(a - b) > 1e-15 * a) {
    const c = (a - b) / 2;
    weight *= 2;
    rest -= weight * c * c;
    [a, b] = [(a + b) / 2, Math.sqrt(a * b)];
  }
  const k = Math.PI / (2 * a);
  return [k, k * rest];
}
