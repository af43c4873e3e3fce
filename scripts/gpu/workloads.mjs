import { grad } from '@adjoint/autograd';
import {
  abs2,
  add,
  argsort,
  centredFft,
  centredIfft,
  complexNormal,
  conj,
  conv2d,
  fft2,
  instanceNorm,
  jit,
  key,
  matmul,
  mul,
  normal,
  relu,
  scope,
  sigmoid,
  sum,
  wavedec2,
} from '@adjoint/tensor';

/**
 * @typedef {object} Workload
 * @property {string} name as in torch_cuda.py
 * @property {number} [flops] per call
 * @property {number} bytes read and written at least, per call
 * @property {() => { run: () => void, dispose: () => void }} prepare
 */

/** @typedef {import('@adjoint/tensor').Tensor} Tensor */

/**
 * A jitted function of the given tensors; results are freed at once.
 * @param {readonly Tensor[]} inputs
 * @param {(...inputs: Tensor[]) => unknown} f
 */
function compiled(inputs, f) {
  const jitted = jit(f);
  return {
    run: () => {
      scope(() => {
        jitted(...inputs);
      });
    },
    dispose: () => {
      jitted.dispose();
      for (const input of inputs) input.dispose();
    },
  };
}

const log2 = Math.log2;

/** @param {'small' | 'full'} size @returns {Workload[]} */
export function workloads(size) {
  const isFull = size === 'full';
  const list = [];
  for (const n of isFull ? [1024, 4096] : [256])
    list.push({
      name: `matmul ${n}`,
      flops: 2 * n ** 3,
      bytes: 12 * n * n,
      prepare: () => compiled([normal(key(0), [n, n]), normal(key(1), [n, n])], (a, b) => matmul(a, b)),
    });
  for (const shape of isFull
    ? [
        [15, 640, 368],
        [8, 320, 320],
        [64, 256, 256],
      ]
    : [[4, 64, 48]])
    list.push(...transforms(/** @type {[number, number, number]} */ (shape)));
  for (const [n, c, h] of isFull
    ? [
        [1, 32, 320],
        [1, 64, 160],
        [1, 128, 80],
        [8, 64, 160],
      ]
    : [[1, 16, 32]])
    list.push(...convolutions(n, c, h));
  for (const n of isFull ? [2 ** 22, 2 ** 26] : [2 ** 16]) list.push(...arrays(n));
  return list;
}

/** @param {[number, number, number]} shape @returns {Workload[]} */
function transforms([coils, h, w]) {
  const points = coils * h * w;
  const flops = 5 * points * log2(h * w);
  const label = `${coils}x${h}x${w}`;
  return [
    {
      name: `fft2 ${label}`,
      flops,
      bytes: 16 * points,
      prepare: () => compiled([complexNormal(key(0), [coils, h, w])], (x) => fft2(x)),
    },
    {
      name: `sense_normal ${label}`,
      flops: 2 * flops,
      bytes: 16 * points,
      prepare: () => {
        const inputs = [
          complexNormal(key(0), [h, w]),
          complexNormal(key(1), [coils, h, w]),
          normal(key(2), [w]),
        ];
        return compiled(inputs, (x, maps, mask) =>
          sum(mul(conj(maps), centredIfft(mul(mask, centredFft(mul(maps, x))))), { axes: 0 }),
        );
      },
    },
  ];
}

/** @param {number} n @param {number} c @param {number} h @returns {Workload[]} */
function convolutions(n, c, h) {
  const flops = 2 * 9 * n * c * c * h * h;
  const bytes = 4 * (2 * n * c * h * h + 9 * c * c);
  const label = `${n}x${c}x${h}x${h}`;
  const inputs = () => [normal(key(0), [n, c, h, h]), mul(normal(key(1), [c, c, 3, 3]), 0.05)];
  const conv = (/** @type {Tensor} */ x, /** @type {Tensor} */ w) => conv2d(x, w, { padding: 1 });
  return [
    { name: `conv3x3 ${label}`, flops, bytes, prepare: () => compiled(inputs(), conv) },
    {
      name: `conv3x3 fwd+bwd ${label}`,
      flops: 3 * flops,
      bytes: 3 * bytes,
      prepare: () =>
        compiled(inputs(), (x, w) => {
          const [dx, dw] = grad((/** @type {[Tensor, Tensor]} */ p) => sum(abs2(conv(...p))))([x, w]);
          return [dx, dw];
        }),
    },
    {
      name: `instanceNorm ${label}`,
      bytes: 8 * n * c * h * h,
      prepare: () => compiled([normal(key(0), [n, c, h, h])], (x) => instanceNorm(x)),
    },
  ];
}

/** @param {number} n @returns {Workload[]} */
function arrays(n) {
  const label = n < 2 ** 20 ? `${n / 1024}k` : `${n / 2 ** 20}M`;
  const side = 2 ** Math.floor(log2(n) / 2);
  return [
    {
      name: `chain ${label}`,
      bytes: 12 * n,
      prepare: () =>
        compiled([normal(key(0), [n]), normal(key(1), [n])], (x, y) =>
          sigmoid(relu(mul(add(mul(x, y), x), 0.5))),
        ),
    },
    { name: `sum ${label}`, bytes: 4 * n, prepare: () => compiled([normal(key(0), [n])], (x) => sum(x)) },
    {
      name: `wavedec2 db4 ${side}x${side}`,
      bytes: 8 * side * side,
      prepare: () => compiled([normal(key(0), [side, side])], (x) => wavedec2(x, 'db4', { level: 3 })),
    },
    {
      name: `argsort ${label}`,
      bytes: 8 * n,
      prepare: () => compiled([normal(key(0), [n])], (x) => argsort(x)),
    },
  ];
}
