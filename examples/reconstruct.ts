/**
 * A real MR image, measured at a quarter of the usual samples, reconstructed by gradient descent through
 * the Fourier transform.
 *
 *   minimise over complex x   ½ ‖M F x − y‖² + λ Σ √(|∇x|² + ε²)
 *
 * y are the samples kept by the mask M, F the centred unitary FFT, ∇ forward differences. The gradient of
 * the whole objective, FFT included, comes from `grad`. The anatomy is real; the acquisition (smooth phase,
 * noise, one coil, same grid) is simulated, which makes the problem easier than scanner data.
 *
 *   node --conditions=source --import tsx examples/reconstruct.ts [--out FILE.png] [--steps N] [--slice 1…20]
 */
import { valueAndGrad } from '@adjoint/autograd';
import {
  abs,
  abs2,
  add,
  centredFft,
  centredIfft,
  complex,
  complexNormal,
  cos,
  info,
  init,
  key,
  linspace,
  mul,
  reshape,
  roll,
  scope,
  sin,
  sqrt,
  sub,
  sum,
  type Tensor,
  tensor,
} from '@adjoint/tensor';
import { isMain } from './isMain.js';
import { saveMontage } from './montage.js';
import { brainImage } from './mrImage.js';
import { readOptions } from './options.js';

export interface Options {
  out: string;
  steps: number;
  slice: number;
}

/** Columns kept: the central ones, and others at random with a density falling from the centre. */
function columnMask(width: number, acceleration: number, centre: number, seed: number): Float32Array {
  const mask = new Float32Array(width);
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const keep = (j: number) => Math.abs(j - width / 2) <= centre / 2;
  for (let j = 0; j < width; j++) if (keep(j)) mask[j] = 1;
  const target = Math.round(width / acceleration);
  for (let count = mask.reduce((a, b) => a + b, 0); count < target; ) {
    const j = Math.floor(random() * width);
    const distance = Math.abs(j - width / 2) / (width / 2);
    if (mask[j] === 1 || random() > (1 - distance) * (1 - distance)) continue;
    mask[j] = 1;
    count++;
  }
  return mask;
}

/** Σ √(|x[i+1] − x[i]|² + |x[j+1] − x[j]|² + ε²): total variation with rounded corners. */
function smoothTotalVariation(x: Tensor, epsilon: number): Tensor {
  const squares = add(abs2(sub(roll(x, -1, 0), x)), abs2(sub(roll(x, -1, 1), x)));
  return sum(sqrt(add(squares, epsilon * epsilon)));
}

/** The true image: magnitude from the file, a smooth phase as coils and field give one. */
function complexImage(pixels: Float32Array, height: number, width: number): Tensor {
  const rows = reshape(linspace(-1, 1, height), [height, 1]);
  const phase = add(mul(rows, 1.2), mul(linspace(-1, 1, width), mul(rows, 0.8)));
  const magnitude = tensor(pixels, { shape: [height, width] });
  return complex(mul(magnitude, cos(phase)), mul(magnitude, sin(phase)));
}

const psnr = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let error = 0;
  for (let i = 0; i < b.length; i++) error += (a[i]! - b[i]!) ** 2;
  return -10 * Math.log10(error / b.length);
};

/** Runs the reconstruction; returns PSNR in dB before and after. */
export async function main({
  out,
  steps,
  slice,
}: Options): Promise<{ zeroFilled: number; reconstructed: number }> {
  await init();
  console.log(info().description);
  const { height, width, pixels, description } = await brainImage(slice);
  const mask = columnMask(width, 4, 0.08 * width, 7);
  console.log(
    `${description}: ${height} × ${width}, ${mask.reduce((a, b) => a + b, 0)} of ${width} columns measured`,
  );

  const { M, y, start } = scope(() => {
    const M = tensor(mask);
    const kspace = centredFft(complexImage(pixels, height, width));
    const y = mul(M, add(kspace, mul(complexNormal(key(0), [height, width]), 0.005)));
    return { M, y, start: centredIfft(y) };
  });
  const objective = (x: Tensor) =>
    add(mul(sum(abs2(sub(mul(M, centredFft(x)), y))), 0.5), mul(smoothTotalVariation(x, 0.01), 0.003));

  // Nesterov's accelerated gradient descent; the step is 1 / (Lipschitz constant of the gradient)
  const stepSize = 1 / (1 + (0.003 * 8) / 0.01);
  let x = start;
  let z = start;
  for (let k = 0; k < steps; k++) {
    const [loss, next, ahead] = scope(() => {
      const { value, gradient } = valueAndGrad(objective)(z);
      const next = sub(z, mul(gradient, stepSize));
      return [value, next, add(next, mul(sub(next, x), k / (k + 3)))];
    });
    for (const old of new Set([x, z])) if (old !== start) old.dispose();
    [x, z] = [next, ahead];
    if (k % 20 === 0 || k === steps - 1)
      console.log(`step ${String(k + 1).padStart(4)}   objective ${Number(await loss.item()).toFixed(4)}`);
    loss.dispose();
  }

  const before = await abs(start).data();
  const after = await abs(x).data();
  const error = Float32Array.from(after, (v, i) => Math.abs(v - pixels[i]!));
  const shown = { maximum: 0.9 };
  await saveMontage(
    out,
    [
      { pixels, ...shown },
      { pixels: before, ...shown },
      { pixels: after, ...shown },
      { pixels: error, maximum: 0.2 },
    ],
    height,
    width,
  );
  const result = { zeroFilled: psnr(before, pixels), reconstructed: psnr(after, pixels) };
  console.log(
    `zero-filled ${result.zeroFilled.toFixed(2)} dB, reconstructed ${result.reconstructed.toFixed(2)} dB PSNR`,
  );
  console.log(`${out}: true image, zero-filled, reconstructed, error × 4.5`);
  return result;
}

if (isMain(import.meta.url)) {
  const usage = `usage: node --conditions=source --import tsx examples/reconstruct.ts [--out FILE.png] [--steps N] [--slice 1…20]
  … --steps 400 --slice 12 --out picture.png`;
  await main(
    readOptions(usage, {
      out: { default: 'out/reconstruction.png' },
      steps: { default: 200, min: 1, max: 100_000 },
      slice: { default: 10, min: 1, max: 20 },
    }),
  );
}
