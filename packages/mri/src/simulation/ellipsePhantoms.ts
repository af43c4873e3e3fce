import { checkChoice, checkInteger, checkOptions } from '@adjoint/tensor';
import { drawsOf, seedKey } from './draws.js';
import type { Ellipse, EllipsePhantom } from './ellipse.js';

/** Semi-axes, centre and tilt in degrees of the ellipses, in half fields of view with y upwards. */
const sheppLoganTable: readonly (readonly [a: number, b: number, x: number, y: number, tilt: number])[] = [
  [0.69, 0.92, 0, 0, 0],
  [0.6624, 0.874, 0, -0.0184, 0],
  [0.11, 0.31, 0.22, 0, -18],
  [0.16, 0.41, -0.22, 0, 18],
  [0.21, 0.25, 0, 0.35, 0],
  [0.046, 0.046, 0, 0.1, 0],
  [0.046, 0.046, 0, -0.1, 0],
  [0.046, 0.023, -0.08, -0.605, 0],
  [0.023, 0.023, 0, -0.606, 0],
  [0.023, 0.046, 0.06, -0.605, 0],
];
const sheppLoganValues = {
  original: [2, -0.98, -0.02, -0.02, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01],
  modified: [1, -0.8, -0.2, -0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1],
} as const;

/**
 * The head phantom of Shepp and Logan (IEEE Trans. Nucl. Sci. 21, 1974, 21): ten ellipses.
 *
 * @param contrast `modified` (default: Toft's values, for the eye) or `original`.
 * @throws ArgumentError
 */
export function sheppLogan(contrast: 'modified' | 'original' = 'modified'): EllipsePhantom {
  const values =
    sheppLoganValues[checkChoice('sheppLogan', 'contrast', contrast, ['modified', 'original'] as const)];
  return sheppLoganTable.map(([a, b, x, y, tilt], i) => ({
    y: -y / 2,
    x: x / 2,
    along: a / 2,
    across: b / 2,
    angle: (-tilt * Math.PI) / 180,
    value: values[i]!,
  }));
}

export interface EllipsePhantomOptions {
  /** Every number is another object; default 0. */
  readonly subject?: number | undefined;
  /** Ellipses inside the large one; default 16. */
  readonly details?: number | undefined;
}

/**
 * A random object of ellipses: a large one of value 1 and smaller ones inside it, of values between -0.5 and 0.5.
 *
 * @throws ArgumentError
 * @example const object = await ellipsePhantom({ subject: 12 });
 */
export async function ellipsePhantom(options: EllipsePhantomOptions = {}): Promise<EllipsePhantom> {
  const fn = 'ellipsePhantom';
  checkOptions(fn, options, ['subject', 'details']);
  const details = checkInteger(fn, 'option details', options.details ?? 16, { min: 0, max: 1000 });
  using root = seedKey(checkInteger(fn, 'option subject', options.subject ?? 0), 'ellipses');
  const random = await drawsOf(root, 5 + 6 * details);
  const body: Ellipse = {
    y: random.between(-0.02, 0.02),
    x: random.between(-0.02, 0.02),
    along: random.between(0.3, 0.42),
    across: random.between(0.3, 0.42),
    angle: random.between(0, Math.PI),
    value: 1,
  };
  const reach = Math.min(body.along, body.across);
  const inside = Array.from({ length: details }, (): Ellipse => {
    const [along, across] = [random.between(0.01, 0.11), random.between(0.01, 0.11)];
    const far = (reach - Math.max(along, across)) * Math.sqrt(random.between(0, 1));
    const direction = random.between(0, 2 * Math.PI);
    return {
      y: body.y + far * Math.sin(direction),
      x: body.x + far * Math.cos(direction),
      along,
      across,
      angle: random.between(0, Math.PI),
      value: random.between(-0.5, 0.5),
    };
  });
  return [body, ...inside];
}
