import {
  abs,
  abs2,
  add,
  arrayToCoeffs,
  centredFft,
  centredIfft,
  coefficientShapes,
  coeffsToArray,
  conj,
  div,
  jit,
  maximum,
  mul,
  relu,
  sqrt,
  sub,
  sum,
  type Tensor,
  wavedec2,
  waverec2,
} from '@adjoint/tensor';
import { type BenchCase, bench, c64, mask } from './case.js';

const rss = (maps: Tensor): Tensor => sqrt(sum(abs2(maps), { axes: 0 }));

/** A^H A x = Σ conj(S) F^H M F (S x): coils S [coils, H, W], image x [H, W], mask M [W]; `axes` of F, default both. */
function senseNormal(maps: Tensor, x: Tensor, sampled: Tensor, axes?: number[]): Tensor {
  const kspace = mul(sampled, centredFft(mul(maps, x), { axes }));
  return sum(mul(conj(maps), centredIfft(kspace, { axes })), { axes: 0 });
}

const senseNormal2d = (maps: Tensor, x: Tensor, sampled: Tensor) => senseNormal(maps, x, sampled);

/** The same value: M does not depend on the row, so that the transforms along the columns cancel. */
const senseNormal1d = (maps: Tensor, x: Tensor, sampled: Tensor) => senseNormal(maps, x, sampled, [-1]);

/** The minimiser of ½|u − x|² + t|u|, element by element. */
const softThreshold = (x: Tensor, t: number): Tensor => mul(x, relu(sub(1, div(t, maximum(abs(x), 1e-12)))));

/** One FISTA step for ½ ‖M F S x − y‖² + λ ‖x‖₁: the next x, and the point the next step starts from. */
function fistaStep(
  x: Tensor,
  z: Tensor,
  y: Tensor,
  maps: Tensor,
  sampled: Tensor,
  momentum: number | Tensor,
) {
  const residual = sub(mul(sampled, centredFft(mul(maps, z))), y);
  const gradient = sum(mul(conj(maps), centredIfft(mul(sampled, residual))), { axes: 0 });
  const next = softThreshold(sub(z, mul(gradient, 0.5)), 1e-3);
  return [next, add(next, mul(sub(next, x), momentum))];
}

/** x ← W^H soft(W (x − (A^H A x − b))): the iteration of the peers' solver script, W a wavelet transform. */
function waveletStep(x: Tensor, b: Tensor, maps: Tensor, sampled: Tensor): Tensor {
  const options = { mode: 'periodization', level: 3 } as const;
  const size = [x.shape[0]!, x.shape[1]!] as const;
  const moved = sub(x, sub(senseNormal(maps, x, sampled), b));
  const shrunk = softThreshold(coeffsToArray(wavedec2(moved, 'db4', options)), 0.01);
  const coefficients = arrayToCoeffs(shrunk, coefficientShapes(size, 'db4', options));
  return waverec2(coefficients, 'db4', { mode: 'periodization' });
}

function perShape(coils: number, h: number, w: number): BenchCase[] {
  const shape = [coils, h, w];
  const maps = c64(...shape);
  const inputs = [maps, c64(h, w), mask(w)];
  return [
    bench('complex_mul_Sx_alloc', shape, [maps, c64(h, w)], (s, x) => mul(s, x)),
    bench('rss', shape, [maps], rss),
    bench('rss_jit', shape, [maps], jit(rss), { peerOp: 'rss' }),
    bench('sense_normal', shape, inputs, senseNormal2d),
    bench('sense_normal_jit', shape, inputs, jit(senseNormal2d), { peerOp: 'sense_normal' }),
    bench('sense_normal_1d', shape, inputs, senseNormal1d, { rival: 'sense_normal' }),
    bench('sense_normal_1d_jit', shape, inputs, jit(senseNormal1d), {
      peerOp: 'sense_normal_1d',
      rival: 'sense_normal_jit',
    }),
  ];
}

function fista(op: string, step: typeof fistaStep): BenchCase {
  const [coils, h, w] = [8, 320, 320];
  const inputs = [c64(h, w), c64(h, w), c64(coils, h, w), c64(coils, h, w), mask(w)];
  const run = (x: Tensor, z: Tensor, y: Tensor, maps: Tensor, sampled: Tensor) =>
    step(x, z, y, maps, sampled, 0.7);
  return bench(op, [coils, h, w], inputs, run, { peerOp: 'fista_step' });
}

function fistaWavelet(op: string, step: typeof waveletStep): BenchCase {
  const [coils, h, w] = [15, 320, 320];
  const inputs = [c64(h, w), c64(h, w), c64(coils, h, w), mask(w)];
  return bench(op, [coils, h, w], inputs, step, { peerOp: 'fista_l1_db4_L3_iteration' });
}

export const senseCases: readonly BenchCase[] = [
  ...perShape(15, 640, 368),
  ...perShape(15, 320, 320),
  fista('fista_step', fistaStep),
  fista('fista_step_jit', jit(fistaStep)),
  fistaWavelet('fista_l1_db4_L3_iteration', waveletStep),
  fistaWavelet('fista_l1_db4_L3_iteration_jit', jit(waveletStep)),
];
