// A program of somebody else: node zeroFilled.mjs in.h5 out.h5. Zero-filled reconstruction by the definition of the DFT.
import h5wasm from 'h5wasm/node';

await h5wasm.ready;
const [from = '', to = ''] = process.argv.slice(2);
const kspace = /** @type {import('h5wasm/node').Dataset} */ (new h5wasm.File(from, 'r').get('kspace'));
const [slices, coils, height, width] = /** @type {[number, number, number, number]} */ (kspace.shape);
const samples = /** @type {[re: number, im: number][]} */ (kspace.value);

/**
 * Inverse, unitary, centred transform of n numbers that lie `step` apart.
 *
 * @param {number[]} re
 * @param {number[]} im
 * @param {number} first
 * @param {number} step
 * @param {number} n
 */
function inverse(re, im, first, step, n) {
  const half = Math.floor(n / 2);
  const line = Array.from({ length: n }, (_, x) => {
    let [a, b] = [0, 0];
    for (let k = 0; k < n; k++) {
      const angle = (2 * Math.PI * (k - half) * (x - half)) / n;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      const at = first + k * step;
      a += re[at] * c - im[at] * s;
      b += re[at] * s + im[at] * c;
    }
    return [a / Math.sqrt(n), b / Math.sqrt(n)];
  });
  for (const [x, [a, b]] of line.entries()) [re[first + x * step], im[first + x * step]] = [a, b];
}

const size = height * width;
const image = new Float32Array(slices * size);
for (let plane = 0; plane < slices * coils; plane++) {
  const own = samples.slice(plane * size, (plane + 1) * size);
  const [re, im] = [own.map(([a]) => a), own.map(([, b]) => b)];
  for (let y = 0; y < height; y++) inverse(re, im, y * width, 1, width);
  for (let x = 0; x < width; x++) inverse(re, im, x, width, height);
  for (let i = 0; i < size; i++) image[Math.floor(plane / coils) * size + i] += re[i] ** 2 + im[i] ** 2;
}
const output = new h5wasm.File(to, 'w');
const data = image.map(Math.sqrt);
output.create_dataset({ name: 'reconstruction', data, shape: [slices, height, width], dtype: '<f' });
output.close();
