import { vjp } from '@adjoint/autograd';
import { avgPool2d, conv2d, maxPool2d, moments, pad, resize, type Tensor } from '@adjoint/tensor';
import { type BenchCase, bench, f32 } from './case.js';

const forward = (x: Tensor, w: Tensor): Tensor => conv2d(x, w, { padding: 1 });

/** Gradients with respect to image and weights, for a given gradient of the result. */
function both(x: Tensor, w: Tensor, gradient: Tensor): Tensor[] {
  using at = vjp(forward, x, w);
  return at.pullback(gradient);
}

function convolution(channels: number, size: number): BenchCase[] {
  const name = `conv2d_3x3_${channels}to${channels}`;
  const shape = [1, channels, size, size];
  const inputs = [f32(...shape), f32(channels, channels, 3, 3)];
  return [
    bench(`${name}_fwd`, shape, inputs, forward),
    bench(`${name}_fwd_bwd`, shape, [...inputs, f32(...shape)], both),
  ];
}

const image = [1, 32, 320, 320];

export const networkCases: readonly BenchCase[] = [
  ...convolution(32, 320),
  ...convolution(64, 160),
  ...convolution(128, 80),
  bench('moments', [32, 102400], [f32(32, 102400)], (x) => moments(x, { axes: 1 }).variance),
  bench('max_pool2d', image, [f32(...image)], (x) => maxPool2d(x, { kernel: 2 })),
  bench('avg_pool2d', image, [f32(...image)], (x) => avgPool2d(x, { kernel: 2 })),
  bench('resize_bilinear', [1, 32, 160, 160], [f32(1, 32, 160, 160)], (x) =>
    resize(x, [320, 320], { mode: 'bilinear' }),
  ),
  bench('pad_reflect', image, [f32(...image)], (x) => {
    const one: [number, number] = [1, 1];
    return pad(x, [one, one], { mode: 'reflect' });
  }),
];
