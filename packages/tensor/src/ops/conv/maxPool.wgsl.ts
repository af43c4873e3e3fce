import { wgslStep } from '../../backend/webgpu/kernelText.js';
import type { WgslPlan } from '../../backend/webgpu/plan.js';
import type { KernelCall } from '../../op.js';
import { sizeOf } from '../../shape.js';
import { u32Words } from '../matmul/product.wgsl.js';
import type { MaxPoolAttrs } from './maxPool.js';

const workgroupSize = 256;

/** An invocation per result. */
export function maxPoolWgsl(call: KernelCall<MaxPoolAttrs>): WgslPlan {
  const { kernel, stride, padding } = call.attrs;
  const { shape } = call.outputs[0]!;
  const [height, width] = call.inputs[0]!.shape.slice(-2) as [number, number];
  const [rows, columns] = shape.slice(-2) as [number, number];
  const step = wgslStep(call, {
    name: 'maxPool2d',
    about: `y[…, i, j] = max over a window of x, and the place of the first largest pixel in its plane; NaN counts as largest.
One pass.`,
    operands: {
      x: { source: { input: 0 }, dtype: 'f32', access: 'read' },
      y: { source: { output: 0 }, dtype: 'f32', access: 'write' },
      place: { source: { output: 1 }, dtype: 'i32', access: 'write' },
    },
    words: {
      ...u32Words({ size: sizeOf(shape), rows, columns, height, width }),
      ...u32Words({ kernelY: kernel[0], kernelX: kernel[1], strideY: stride[0], strideX: stride[1] }),
      ...u32Words({ top: padding[0][0], left: padding[1][0] }),
    },
    workgroupSize,
    groups: Math.ceil(sizeOf(shape) / workgroupSize),
    library: ['is_nan'],
    body: `let i = group * ${workgroupSize}u + local;
if (i < p.size) {
  let line = i / p.columns;
  let plane = line / p.rows * p.height * p.width;
  // padding is at most half a window, so that every window has pixels inside the image
  let windowY = line % p.rows * p.strideY;
  let windowX = i % p.columns * p.strideX;
  let firstY = max(windowY, p.top) - p.top;
  let firstX = max(windowX, p.left) - p.left;
  let lastY = min(windowY + p.kernelY - p.top, p.height);
  let lastX = min(windowX + p.kernelX - p.left, p.width);
  var best = firstY * p.width + firstX;
  var most = load_x(plane + best);
  for (var y = firstY; y < lastY; y++) {
    for (var at = y * p.width + firstX; at < y * p.width + lastX; at++) {
      let value = load_x(plane + at);
      if (value > most || is_nan(value)) {
        most = value;
        best = at;
      }
    }
  }
  store_y(i, most);
  store_place(i, i32(best));
}`,
  });
  return { steps: [step] };
}
