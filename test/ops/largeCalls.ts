import { grad } from '@adjoint/autograd';
import {
  abs,
  complexNormal,
  conv2d,
  cumsum,
  type Device,
  dwt,
  exp,
  fft2,
  idwt,
  key,
  matmul,
  moments,
  mul,
  normal,
  read,
  sin,
  sort,
  sum,
  type Tensor,
  tanh,
  withDevice,
} from '@adjoint/tensor';

/** Computations large enough to be split into many tasks. */
export const largeCalls: readonly { name: string; call(device: Device): Promise<ArrayBufferView> }[] = (
  [
    ['element-wise chain', () => tanh(sin(exp(mul(normal(key(1), [300, 1001]), 0.3))))],
    ['complex magnitude', () => abs(complexNormal(key(2), [257, 700]))],
    ['sum of everything', () => sum(normal(key(3), [1_000_003]))],
    ['sum over the first axis', () => sum(normal(key(4), [4001, 130]), { axes: 0 })],
    ['moments', () => moments(normal(key(5), [8, 50_000]), { axes: 1 }).variance],
    ['cumulative sum', () => cumsum(normal(key(6), [200_001]), { axis: 0 })],
    ['sort', () => sort(normal(key(7), [100_003])).values],
    ['matmul', () => matmul(normal(key(8), [200, 301]), normal(key(9), [301, 190]))],
    ['complex matmul', () => matmul(complexNormal(key(8), [100, 151]), complexNormal(key(9), [151, 90]))],
    ['fft2', () => fft2(complexNormal(key(10), [3, 97, 120]))],
    ['one long fft', () => fft2(complexNormal(key(10), [1, 1 << 16]))],
    [
      'conv2d and its gradients',
      () => {
        const w = normal(key(12), [20, 17, 3, 3]);
        const loss = (x: Tensor, v: Tensor) => sum(sin(conv2d(x, v, { padding: 1 })));
        const [dx, dw] = grad(loss, { argnums: [0, 1] })(normal(key(11), [2, 17, 45, 50]), w);
        return mul(sum(dx), dw);
      },
    ],
    [
      'wavelet',
      () => {
        const { approximation, detail } = dwt(normal(key(13), [300, 401]), 'db4', {
          axis: 0,
          mode: 'symmetric',
        });
        return idwt(approximation, mul(detail, 2), 'db4', { axis: 0, mode: 'symmetric' });
      },
    ],
  ] as [string, () => Tensor][]
).map(([name, compute]) => ({ name, call: (device) => read(withDevice(device, compute)) }));
