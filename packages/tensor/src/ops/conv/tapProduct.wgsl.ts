import type { WgslOperand } from '../../backend/webgpu/plan.js';
import type { Shape } from '../../shape.js';
import { type Factor, type Product, u32Words } from '../matmul/product.wgsl.js';
import type { Pair } from './geometry.js';

/** One step of a convolution's sum, (channel of a group, tap), in elements: where its weight and its pixel lie. */
export interface Tap {
  readonly weight: number;
  /** Channel of the group, and the distance from the pixel that the result's pixel maps to. */
  readonly channel: number;
  readonly y: number;
  readonly x: number;
}

/** Words per tap in the table: weight, pixel, y, x. */
const tapWords = 4;

/** The table the kernels read, for images of a shape [n, channels, height, width]. */
export function tapTable(taps: readonly Tap[], image: Shape): Int32Array {
  const [, , height, width] = image as [number, number, number, number];
  // never empty: a phase without taps has no entry, but its kernel's table must be bound
  const table = new Int32Array(Math.max(1, taps.length) * tapWords);
  taps.forEach(({ weight, channel, y, x }, i) => {
    table.set([weight, (channel * height + y) * width + x, y, x], i * tapWords);
  });
  return table;
}

const tapOperand: WgslOperand = { source: { table: 0 }, dtype: 'i32', access: 'read' };

/**
 * A convolution as the product of weights [row, tap] and pixels [tap, pixel]: pixel (qy, qx) of the result and
 * tap t meet at pixel (qy · step + start + t.y, …) of the image, which is 0 outside.
 */
export interface TapProduct {
  readonly name: string;
  readonly groups: number;
  /** Result channels per group. */
  readonly rows: number;
  /** Taps of table 0 that are summed. */
  readonly firstTap: number;
  readonly taps: number;
  readonly weights: WgslOperand;
  /** From one result channel, and one group, to the next. */
  readonly weightRow: number;
  readonly weightGroup: number;
  readonly image: WgslOperand;
  /** [n, channels, height, width] of the image. */
  readonly imageShape: Shape;
  readonly step: Pair;
  readonly start: Pair;
  /** The pixels to compute, of each image: counts, and where they lie in the result. */
  readonly counts: Pair;
  readonly result: WgslOperand;
  readonly resultShape: Shape;
  readonly resultStart: number;
  readonly resultStep: Pair;
}

/** One text for all convolutions, since kernels of equal text are compiled once. */
const about = 'y[n, m, q] = Σ_tap w[m, tap] x[n, channel of tap, q · step + start + place of tap].';

/** The product that computes a convolution, with the images of a batch side by side as columns. */
export function tapProduct(part: TapProduct): Product {
  const { groups, rows, counts, imageShape, resultShape } = part;
  const [batch, channels, height, width] = imageShape as [number, number, number, number];
  const [, resultChannels, resultHeight, resultWidth] = resultShape as [number, number, number, number];
  const plane = resultHeight * resultWidth;
  const pixels = counts[0] * counts[1];
  return {
    ...{ name: part.name, about, complex: false },
    ...{ rows, columns: batch * pixels, depth: part.taps, units: groups },
    left: weightFactor(part.weights),
    right: imageFactor(part.image),
    result: { operand: part.result, declarations: placeResult, rowStep: plane },
    words: {
      ...u32Words({ firstTap: part.firstTap, weightRow: part.weightRow, weightGroup: part.weightGroup }),
      ...u32Words({ pixels, pixelColumns: counts[1], height, width }),
      ...u32Words({ stepY: part.step[0], stepX: part.step[1], startY: part.start[0], startX: part.start[1] }),
      ...u32Words({
        imageStep: channels * height * width,
        imageGroup: (channels / groups) * height * width,
        ...{ resultStart: part.resultStart, resultStep: resultChannels * plane, resultGroup: rows * plane },
        ...{ resultY: part.resultStep[0] * resultWidth, resultX: part.resultStep[1] },
      }),
    },
  };
}

const weightFactor = (weights: WgslOperand): Factor => ({
  operands: { weights, taps: tapOperand },
  along: 'sum',
  declarations: `alias LeftPlace = vec4u;
fn placeLeft(rows: vec4u, unit: u32) -> LeftPlace {
  return unit * p.weightGroup + rows * p.weightRow;
}
fn loadLeft(place: LeftPlace, k: u32) -> Quad {
  let at = place + u32(load_taps((p.firstTap + k) * ${tapWords}u));
  return vec4f(load_weights(at.x), load_weights(at.y), load_weights(at.z), load_weights(at.w));
}`,
});

/** Coordinates before the image wrap around to large numbers, so that one comparison finds both sides. */
const imageFactor = (image: WgslOperand): Factor => ({
  operands: { image, taps: tapOperand },
  along: 'lines',
  declarations: `struct RightPlace { at: vec4u, y: vec4u, x: vec4u }
fn placeRight(columns: vec4u, unit: u32) -> RightPlace {
  let pixel = columns % p.pixels;
  let y = pixel / p.pixelColumns * p.stepY + p.startY;
  let x = pixel % p.pixelColumns * p.stepX + p.startX;
  return RightPlace(columns / p.pixels * p.imageStep + unit * p.imageGroup + y * p.width + x, y, x);
}
fn loadRight(place: RightPlace, k: u32) -> Quad {
  let tap = (p.firstTap + k) * ${tapWords}u;
  let y = place.y + u32(load_taps(tap + 2u));
  let x = place.x + u32(load_taps(tap + 3u));
  return loadPixels(place.at + u32(load_taps(tap + 1u)), y, x);
}
${loadPixels}`,
});

/** WGSL that loads four pixels of `image`, 0 outside of it. */
export const loadPixels = `fn loadPixels(places: vec4u, y: vec4u, x: vec4u) -> vec4f {
  let inside = (y < vec4u(p.height)) & (x < vec4u(p.width));
  let at = select(vec4u(), places, inside);
  return select(vec4f(), vec4f(load_image(at.x), load_image(at.y), load_image(at.z), load_image(at.w)), inside);
}`;

const placeResult = `fn placeResult(column: u32, unit: u32) -> u32 {
  let pixel = column % p.pixels;
  let inImage = p.resultStart + pixel / p.pixelColumns * p.resultY + pixel % p.pixelColumns * p.resultX;
  return column / p.pixels * p.resultStep + unit * p.resultGroup + inImage;
}`;
