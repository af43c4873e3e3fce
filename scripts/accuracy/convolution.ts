import { grad } from '@adjoint/autograd';
import {
  conv2d,
  createDevice,
  type Device,
  key,
  mul,
  normal,
  read,
  setConvAlgorithm,
  sum,
  type Tensor,
  type TypedArray,
  tensor,
  withDevice,
} from '@adjoint/tensor';

/** [channels in, channels out, size]: 3 × 3 kernels, stride 1, which every algorithm takes. */
const shapes = [
  [16, 16, 33],
  [32, 32, 40],
  [64, 64, 20],
] as const;

/** Output and both gradients of a convolution with given data. */
async function results(
  device: Device,
  data: readonly TypedArray[],
  shape: (typeof shapes)[number],
): Promise<TypedArray[]> {
  const [from, to, size] = shape;
  const tensors = withDevice(device, () => {
    const dtype = device.name === 'reference' ? 'f64' : 'f32';
    const place = (values: TypedArray, dims: number[]) => tensor(values, { dtype, shape: dims });
    const x = place(data[0]!, [1, from, size, size]);
    const w = place(data[1]!, [to, from, 3, 3]);
    const g = place(data[2]!, [1, to, size, size]);
    const run = (a: Tensor, b: Tensor) => conv2d(a, b, { padding: 1 });
    const gradients = grad((a: Tensor, b: Tensor) => sum(mul(run(a, b), g)), { argnums: [0, 1] })(x, w);
    return [run(x, w), ...gradients];
  });
  return Promise.all(tensors.map(read));
}

/** Relative L2 error. */
function relativeError(a: TypedArray, b: TypedArray): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    size += b[i]! ** 2;
  }
  return Math.sqrt(difference / size);
}

/** Markdown table: relative L2 errors of convolution and its gradients against f64, by algorithm. */
export async function convolutionAccuracy(): Promise<string> {
  const [wasm, reference] = [
    await createDevice({ device: 'wasm' }),
    await createDevice({ device: 'reference' }),
  ];
  const lines = [
    '## Convolution, 3 × 3, stride 1',
    '',
    'Relative L2 error against f64; data and weights are standard normal. `direct` adds products as they stand, `winograd` is',
    'F(4×4, 3×3), chosen by itself from 16 channels on (`setConvAlgorithm`).',
    '',
    'What tests allow where `winograd` is forced, as max|a − b|/max|b|: 2e-5 for the op table (values and gradients; ragged',
    'tiles, 1 to 26 channels) and the outputs of the golden U-net, 1e-4 for its gradients, which is what `direct` is allowed.',
    '',
    '| channels | size | algorithm | output | input gradient | weight gradient |',
    '|---|---|---|---|---|---|',
  ];
  for (const shape of shapes) {
    const [from, to, size] = shape;
    const sizes = [
      [from, size, size],
      [to, from, 3, 3],
      [to, size, size],
    ];
    const data = await Promise.all(
      sizes.map((dims, i) => read(withDevice(wasm, () => normal(key(i), dims)))),
    );
    const exact = await results(reference, data, shape);
    for (const algorithm of ['direct', 'winograd'] as const) {
      setConvAlgorithm(algorithm);
      const errors = (await results(wasm, data, shape)).map((value, i) => relativeError(value, exact[i]!));
      lines.push(
        `| ${from} → ${to} | ${size}² | ${algorithm} | ${errors.map((e) => e.toExponential(1)).join(' | ')} |`,
      );
    }
  }
  setConvAlgorithm('auto');
  wasm.dispose();
  reference.dispose();
  return `${lines.join('\n')}\n`;
}
