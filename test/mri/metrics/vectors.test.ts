import { type ImageArray, mse, msSsim, nmse, psnr, scores, ssim, ssimLoss, vif } from '@adjoint/mri';
import { init, tensor } from '@adjoint/tensor';
import { describe, expect, it } from 'vitest';

/** g = 1 + .5 sin(.7 i) + .25 cos(.4 j) + slope i j, and r = .9 g + .05 cos(1.3 i j) + .1. */
function testImages(height: number, width: number, slope: number): [g: ImageArray, r: ImageArray] {
  const shape = [height, width];
  const at = (f: (i: number, j: number) => number) =>
    Float64Array.from({ length: height * width }, (_, k) => f(Math.floor(k / width), k % width));
  const g = at((i, j) => 1 + 0.5 * Math.sin(0.7 * i) + 0.25 * Math.cos(0.4 * j) + slope * i * j);
  const r = at((i, j) => 0.9 * g[i * width + j]! + 0.05 * Math.cos(1.3 * i * j) + 0.1);
  return [
    { shape, data: g },
    { shape, data: r },
  ];
}

const [g, r] = testImages(16, 20, 0.01);
const near = (value: number, expected: number) => expect(Math.abs(value / expected - 1)).toBeLessThan(1e-12);

// Expected numbers: scikit-image 0.19.3 and NumPy in double precision.
describe('test vectors', () => {
  it('squared errors and PSNR', async () => {
    near(Math.max(...Array.from(g.data)), 3.7701144146897043);
    near(await mse(g, r), 0.013252748379985085);
    near(await nmse(g, r), 0.003487589358251666);
    near(await psnr(g, r), 30.304031081555856);
  });

  it('SSIM', async () => {
    near(await ssim(g, r), 0.9887224339819548);
  });

  it('both directions of intensity matching', async () => {
    near(await psnr(g, r, { matching: 'gt_to_rec' }), 39.64654959588544);
    near(await ssim(g, r, { matching: 'gt_to_rec' }), 0.9944723341075181);
    near(await psnr(g, r, { matching: 'rec_to_gt' }), 39.36846880859565);
    near(await ssim(g, r, { matching: 'rec_to_gt' }), 0.9944479623195351);
  });

  it('VIF with either variance of noise', async () => {
    const [wide, distorted] = testImages(64, 64, 0.001);
    near(await vif(wide, distorted), 0.8202977650352551);
    near(await vif(wide, distorted, { noiseVariance: 1 }), 0.8250867262653515);
  });

  // numpy and scipy.ndimage.convolve1d: windows exp(-(k - 5)²/4.5), L = max g and L = 1
  it('MS-SSIM, with odd sizes on the way', async () => {
    const [wide, distorted] = testImages(177, 190, 0.001);
    near(await msSsim(wide, distorted), 0.9961320348109819);
    near(await msSsim(wide, distorted, { dataRange: 1 }), 0.9934202707626909);
    near(await msSsim(wide, wide), 1);
    const inverted = { ...wide, data: Array.from(wide.data).map((value) => -value) };
    expect(await msSsim(wide, inverted)).toBe(0);
  });

  it('the loss is 1 − SSIM', async () => {
    await init({ device: 'reference' });
    const place = ({ shape, data }: ImageArray) => tensor(Float64Array.from(data), { dtype: 'f64', shape });
    near(Number(await ssimLoss(place(g), place(r)).item()), 1 - 0.9887224339819548);
    near(
      Number(await ssimLoss(place(g), place(r), { dataRange: 2 }).item()),
      1 - (await ssim(g, r, { dataRange: 2 })),
    );
  });

  it('all scores at once, matched', async () => {
    const all = await scores(g, r);
    near(all.ssim, 0.9944479623195351);
    near(all.psnr, 39.36846880859565);
    near(all.nmse, 0.003487589358251666);
    near(all.mse, 0.013252748379985085);
    near(all.vif, await vif(g, r, { matching: 'rec_to_gt' }));
    // every pixel is above 8 % of the maximum
    near(all.ssim_foreground, all.ssim);
    near(all.psnr_foreground, all.psnr);
  });
});
