import {
  abs,
  add,
  contiguous,
  cumsum,
  einsum,
  exp,
  gather,
  jit,
  key,
  matmul,
  mul,
  normal,
  relu,
  scatterAdd,
  sigmoid,
  sort,
  sum,
  type Tensor,
  transpose,
  zeros,
} from '@adjoint/tensor';
import { type BenchCase, bench, c64, f32, index } from './case.js';

const many = 1 << 22;
const square = [2048, 2048];

const chain = (x: Tensor, y: Tensor): Tensor => sigmoid(relu(mul(add(mul(x, y), x), 0.5)));

/** Hardly any work in its kernels: what a hundred launches cost. */
function launches(x: Tensor): Tensor {
  for (let i = 0; i < 100; i++) x = cumsum(x, { axis: 0 });
  return x;
}

export const arrayCases: readonly BenchCase[] = [
  bench('chain_4m', [many], [f32(many), f32(many)], chain),
  bench('chain_4m_jit', [many], [f32(many), f32(many)], jit(chain), { peerOp: 'chain_4m' }),
  bench('launches_100', [16], [f32(16)], launches),
  bench('launches_100_jit', [16], [f32(16)], jit(launches), { peerOp: 'launches_100' }),
  bench('matmul_1024', [1024, 1024], [f32(1024, 1024), f32(1024, 1024)], (a, b) => matmul(a, b)),
  bench('matmul_c64_512', [512, 512], [c64(512, 512), c64(512, 512)], (a, b) => matmul(a, b)),
  bench('einsum_bij_bjk', [64, 64, 64], [f32(64, 64, 64), f32(64, 64, 64)], (a, b) =>
    einsum('bij,bjk->bik', a, b),
  ),
  bench('abs', [15, 640, 368], [c64(15, 640, 368)], (x) => abs(x)),
  bench('exp', [many], [f32(many)], (x) => exp(x)),
  bench('transpose_copy', square, [f32(...square)], (x) => contiguous(transpose(x))),
  bench('normal', [many], [], () => normal(key(1), [many])),
  bench('sum_all', [many], [f32(many)], (x) => sum(x)),
  bench('sum_rows', square, [f32(...square)], (x) => sum(x, { axes: 0 })),
  bench('cumsum', square, [f32(...square)], (x) => cumsum(x, { axis: -1 })),
  bench('sort', [1_000_000], [f32(1_000_000)], (x) => sort(x).values),
  bench('gather', square, [f32(...square), index(...square)], (x, i) => gather(x, i, 1)),
  bench('scatter_add', square, [f32(...square), index(...square)], (x, i) =>
    scatterAdd(zeros(square), i, x, 1),
  ),
];
