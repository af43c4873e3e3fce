/** Sensitivities [coils, H, W] of the coils of `coilKspace`, divided by their root sum of squares. */
export function coilMaps([coils, height, width]: readonly [number, number, number]): Float32Array {
  const values = new Float32Array(2 * coils * height * width);
  const centres = Array.from({ length: coils }, (_, coil) => (2 * Math.PI * coil) / coils);
  for (let place = 0; place < height * width; place++) {
    const y = Math.floor(place / width) / height - 0.5;
    const x = (place % width) / width - 0.5;
    const sizes = centres.map((angle) => {
      const distance = (y - 0.6 * Math.sin(angle)) ** 2 + (x - 0.6 * Math.cos(angle)) ** 2;
      return Math.exp(-distance / (2 * 0.8 ** 2));
    });
    const whole = Math.hypot(...sizes);
    sizes.forEach((size, coil) => {
      const at = 2 * (coil * height * width + place);
      values[at] = (size / whole) * Math.cos(2 * coil);
      values[at + 1] = (size / whole) * Math.sin(2 * coil);
    });
  }
  return values;
}
