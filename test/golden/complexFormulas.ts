import {
  abs,
  abs2,
  add,
  angle,
  avgPool2d,
  cast,
  centredFft,
  centredIfft,
  complex,
  concat,
  conj,
  conv2d,
  cos,
  div,
  exp,
  fft,
  ifft,
  imag,
  log,
  matmul,
  max,
  maximum,
  mean,
  mul,
  neg,
  pad,
  pow,
  real,
  reciprocal,
  roll,
  sin,
  slice,
  sqrt,
  square,
  stack,
  sub,
  sum,
  swapAxes,
  type Tensor,
  tanh,
  transpose,
  unitPhase,
  where,
} from '@adjoint/tensor';

/** Leaves and constants of a case by name. */
export type Inputs = Record<string, Tensor>;
type Loss = (inputs: Inputs) => Tensor;

const i = { re: 0, im: 1 };

/** Σ|q|² over all entries. */
const energy = (q: Tensor): Tensor => sum(abs2(q));
/** Σ|q − t|². */
const misfit = (q: Tensor, t: Tensor): Tensor => energy(sub(q, t));
/** Root of the sum of squares over coils, the first axis. */
const rss = (z: Tensor): Tensor => sqrt(sum(abs2(z), { axes: 0 }));
/** Re Σ w q. */
const realSum = (w: Tensor, q: Tensor): Tensor => real(sum(mul(w, q)));

/** Mean SSIM of two images over the window positions inside them: 7 × 7 uniform window, sample covariance. */
function meanSsim(x: Tensor, y: Tensor, range: Tensor): Tensor {
  const average = (image: Tensor) => avgPool2d(image, { kernel: 7, stride: 1 });
  const [c1, c2] = [0.01, 0.03].map((k) => square(mul(range, k))) as [Tensor, Tensor];
  const [meanX, meanY] = [average(x), average(y)];
  const covariance = (a: Tensor, b: Tensor, meanA: Tensor, meanB: Tensor) =>
    mul(sub(average(mul(a, b)), mul(meanA, meanB)), 49 / 48);
  const varianceSum = add(covariance(x, x, meanX, meanX), covariance(y, y, meanY, meanY));
  const luminance = div(add(mul(mul(meanX, meanY), 2), c1), add(add(square(meanX), square(meanY)), c1));
  const structure = div(add(mul(covariance(x, y, meanX, meanY), 2), c2), add(varianceSum, c2));
  return mean(mul(luminance, structure));
}

function shapeOps({ z, w }: Inputs): Tensor {
  const p = transpose(z!);
  const joined = concat([p, conj(roll(p, 2, 0))], 0);
  const q = pad(joined, [
    [1, 1],
    [1, 1],
  ]);
  const part = slice(q, [
    [1, null, 2],
    [null, -1],
  ]);
  const phase = { re: Math.cos(1), im: Math.sin(1) };
  return add(energy(mul(part, w!)), real(mul(sum(square(q)), phase)));
}

const fftLosses = (norm: 'backward' | 'ortho' | 'forward'): Record<string, Loss> => ({
  [`fft_${norm}`]: ({ x, w }) => realSum(w!, fft(x!, { axis: -1, norm })),
  [`ifft_${norm}`]: ({ x, w }) => realSum(w!, ifft(x!, { axis: -1, norm })),
});

/** The cases `loss/*` of complex_grad.h5: a real loss of the leaves and constants, by the case's name. */
export const losses: Record<string, Loss> = {
  abs2_sum: ({ z }) => energy(z!),
  abs_weighted: ({ z, w }) => sum(mul(w!, abs(z!))),
  abs_at_zero: ({ z, w }) => sum(mul(w!, abs(z!))),
  angle_weighted: ({ z, w }) => sum(mul(w!, angle(z!))),
  real_imag: ({ z, u, v }) => add(sum(mul(u!, real(z!))), sum(mul(v!, square(imag(z!))))),
  add_sub: ({ a, b, r, t }) => misfit(add(sub(mul(a!, 2), mul(b!, { re: 0, im: 3 })), r!), t!),
  mul: ({ a, b, t }) => misfit(mul(a!, b!), t!),
  mul_broadcast: ({ S, x, t }) => misfit(mul(S!, x!), t!),
  mul_real: ({ r, z, t }) => misfit(mul(r!, z!), t!),
  mul_scalar: ({ s, z, t }) => misfit(mul(s!, z!), t!),
  conj: ({ a, b, t }) => misfit(mul(conj(a!), b!), t!),
  div: ({ a, b, t }) => misfit(div(a!, b!), t!),
  div_real_num: ({ r, b, t }) => misfit(div(r!, b!), t!),
  div_real_den: ({ a, r, t }) => misfit(div(a!, r!), t!),
  exp: ({ z, w }) => realSum(w!, exp(z!)),
  log: ({ z, t }) => misfit(log(z!), t!),
  sqrt: ({ z, t }) => misfit(sqrt(z!), t!),
  reciprocal: ({ z, t }) => misfit(reciprocal(z!), t!),
  pow3: ({ z, t }) => misfit(pow(z!, 3), t!),
  sincos: ({ z, t }) => misfit(add(sin(z!), mul(cos(z!), i)), t!),
  tanh: ({ z, t }) => misfit(tanh(z!), t!),
  sgn: ({ z, t }) => misfit(unitPhase(z!), t!),
  vdot: ({ a, b }) => {
    const d = sum(mul(conj(a!), b!));
    return sub(add(abs2(d), real(d)), mul(imag(d), 2));
  },
  polar: ({ r, theta, t }) => misfit(mul(r!, exp(mul(theta!, i))), t!),
  complex_from_real: ({ re, im, t }) => misfit(exp(complex(re!, im!)), t!),
  matmul: ({ A, B, T }) => misfit(matmul(A!, B!), T!),
  matmul_batched: ({ A, B, T }) => misfit(matmul(A!, B!), T!),
  matmul_hermitian: ({ A, B, T }) => misfit(matmul(swapAxes(conj(A!), -1, -2), B!), T!),
  matmul_real_complex: ({ R, B, T }) => misfit(matmul(R!, B!), T!),
  ...fftLosses('backward'),
  ...fftLosses('ortho'),
  ...fftLosses('forward'),
  fft_real_input: ({ r, w }) => realSum(w!, fft(r!)),
  fft2c_mask: ({ x, y, M }) => misfit(mul(M!, centredFft(x!)), y!),
  sense: ({ S, x, y, M }) => misfit(mul(M!, centredFft(mul(S!, x!))), y!),
  sens_reduce: ({ S, k, t }) => misfit(sum(mul(conj(S!), centredIfft(k!)), { axes: 0 }), t!),
  maps_normalise: ({ z, t }) => misfit(div(z!, rss(z!)), t!),
  rss: ({ z, w }) => sum(mul(w!, rss(z!))),
  rss_eps: ({ z, w }) => sum(mul(w!, sqrt(add(sum(abs2(z!), { axes: 0 }), 1e-3)))),
  where: ({ a, b, mask, t }) => misfit(square(where(cast(mask!, 'bool'), a!, b!)), t!),
  soft_threshold: ({ z, t }) => misfit(mul(z!, maximum(sub(1, div(0.5, abs(z!))), 0)), t!),
  tv_smooth: ({ x }) => {
    const steps = [0, 1].map((axis) => abs2(sub(roll(x!, -1, axis), x!))) as [Tensor, Tensor];
    return sum(sqrt(add(add(...steps), 1e-3)));
  },
  norm_normalise: ({ z, w }) => realSum(w!, div(z!, sqrt(energy(z!)))),
  mean_var: ({ z }) => {
    const centre = mean(z!);
    return add(mean(abs2(sub(z!, centre))), abs2(centre));
  },
  shape_ops: shapeOps,
  conv2d_complex: ({ x, k, t }) => misfit(conv2d(x!, k!), t!),
  rss_ssim: ({ k, t }) => sub(1, meanSsim(rss(centredIfft(k!)), t!, max(t!))),
};

/** The cases `vjp/*` of complex_grad.h5: functions of one complex array, by the case's name. */
export const maps: Record<string, (z: Tensor) => Tensor> = {
  exp,
  log,
  sqrt,
  reciprocal,
  square,
  conj,
  real,
  imag,
  abs,
  angle,
  sgn: unitPhase,
  neg,
  sin,
  cos,
  tanh,
  fft: (z) => fft(z),
  ifft: (z) => ifft(z),
  fft2c: (z) => centredFft(z),
  ifft2c: (z) => centredIfft(z),
  mul_1j: (z) => mul(z, i),
  view_as_real: (z) => stack([real(z), imag(z)], -1),
};
