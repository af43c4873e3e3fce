import { grad } from '@adjoint/autograd';
import {
  abs,
  add,
  avgPool2d,
  cast,
  centredFft,
  centredIfft,
  complexNormal,
  conj,
  contiguous,
  conv2d,
  cumsum,
  div,
  dwt2,
  einsum,
  exp,
  fft,
  fft2,
  full,
  gather,
  greater,
  jit,
  key,
  matmul,
  maximum,
  maxPool2d,
  moments,
  mul,
  normal,
  pad,
  randint,
  relu,
  resize,
  scatterAdd,
  sigmoid,
  sort,
  sub,
  sum,
  type Tensor,
  transpose,
  wavedec2,
  zeros,
} from '@adjoint/tensor';

/** One thing to time: inputs are made once, `run` is timed with the wait for its result. */
export interface BenchCase {
  /** Name as in the peers' scripts where there is one. */
  readonly op: string;
  readonly shape: string;
  prepare(): () => Tensor | readonly Tensor[];
}

const bench = (
  op: string,
  shape: string,
  inputs: () => Tensor[],
  run: (...inputs: Tensor[]) => Tensor | readonly Tensor[],
): BenchCase => ({
  op,
  shape,
  prepare: () => {
    const made = inputs();
    return () => run(...made);
  },
});

const f32 = (...shape: number[]) => normal(key(1), shape);
const c64 = (...shape: number[]) => complexNormal(key(2), shape);

const convolution = (channels: number, size: number): BenchCase[] => {
  const name = `conv2d_3x3_${channels}to${channels}`;
  const inputs = () => [f32(1, channels, size, size), f32(channels, channels, 3, 3)];
  const shape = `1x${channels}x${size}x${size}`;
  const forward = (x: Tensor, w: Tensor) => conv2d(x, w, { padding: 1 });
  const both = grad((x: Tensor, w: Tensor) => sum(forward(x, w)), { argnums: [0, 1] });
  return [
    bench(`${name}_fwd`, shape, inputs, forward),
    bench(`${name}_fwd_bwd`, shape, inputs, (x, w) => both(x, w)),
  ];
};

const chain = (x: Tensor, y: Tensor): Tensor => sigmoid(relu(mul(add(mul(x, y), x), 0.5)));

/** One step for min ‖M F S x − y‖² + λ‖x‖₁ with coils S and a mask M. */
function fistaStep(x: Tensor, z: Tensor, y: Tensor, maps: Tensor, mask: Tensor, momentum: Tensor) {
  const residual = sub(mul(mask, centredFft(mul(maps, z))), y);
  const gradient = sum(mul(conj(maps), centredIfft(mul(mask, residual))), { axes: 0 });
  const moved = sub(z, mul(gradient, 0.5));
  const size = abs(moved);
  const next = mul(moved, div(relu(sub(size, 1e-3)), maximum(size, 1e-3)));
  return { x: next, z: add(next, mul(sub(next, x), momentum)) };
}

const fistaInputs = (): Tensor[] => [
  c64(320, 320),
  c64(320, 320),
  c64(8, 320, 320),
  c64(8, 320, 320),
  cast(greater(f32(320), 0), 'f32'),
];

const fista = (op: string, step: typeof fistaStep): BenchCase =>
  bench(op, '8x320x320', fistaInputs, (x, z, y, maps, mask) => {
    const momentum = full([], 0.7);
    const { x: next, z: ahead } = step(x!, z!, y!, maps!, mask!, momentum);
    return [next, ahead];
  });

/** Hardly any work in its kernels: what a launch costs, times 100. */
const launches: BenchCase = bench(
  'jit_100_launches',
  '16',
  () => [f32(16)],
  jit((x) => {
    let y = x;
    for (let i = 0; i < 100; i++) y = cumsum(y, { axis: 0 });
    return y;
  }),
);

/** Every family of kernels has a row. */
export const benchCases: readonly BenchCase[] = [
  bench('chain_4m', '4194304', () => [f32(1 << 22), f32(1 << 22)], chain),
  bench('chain_4m_jit', '4194304', () => [f32(1 << 22), f32(1 << 22)], jit(chain)),
  fista('fista_step', fistaStep),
  fista('fista_step_jit', jit(fistaStep)),
  launches,
  bench(
    'complex_mul_Sx_alloc',
    '15x640x368',
    () => [c64(15, 640, 368), c64(640, 368)],
    (s, x) => mul(s, x),
  ),
  bench(
    'abs',
    '15x640x368',
    () => [c64(15, 640, 368)],
    (x) => abs(x),
  ),
  bench(
    'exp',
    '4194304',
    () => [f32(1 << 22)],
    (x) => exp(x),
  ),
  bench(
    'transpose_copy',
    '2048x2048',
    () => [f32(2048, 2048)],
    (x) => contiguous(transpose(x)),
  ),
  bench(
    'normal',
    '4194304',
    () => [],
    () => f32(1 << 22),
  ),
  bench(
    'sum_all',
    '4194304',
    () => [f32(1 << 22)],
    (x) => sum(x),
  ),
  bench(
    'sum_rows',
    '2048x2048',
    () => [f32(2048, 2048)],
    (x) => sum(x, { axes: 0 }),
  ),
  bench(
    'moments',
    '32x102400',
    () => [f32(32, 102400)],
    (x) => moments(x, { axes: 1 }).variance,
  ),
  bench(
    'cumsum',
    '2048x2048',
    () => [f32(2048, 2048)],
    (x) => cumsum(x, { axis: -1 }),
  ),
  bench(
    'sort',
    '1000000',
    () => [f32(1_000_000)],
    (x) => sort(x).values,
  ),
  bench(
    'gather',
    '2048x2048',
    () => [f32(2048, 2048), randint(key(3), [2048, 2048], 0, 2048)],
    (x, i) => gather(x, i, 1),
  ),
  bench(
    'scatter_add',
    '2048x2048',
    () => [f32(2048, 2048), randint(key(3), [2048, 2048], 0, 2048)],
    (x, i) => scatterAdd(zeros([2048, 2048]), i, x, 1),
  ),
  bench(
    'matmul_1024',
    '1024x1024',
    () => [f32(1024, 1024), f32(1024, 1024)],
    (a, b) => matmul(a, b),
  ),
  bench(
    'matmul_c64_512',
    '512x512',
    () => [c64(512, 512), c64(512, 512)],
    (a, b) => matmul(a, b),
  ),
  bench(
    'einsum_bij_bjk',
    '64x64x64',
    () => [f32(64, 64, 64), f32(64, 64, 64)],
    (a, b) => einsum('bij,bjk->bik', a, b),
  ),
  ...convolution(32, 320),
  ...convolution(64, 160),
  ...convolution(128, 80),
  bench(
    'max_pool2d',
    '1x32x320x320',
    () => [f32(1, 32, 320, 320)],
    (x) => maxPool2d(x, { kernel: 2 }),
  ),
  bench(
    'avg_pool2d',
    '1x32x320x320',
    () => [f32(1, 32, 320, 320)],
    (x) => avgPool2d(x, { kernel: 2 }),
  ),
  bench(
    'resize_bilinear',
    '1x32x160x160',
    () => [f32(1, 32, 160, 160)],
    (x) => resize(x, [320, 320], { mode: 'bilinear' }),
  ),
  bench(
    'pad_reflect',
    '1x32x320x320',
    () => [f32(1, 32, 320, 320)],
    (x) =>
      pad(
        x,
        [
          [1, 1],
          [1, 1],
        ],
        { mode: 'reflect' },
      ),
  ),
  bench(
    'fft_c64',
    '1000x1024',
    () => [c64(1000, 1024)],
    (x) => fft(x),
  ),
  bench(
    'fft2_c64',
    '15x640x368',
    () => [c64(15, 640, 368)],
    (x) => fft2(x),
  ),
  bench(
    'fft2_c64',
    '8x320x320',
    () => [c64(8, 320, 320)],
    (x) => fft2(x),
  ),
  bench(
    'fft2c_c64',
    '15x640x368',
    () => [c64(15, 640, 368)],
    (x) => centredFft(x),
  ),
  bench(
    'fft2c_c64',
    '8x320x320',
    () => [c64(8, 320, 320)],
    (x) => centredFft(x),
  ),
  bench(
    'fft_prime',
    '500x1009',
    () => [c64(500, 1009)],
    (x) => fft(x),
  ),
  bench(
    'dwt2_db4',
    '1024x1024',
    () => [f32(1024, 1024)],
    (x) => Object.values(dwt2(x, 'db4')).flat() as Tensor[],
  ),
  bench(
    'wavedec2_db4_L3',
    '1024x1024',
    () => [f32(1024, 1024)],
    (x) => {
      const { approximation } = wavedec2(x, 'db4', { level: 3 });
      return approximation;
    },
  ),
];
