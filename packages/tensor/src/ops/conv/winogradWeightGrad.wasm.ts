import { type FunctionBuilder, i32, type Local } from '../../backend/wasm/assembler.js';
import {
  scratchBytes,
  type WasmArg,
  type WasmPlan,
  type WasmStep,
  type WasmTarget,
} from '../../backend/wasm/plan.js';
import {
  defineTiles,
  forTiles,
  panelStep,
  type TileCall,
  tileColumns,
  tileRows,
} from '../matmul/tile.wasm.js';
import {
  imageBytes,
  imagesPerPart,
  type PaddedImage,
  padStep,
  planeFloats,
  rowFloats,
} from './paddedImage.wasm.js';
import { points, tileCounts, tiledImage, tileSize } from './winogradGeometry.js';
import { transformGradient } from './winogradGradientTiles.wasm.js';
import {
  forQuads,
  panelChannelBytes,
  pointStride,
  stagingBytes,
  tileOverheadBytes,
  transformInput,
} from './winogradTiles.wasm.js';
import { weightGradResultStep } from './winogradWeightGradResult.wasm.js';

/** Bytes of the transformed images of one block of tiles: they stay in the second-level cache. */
const workingBytes = 1280 * 1024;
/** Panels of tiles whose products are added one after the other: short sums round less. */
const mostPanels = 8;
/** Bytes of the partial sums of all tasks. */
const mostPartialBytes = 16 * 2 ** 20;
/** Partial sums, at most: enough for many threads, and each costs a pass over all products. */
const mostParts = 16;

/** The weight gradient of a stride-1 3x3 convolution: images are input 0, gradients input 1. */
export interface WeightGradProblem {
  readonly batch: number;
  readonly imageChannels: number;
  readonly gradientChannels: number;
  readonly image: { readonly height: number; readonly width: number };
  /** Zeros before the image. */
  readonly top: number;
  readonly left: number;
  readonly gradient: { readonly height: number; readonly width: number };
}

/** Whether a panel of 8 tiles with all channels fits into a thread's scratch memory. */
export const winogradWeightGradFits = (imageChannels: number, gradientChannels: number): boolean =>
  (imageChannels + wholePanels(gradientChannels)) * panelChannelBytes + tileOverheadBytes <= scratchBytes;

/**
 * dw = Gᵀ [Σ_tiles (A g Aᵀ) ∘ (Bᵀ x B)] G, the adjoint of F(4x4, 3x3) in the weights: 36 matrix products over the
 * tiles in place of 144. Each task sums over some blocks of tiles; the partial sums are added in their order.
 */
export function winogradWeightGradPlan(target: WasmTarget, problem: WeightGradProblem): WasmPlan {
  const { batch, imageChannels, gradientChannels, gradient } = problem;
  const counts = tileCounts(gradient);
  const [tilesY, tilesX] = counts;
  const { top, left } = problem;
  const image = tiledImage({ channels: imageChannels, ...problem.image, top, left }, counts);
  const padded = wholeTiles(gradientChannels, gradient, counts);
  const cut = cutTiles(problem, tilesX * tilesY);
  // a gradient of whole tiles is read where it is
  const isWhole = padded.rows === gradient.height && padded.runLength === gradient.width;
  const together = Math.min(imagesPerPart(image, batch), imagesPerPart(padded, batch));
  const steps: WasmStep[] = [];
  let parts = 0;
  for (let first = 0; first < batch; first += together) {
    const units = Math.min(together, batch - first);
    const blocks = units * cut.blocks;
    const tasks = Math.ceil(blocks / cut.blocksPerTask);
    const source = (index: number, { channels, height, width }: PaddedImage): WasmArg => ({
      ...{ input: index, offset: 4 * first * channels * height * width },
    });
    steps.push(padStep(target, image, units * imageChannels, source(0, image), { temp: 0 }));
    if (!isWhole)
      steps.push(padStep(target, padded, units * gradientChannels, source(1, padded), { temp: 1 }));
    const words: Record<Name, WasmArg> = {
      ...{
        image: { temp: 0 },
        gradient: isWhole ? source(1, padded) : { temp: 1 },
        sums: { temp: 2, offset: parts * cut.partBytes },
      },
      ...{ allBlocks: blocks, blocks: cut.blocks, blocksPerTask: cut.blocksPerTask },
      ...{ tilesPerBlock: cut.tilesPerBlock, tiles: tilesX * tilesY, tileColumns: tilesX },
      ...{ summed: imageChannels, results: gradientChannels, partBytes: cut.partBytes },
      ...{ imageUnit: imageBytes(image), imagePlane: 4 * planeFloats(image), imageRow: 4 * rowFloats(image) },
      ...{ gradientUnit: imageBytes(padded), gradientPlane: 4 * planeFloats(padded) },
      gradientRow: 4 * rowFloats(padded),
    };
    steps.push({ code: sumsKernel(target), tasks, args: argumentNames.map((name) => words[name]) });
    parts += tasks;
  }
  steps.push(
    weightGradResultStep(target, {
      ...{ parts, imageChannels, gradientChannels, rowBytes: 4 * wholePanels(gradientChannels) },
      ...{ sums: { temp: 2 }, result: { output: 0 } },
    }),
  );
  return {
    steps,
    temps: [together * imageBytes(image), isWhole ? 0 : together * imageBytes(padded), parts * cut.partBytes],
  };
}

/** The copy of the gradient that consists of whole tiles. */
const wholeTiles = (
  channels: number,
  { height, width }: WeightGradProblem['gradient'],
  [down, across]: readonly [number, number],
): PaddedImage => ({
  ...{ channels, height, width, top: 0, left: 0 },
  ...{ rows: tileSize * down, runs: 1, runLength: tileSize * across },
});

/** Channels of the gradient in panels of 8, the missing ones of the last panel included. */
const wholePanels = (channels: number): number => Math.ceil(channels / tileColumns) * tileColumns;

/** Blocks of tiles, and of blocks: by shape alone. */
function cutTiles({ batch, imageChannels, gradientChannels }: WeightGradProblem, tiles: number) {
  const partBytes = 4 * points * points * wholePanels(gradientChannels) * imageChannels;
  const fitting = Math.max(
    1,
    Math.floor(workingBytes / ((imageChannels + wholePanels(gradientChannels)) * panelChannelBytes)),
  );
  const tilesPerBlock = Math.min(fitting, mostPanels, Math.ceil(tiles / tileColumns)) * tileColumns;
  const blocks = Math.ceil(tiles / tilesPerBlock);
  const parts = Math.max(1, Math.min(mostParts, Math.floor(mostPartialBytes / partBytes)));
  return { partBytes, tilesPerBlock, blocks, blocksPerTask: Math.ceil((batch * blocks) / parts) };
}

const argumentNames = [
  ...[
    'image',
    'gradient',
    'sums',
    'allBlocks',
    'blocks',
    'blocksPerTask',
    'tilesPerBlock',
    'tiles',
    'tileColumns',
  ],
  ...['summed', 'results', 'partBytes', 'imageUnit', 'imagePlane', 'imageRow'],
  ...['gradientUnit', 'gradientPlane', 'gradientRow'],
] as const;
type Name = (typeof argumentNames)[number];
type L = Local<'i32'>;
type Words = Readonly<Record<Name, L>>;

/** A task: some blocks of tiles. Scratch: staging, transformed image, transformed gradient. */
const sumsKernel = (target: WasmTarget) =>
  target.kernel('conv/winogradWeightGrad', (f, { module, task, arg, scratch }) => {
    const word = Object.fromEntries(argumentNames.map((name, i) => [name, f.let(arg(i))])) as Words;
    const tile = defineTiles(module, target, 'panel', false);
    const sums = f.let(i32.add(word.sums, i32.mul(task, word.partBytes)));
    const start = f.let(i32.mul(task, word.blocksPerTask));
    const stop = f.let(i32.minS(word.allBlocks, i32.add(start, word.blocksPerTask)));
    const gradientPanels = f.let(i32.shrU(i32.add(word.results, tileColumns - 1), 3));
    f.for(start, stop, 1, (block) => {
      const unit = f.let(i32.divU(block, word.blocks));
      const firstTile = f.let(i32.mul(i32.remU(block, word.blocks), word.tilesPerBlock));
      const count = f.let(i32.minS(word.tilesPerBlock, i32.sub(word.tiles, firstTile)));
      const panels = f.let(i32.divU(i32.add(count, tileColumns - 1), tileColumns));
      const imagePoint = pointStride(f, panels, word.summed);
      const gradientPoint = pointStride(f, gradientPanels, count);
      const to = f.let(i32.add(scratch, stagingBytes));
      const gradientTo = f.let(i32.add(to, i32.mul(imagePoint, points * points)));
      const image = f.let(i32.add(word.image, i32.mul(unit, word.imageUnit)));
      const gradient = f.let(i32.add(word.gradient, i32.mul(unit, word.gradientUnit)));
      const channelBytes = f.let(i32.mul(panels, panelStep));
      forQuads(f, word.summed, count, (quad, range) =>
        transformInput(f, target, {
          ...{ word, range, scratch, image, tile: f.let(i32.add(firstTile, quad)) },
          ...{ to: f.let(i32.add(to, i32.shl(quad, 2))), channelBytes, pointBytes: imagePoint },
        }),
      );
      transformGradient(f, target, {
        ...{ word, scratch, gradient, firstTile, count, to: gradientTo, pointBytes: gradientPoint },
      });
      const add = f.let(i32.ne(block, start));
      multiply(f, tile, {
        ...{ word, count, gradientPanels, sums, add },
        ...{ image: to, channelBytes, imagePoint, gradient: gradientTo, gradientPoint },
      });
    });
  });

interface Product {
  word: Words;
  count: L;
  image: L;
  channelBytes: L;
  imagePoint: L;
  gradient: L;
  gradientPanels: L;
  gradientPoint: L;
  sums: L;
  add: L;
}

/** sums[ξ][ci][co] (+)= Σ_tiles image[ξ][ci][tile] · gradient[ξ][panel of co][tile][8 co] for all 36 ξ. */
function multiply(f: FunctionBuilder, tile: TileCall, product: Product): void {
  const { word, count, channelBytes, gradientPanels, add } = product;
  const [image, gradient, sums] = [f.let(product.image), f.let(product.gradient), f.let(product.sums)];
  const row = f.let(i32.mul(gradientPanels, panelStep));
  const panelBytes = f.let(i32.mul(count, panelStep));
  f.for(0, points * points, 1, () => {
    forTiles(f, i32.const(0), word.summed, tileRows, (channel, rows) => {
      const a = f.let(i32.add(image, i32.mul(channel, channelBytes)));
      const b = f.let(gradient);
      const c = f.let(i32.add(sums, i32.mul(channel, row)));
      f.for(0, gradientPanels, 1, () => {
        tile(f, rows, { a, aRow: channelBytes, aStep: 4, b, table: 0, depth: count, c, cRow: row, add });
        b.set(i32.add(b, panelBytes));
        c.increase(panelStep);
      });
    });
    image.set(i32.add(image, product.imagePoint));
    gradient.set(i32.add(gradient, product.gradientPoint));
    sums.set(i32.add(sums, i32.mul(row, word.summed)));
  });
}
