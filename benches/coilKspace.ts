/** Width of the blobs of the object, and of the sensitivities, in fields of view. */
const [blobWidths, coilWidth] = [[0.16, 0.06, 0.08, 0.05, 0.1], 0.8];
const blobPlaces = [
  [0, 0],
  [0.12, -0.1],
  [-0.15, 0.08],
  [0.05, 0.18],
  [-0.08, -0.16],
] as const;
const noise = 0.02;

/**
 * Fully sampled k-space [coils, H, W] that can be calibrated: Gaussian blobs seen by coils with Gaussian sensitivities on a
 * circle around them, and a little noise. The product of two Gaussians is one, and so is its transform, so
 * that nothing is folded over.
 */
export function coilKspace(
  [coils, height, width]: readonly [number, number, number],
  random: () => number,
): Float32Array {
  const values = new Float32Array(2 * coils * height * width);
  for (let i = 0; i < values.length; i++) values[i] = noise * (random() + random() + random() - 1.5);
  for (let coil = 0; coil < coils; coil++) {
    const angle = (2 * Math.PI * coil) / coils;
    for (const [blob, place] of blobPlaces.entries()) {
      const [s, t] = [blobWidths[blob]! ** 2, coilWidth ** 2];
      const u = (s * t) / (s + t);
      const centre = [Math.sin(angle), Math.cos(angle)].map(
        (q, axis) => u * (place[axis]! / s + (0.6 * q) / t),
      );
      const distance = (place[0] - 0.6 * Math.sin(angle)) ** 2 + (place[1] - 0.6 * Math.cos(angle)) ** 2;
      const size = u * Math.sqrt(height * width) * Math.exp(-distance / (2 * (s + t)));
      const [rows, columns] = [waves(height, centre[0]!, u), waves(width, centre[1]!, u)];
      // coils differ in phase
      addProduct(values, coil, size, 2 * coil, rows, columns);
    }
  }
  return values;
}

/** exp(−2π² u k² − 2πi k m), k = −⌊n/2⌋ …: modulus and angle of every sample of a line. */
function waves(n: number, m: number, u: number) {
  const k = Float64Array.from({ length: n }, (_, i) => i - Math.floor(n / 2));
  return {
    sizes: k.map((q) => Math.exp(-2 * Math.PI ** 2 * u * q * q)),
    angles: k.map((q) => -2 * Math.PI * q * m),
  };
}

function addProduct(
  values: Float32Array,
  coil: number,
  size: number,
  phase: number,
  rows: ReturnType<typeof waves>,
  columns: ReturnType<typeof waves>,
): void {
  const [height, width] = [rows.sizes.length, columns.sizes.length];
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const modulus = size * rows.sizes[row]! * columns.sizes[column]!;
      if (modulus < 1e-9) continue;
      const angle = phase + rows.angles[row]! + columns.angles[column]!;
      const at = 2 * ((coil * height + row) * width + column);
      values[at]! += modulus * Math.cos(angle);
      values[at + 1]! += modulus * Math.sin(angle);
    }
}
