import { wgslStep } from '../../backend/webgpu/kernelText.js';
import type { WgslOperand, WgslPlan, WgslStep, WgslTarget } from '../../backend/webgpu/plan.js';
import type { KernelCall } from '../../op.js';
import type { Shape } from '../../shape.js';
import { matrixFactor } from '../matmul/matrixFactor.wgsl.js';
import { type Product, partialTemps, productSteps, u32Words } from '../matmul/product.wgsl.js';
import { points, tileCounts, tileSize } from './winogradGeometry.js';
import {
  inputTransform,
  outputTransform,
  transformBothWays,
  weightTransform,
} from './winogradTransforms.wgsl.js';

/** The transformed tiles of all channels that are in memory at a time: what a large cache holds. */
const chunkBytes = 32 * 2 ** 20;
const workgroupSize = 64;

/** What every device can bind. */
const mostBoundBytes = 128 * 2 ** 20;

/** Whether the transformed weights fit into one binding; with more channels than that, sums are direct. */
export const winogradFits = (weights: Shape): boolean =>
  4 * points * points * weights[0]! * weights[1]! <= mostBoundBytes;

interface Plane {
  readonly height: number;
  readonly width: number;
}

/** A 3x3 convolution of stride 1: input 0 holds images, input 1 weights, output 0 the result. */
export interface WinogradProblem {
  readonly batch: number;
  /** Channels of the images, summed over, and of the result. */
  readonly summed: number;
  readonly results: number;
  /** Weights are stored [summed, results] and turned by 180°, as the input gradient needs them. */
  readonly rotated: boolean;
  readonly source: Plane;
  /** Zeros before the image. */
  readonly top: number;
  readonly left: number;
  readonly result: Plane;
}

/**
 * F(4x4, 3x3): the weights are transformed once; then chunk by chunk the images' tiles, 36 products over the
 * channels, and back. Temporaries: U [36, results, summed], V [36, summed, tiles], M [36, results, tiles].
 */
export function winogradPlan<A>(call: KernelCall<A>, problem: WinogradProblem, target: WgslTarget): WgslPlan {
  const tileType = target.f16 ? 'f16' : 'f32';
  const { batch, summed, results, result } = problem;
  const [rows, columns] = tileCounts(result);
  const tiles = batch * rows * columns;
  const bytesPerTile = 4 * points * points * Math.max(summed, results);
  const mostTiles = Math.max(
    workgroupSize,
    Math.floor(chunkBytes / bytesPerTile / workgroupSize) * workgroupSize,
  );
  const chunk = Math.min(tiles, mostTiles);
  const steps: WgslStep[] = [weightsStep(call, problem)];
  const partials: number[] = [];
  for (let firstTile = 0; firstTile < tiles; firstTile += chunk) {
    const count = Math.min(chunk, tiles - firstTile);
    const words = u32Words({ firstTile, count, tileRows: rows, tileColumns: columns });
    const product = pointProduct(problem, tileType, count);
    partials.push(...partialTemps(product));
    steps.push(inputStep(call, problem, tileType, count, words));
    steps.push(...productSteps(call, product, 3));
    steps.push(outputStep(call, problem, count, words));
  }
  const size = (lines: number, length: number): number => points * points * lines * length;
  return {
    steps,
    temps: [
      ...[4 * size(results, summed), (target.f16 ? 2 : 4) * size(summed, chunk), 4 * size(results, chunk)],
      ...[Math.max(0, ...partials)].filter((size) => size > 0),
    ],
  };
}

/** How the tiles V are stored: they move the most memory. Their products are added up in f32 either way. */
type TileType = 'f32' | 'f16';
type Words = ReturnType<typeof u32Words>;
const temp = (index: number, access: WgslOperand['access'], dtype: TileType = 'f32'): WgslOperand => ({
  ...{ source: { temp: index }, dtype, access },
});
/** Index of a point ξ = 6 i + j. */
const pointOf = (i: number, j: number): number => points * i + j;

function weightsStep<A>(call: KernelCall<A>, { summed, results, rotated }: WinogradProblem): WgslStep {
  const tap = (i: number, j: number): number => (rotated ? 8 - (3 * i + j) : 3 * i + j);
  return wgslStep(call, {
    name: 'winograd/weights',
    about: `U[ξ, m, c] = (G w[${rotated ? 'c, m], turned by 180°,' : 'm, c]'} Gᵀ)[ξ], an invocation per (m, c). One pass.`,
    operands: { weights: { source: { input: 1 }, dtype: 'f32', access: 'read' }, result: temp(0, 'write') },
    words: u32Words({ summed, results }),
    workgroupSize,
    groups: Math.ceil((summed * results) / workgroupSize),
    declarations: weightTransform,
    body: `let i = group * ${workgroupSize}u + local;
let size = p.summed * p.results;
if (i < size) {
let first = ${rotated ? '(i % p.summed * p.results + i / p.summed)' : 'i'} * 9u;
${transformBothWays(
  'weightTransform',
  [3, points],
  (row, column) => `load_weights(first + ${tap(row, column)}u)`,
  (row, column, value) => `store_result(${pointOf(row, column)}u * size + i, ${value});`,
)}
}`,
  });
}

/** Where invocation i finds its channel and tile. */
const channelAndTile = `let i = group * ${workgroupSize}u + local;
let channel = i / p.count;
let tile = p.firstTile + i % p.count;
let tileY = tile / p.tileColumns % p.tileRows * ${tileSize}u;
let tileX = tile % p.tileColumns * ${tileSize}u;
let image = tile / (p.tileColumns * p.tileRows);`;

function inputStep<A>(
  call: KernelCall<A>,
  problem: WinogradProblem,
  tileType: TileType,
  count: number,
  words: Words,
): WgslStep {
  const { summed, source, top, left } = problem;
  return wgslStep(call, {
    name: 'winograd/input',
    about: `V[ξ, c, tile] = (Bᵀ d Bᵀᵀ)[ξ] of the 6 x 6 pixels d of a tile, an invocation per (c, tile).
One pass: 2.25 times the image is read, from the cache for the most part, and written.`,
    operands: {
      image: { source: { input: 0 }, dtype: 'f32', access: 'read' },
      result: temp(1, 'write', tileType),
    },
    words: { ...words, ...u32Words({ summed, height: source.height, width: source.width, top, left }) },
    workgroupSize,
    groups: Math.ceil((summed * count) / workgroupSize),
    declarations: `${inputTransform}
/// Pixels outside the image are 0; coordinates before it wrap around to large numbers.
fn pixel(plane: u32, y: u32, x: u32) -> f32 {
  let inside = y < p.height && x < p.width;
  return select(0.0, load_image(select(0u, plane + y * p.width + x, inside)), inside);
}`,
    body: `${channelAndTile}
let size = p.summed * p.count;
if (i < size) {
let plane = (image * p.summed + channel) * p.height * p.width;
let y = tileY - p.top;
let x = tileX - p.left;
${transformBothWays(
  'inputTransform',
  [points, points],
  (row, column) => `pixel(plane, y + ${row}u, x + ${column}u)`,
  (row, column, value) => `store_result(${pointOf(row, column)}u * size + i, ${value});`,
)}
}`,
  });
}

function pointProduct({ summed, results }: WinogradProblem, tileType: TileType, count: number): Product {
  const left = matrixFactor('left', {
    ...{ operand: temp(0, 'read'), lineStep: summed, sumStep: 1, units: results * summed },
  });
  const right = matrixFactor('right', {
    ...{ operand: temp(1, 'read', tileType), lineStep: 1, sumStep: count, units: summed * count },
  });
  return {
    ...{ name: 'winograd/product', about: 'M[ξ, m, tile] = Σ_c U[ξ, m, c] V[ξ, c, tile].' },
    ...{ complex: false, rows: results, columns: count, depth: summed, units: points * points, left, right },
    result: {
      operand: temp(2, 'write'),
      declarations: `fn placeResult(column: u32, unit: u32) -> u32 {
  return unit * p.rows * p.columns + column;
}`,
      rowStep: count,
    },
    words: { ...left.words, ...right.words },
  };
}

function outputStep<A>(call: KernelCall<A>, problem: WinogradProblem, count: number, words: Words): WgslStep {
  const { results, result } = problem;
  return wgslStep(call, {
    name: 'winograd/output',
    about: `The 4 x 4 pixels Aᵀ M[·, m, tile] A of a tile, an invocation per (m, tile). One pass: M is 2.25 times the result.`,
    operands: {
      ...{ products: temp(2, 'read'), result: { source: { output: 0 }, dtype: 'f32', access: 'write' } },
    },
    words: { ...words, ...u32Words({ results, height: result.height, width: result.width }) },
    workgroupSize,
    groups: Math.ceil((results * count) / workgroupSize),
    declarations: `${outputTransform}
fn put(plane: u32, y: u32, x: u32, value: f32) {
  if (y < p.height && x < p.width) { store_result(plane + y * p.width + x, value); }
}`,
    body: `${channelAndTile}
let size = p.results * p.count;
if (i < size) {
let plane = (image * p.results + channel) * p.height * p.width;
${transformBothWays(
  'outputTransform',
  [points, tileSize],
  (row, column) => `load_products(${pointOf(row, column)}u * size + i)`,
  (row, column, value) => `put(plane, tileY + ${row}u, tileX + ${column}u, ${value});`,
)}
}`,
  });
}
