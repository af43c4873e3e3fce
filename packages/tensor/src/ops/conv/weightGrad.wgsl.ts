import type { WgslOperand, WgslPlan } from '../../backend/webgpu/plan.js';
import type { KernelCall } from '../../op.js';
import { type Shape, sizeOf } from '../../shape.js';
import { type Factor, type Product, partialTemps, productSteps, u32Words } from '../matmul/product.wgsl.js';
import { storedInput } from '../matmul/storedInput.wgsl.js';
import { zeroPlan } from '../matmul/zero.wgsl.js';
import type { WeightGradAttrs } from './convolution.js';
import { forwardTaps } from './forward.wgsl.js';
import { loadPixels, tapTable } from './tapProduct.wgsl.js';

/**
 * conv2dWeightGrad as the product w[co, k] = Σ_{n, q} g[n, co, q] x[n, tap k of q]. The sum over all pixels is long:
 * its parts become partial sums, added in their order.
 */
export function weightGradWgsl(call: KernelCall<WeightGradAttrs>): WgslPlan {
  const [x, g] = call.inputs.map((input) => input.shape) as [Shape, Shape];
  const w = call.outputs[0]!.shape;
  if (sizeOf(x) * sizeOf(g) === 0) return zeroPlan(call);
  const image = storedInput(call, 0, 0);
  const grad = storedInput(call, 1, image.temps.length);
  const product = weightGradProduct(x, g, w, call.attrs, { image: image.operand, grad: grad.operand });
  const temps = [...image.temps, ...grad.temps];
  return {
    steps: [...image.steps, ...grad.steps, ...productSteps(call, product, temps.length)],
    temps: [...temps, ...partialTemps(product)],
    tables: [tapTable(forwardTaps(w, call.attrs.dilation), x)],
  };
}

function weightGradProduct(
  x: Shape,
  g: Shape,
  w: Shape,
  { groups, stride, padding }: WeightGradAttrs,
  operands: Record<'image' | 'grad', WgslOperand>,
): Product {
  const [batch, outChannels, gradRows, gradColumns] = g as [number, number, number, number];
  const [, channels, height, width] = x as [number, number, number, number];
  const pixels = gradRows * gradColumns;
  const [rows, columns] = [outChannels / groups, sizeOf(w) / outChannels];
  return {
    ...{
      name: 'conv2dWeightGrad',
      about: 'w[co, ci, tap] = Σ_{n, q} g[n, co, q] x[n, ci, q · stride + tap].',
    },
    ...{ complex: false, rows, columns, depth: batch * pixels, units: groups },
    ...{ left: gradFactor(operands.grad), right: pixelFactor(operands.image) },
    result: {
      operand: { source: { output: 0 }, dtype: 'f32', access: 'write' },
      declarations: `fn placeResult(column: u32, unit: u32) -> u32 {
  return unit * p.rows * p.columns + column;
}`,
      rowStep: columns,
    },
    words: u32Words({
      ...{ pixels, gradColumns, gradStep: outChannels * pixels, height, width },
      ...{ stepY: stride[0], stepX: stride[1], startY: -padding[0][0], startX: -padding[1][0] },
      ...{ imageStep: channels * height * width, imageGroup: (channels / groups) * height * width },
    }),
  };
}

const gradFactor = (grad: WgslOperand): Factor => ({
  operands: { grad },
  along: 'sum',
  declarations: `alias LeftPlace = vec4u;
fn placeLeft(rows: vec4u, unit: u32) -> LeftPlace {
  return (unit * p.rows + rows) * p.pixels;
}
fn loadLeft(place: LeftPlace, k: u32) -> Quad {
  let at = place + k / p.pixels * p.gradStep + k % p.pixels;
  return vec4f(load_grad(at.x), load_grad(at.y), load_grad(at.z), load_grad(at.w));
}`,
});

/** Coordinates before the image wrap around to large numbers, as everywhere. */
const pixelFactor = (image: WgslOperand): Factor => ({
  operands: { image, taps: { source: { table: 0 }, dtype: 'i32', access: 'read' } },
  along: 'sum',
  declarations: `struct RightPlace { at: vec4u, y: vec4u, x: vec4u }
fn loadTaps(columns: vec4u, word: u32) -> vec4u {
  let at = columns * 4u + word;
  return vec4u(vec4i(load_taps(at.x), load_taps(at.y), load_taps(at.z), load_taps(at.w)));
}
fn placeRight(columns: vec4u, unit: u32) -> RightPlace {
  return RightPlace(unit * p.imageGroup + loadTaps(columns, 1u), loadTaps(columns, 2u), loadTaps(columns, 3u));
}
fn loadRight(place: RightPlace, k: u32) -> Quad {
  let pixel = k % p.pixels;
  let y = pixel / p.gradColumns * p.stepY + p.startY;
  let x = pixel % p.gradColumns * p.stepX + p.startX;
  return loadPixels(place.at + k / p.pixels * p.imageStep + y * p.width + x, place.y + y, place.x + x);
}
${loadPixels}`,
});
