import {
  type FunctionBuilder,
  type FunctionHandle,
  f32x4,
  type I32,
  i32,
  type Local,
  type ModuleBuilder,
  type V128,
  v128,
} from '../../backend/wasm/assembler.js';
import {
  scratchBytes,
  type WasmArg,
  type WasmPlan,
  type WasmStep,
  type WasmTarget,
} from '../../backend/wasm/plan.js';
import { transpose4 } from '../matmul/panel.wasm.js';
import { panelStep, tileColumns } from '../matmul/tile.wasm.js';
import {
  imageBytes,
  imagesPerPart,
  type PaddedImage,
  padStep,
  planeFloats,
  rowFloats,
} from './paddedImage.wasm.js';
import { points, quadPlace, stagingBytes, tileSize, transformInput } from './winogradTiles.wasm.js';
import { gradientTransform, weightTransformAdjoint } from './winogradTransforms.wasm.js';

/** Bytes of one channel of 8 tiles in the transformed domain. */
const panelChannelBytes = points * points * panelStep;
/** Bytes of the transformed images of one block of tiles: they stay in the second-level cache. */
const workingBytes = 1280 * 1024;
/** Bytes of the partial sums of all tasks. */
const mostPartialBytes = 16 * 2 ** 20;
/** Partial sums, at most: enough for many threads, and each costs a pass over all products. */
const mostParts = 16;
/** Result and image channels whose dot products are computed together: 8 accumulators. */
const [dotRows, dotColumns] = [4, 2];

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
  (imageChannels + gradientChannels) * panelChannelBytes + 2 * stagingBytes <= scratchBytes;

/**
 * dw = Gᵀ [Σ_tiles (A g Aᵀ) ∘ (Bᵀ x B)] G, the adjoint of F(4x4, 3x3) in the weights: 36 matrix products over the
 * tiles in place of 144. Each task sums over some blocks of tiles; the partial sums are added in their order.
 */
export function winogradWeightGradPlan(target: WasmTarget, problem: WeightGradProblem): WasmPlan {
  const { batch, imageChannels, gradientChannels, gradient } = problem;
  const [tilesY, tilesX] = [gradient.height, gradient.width].map((n) => Math.ceil(n / tileSize)) as [
    number,
    number,
  ];
  const [image, padded] = paddedImages(problem, tilesY, tilesX);
  const cut = cutTiles(problem, tilesX * tilesY);
  const together = Math.min(imagesPerPart(image, batch), imagesPerPart(padded, batch));
  const steps: WasmStep[] = [];
  let parts = 0;
  for (let first = 0; first < batch; first += together) {
    const units = Math.min(together, batch - first);
    const blocks = units * cut.blocks;
    const tasks = Math.ceil(blocks / cut.blocksPerTask);
    const pad = (from: PaddedImage, index: number, height: number, width: number) =>
      padStep(
        target,
        from,
        units * from.channels,
        { input: index, offset: 4 * first * from.channels * height * width },
        { temp: index },
      );
    steps.push(pad(image, 0, image.height, image.width), pad(padded, 1, padded.height, padded.width));
    const words: Record<Name, WasmArg> = {
      ...{ image: { temp: 0 }, gradient: { temp: 1 }, sums: { temp: 2, offset: parts * cut.partBytes } },
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
  steps.push(resultStep(target, problem, parts));
  return {
    steps,
    temps: [together * imageBytes(image), together * imageBytes(padded), parts * cut.partBytes],
  };
}

/** The padded copies of image and gradient; below the gradient's tiles lies one of zeros, for missing tiles. */
function paddedImages(
  problem: WeightGradProblem,
  tilesY: number,
  tilesX: number,
): [PaddedImage, PaddedImage] {
  const { imageChannels, gradientChannels, image, gradient, top, left } = problem;
  return [
    {
      ...{ channels: imageChannels, height: image.height, width: image.width, top, left },
      ...{ rows: tileSize * tilesY + 2, runs: 1, runLength: tileSize * tilesX + 4 },
    },
    {
      ...{ channels: gradientChannels, height: gradient.height, width: gradient.width, top: 0, left: 0 },
      ...{ rows: tileSize * (tilesY + 1), runs: 1, runLength: tileSize * tilesX },
    },
  ];
}

/** Result channels of a row of partial sums, and rows of a product: whole blocks of dot products. */
const storedRows = (channels: number): number => Math.ceil(channels / dotRows) * dotRows;
const storedColumns = (channels: number): number => Math.ceil(channels / dotColumns) * dotColumns;

/** Blocks of tiles, and of blocks: by shape alone. */
function cutTiles({ batch, imageChannels, gradientChannels }: WeightGradProblem, tiles: number) {
  const partBytes = 4 * points * points * storedRows(gradientChannels) * storedColumns(imageChannels);
  const fitting = Math.max(
    1,
    Math.floor(workingBytes / ((imageChannels + gradientChannels) * panelChannelBytes)),
  );
  const tilesPerBlock = Math.min(fitting, Math.ceil(tiles / tileColumns)) * tileColumns;
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
    const dots = defineDots(module, target);
    const sums = f.let(i32.add(word.sums, i32.mul(task, word.partBytes)));
    const start = f.let(i32.mul(task, word.blocksPerTask));
    const stop = f.let(i32.minS(word.allBlocks, i32.add(start, word.blocksPerTask)));
    f.for(start, stop, 1, (block) => {
      const unit = f.let(i32.divU(block, word.blocks));
      const firstTile = f.let(i32.mul(i32.remU(block, word.blocks), word.tilesPerBlock));
      const count = f.let(i32.minS(word.tilesPerBlock, i32.sub(word.tiles, firstTile)));
      const panels = f.let(i32.divU(i32.add(count, tileColumns - 1), tileColumns));
      const to = f.let(i32.add(scratch, stagingBytes));
      const gradientTo = f.let(i32.add(to, i32.mul(i32.mul(panels, word.summed), panelChannelBytes)));
      const image = f.let(i32.add(word.image, i32.mul(unit, word.imageUnit)));
      const gradient = f.let(i32.add(word.gradient, i32.mul(unit, word.gradientUnit)));
      f.for(0, i32.mul(panels, tileColumns), 4, (quad) => {
        transformInput(f, target, { word, scratch, image, quad, firstTile, to, panels });
        transformGradient(f, target, { word, scratch, gradient, quad, firstTile, to: gradientTo, panels });
      });
      multiply(f, dots, {
        word,
        panels,
        image: to,
        gradient: gradientTo,
        sums,
        add: f.let(i32.ne(block, start)),
      });
    });
  });

interface GradientPart {
  word: Words;
  scratch: L;
  gradient: L;
  quad: L;
  firstTile: L;
  to: L;
  panels: L;
}

/** A g Aᵀ of four tiles, lanes = tiles in the result; tiles beyond the last are zero. */
function transformGradient(f: FunctionBuilder, target: WasmTarget, part: GradientPart): void {
  const { word, scratch, gradient, quad, firstTile, to, panels } = part;
  const panelBytes = f.let(i32.mul(word.results, panelStep));
  const pointBytes = f.let(i32.mul(panels, panelBytes));
  const tiles = [0, 1, 2, 3].map((lane) => {
    // tile number `tiles` is the first one below the image: zeros
    const tile = f.let(i32.minS(word.tiles, f.let(i32.add(i32.add(firstTile, quad), lane))));
    const row = i32.mul(i32.divU(tile, word.tileColumns), i32.shl(word.gradientRow, 2));
    return f.let(i32.add(gradient, i32.add(row, i32.shl(i32.remU(tile, word.tileColumns), 4))));
  });
  const place = f.let(quadPlace(to, quad, panelBytes));
  f.for(0, word.results, 1, () => {
    tiles.forEach((tile, lane) => {
      const row = f.let(tile);
      const lines = Array.from({ length: tileSize }, () => {
        const line = f.let(v128.load(row));
        row.set(i32.add(row, word.gradientRow));
        return line;
      });
      gradientTransform(f, target, lines).forEach((value, i) => {
        f.store('v128', scratch, value, 64 * i + 16 * lane);
      });
      tile.set(i32.add(tile, word.gradientPlane));
    });
    const cell = f.let(place);
    for (let i = 0; i < points; i++) {
      const lines = [0, 1, 2, 3].map((lane) => f.let(v128.load(scratch, 64 * i + 16 * lane)));
      for (const value of gradientTransform(f, target, transpose4(lines))) {
        f.store('v128', cell, value);
        cell.set(i32.add(cell, pointBytes));
      }
    }
    place.increase(panelStep);
  });
}

interface Product {
  word: Words;
  panels: L;
  image: L;
  gradient: L;
  sums: L;
  add: L;
}

/** sums[ξ][ci][co] (+)= Σ_tiles gradient[ξ][co] · image[ξ][ci] for all 36 ξ. */
function multiply(f: FunctionBuilder, dots: FunctionHandle, product: Product): void {
  const { word, panels, image, gradient, sums, add } = product;
  const imagePanel = f.let(i32.mul(word.summed, panelStep));
  const gradientPanel = f.let(i32.mul(word.results, panelStep));
  const row = f.let(i32.shl(i32.and(i32.add(word.results, dotRows - 1), -dotRows), 2));
  const a = f.let(gradient);
  const b = f.let(image);
  const c = f.let(sums);
  f.for(0, points * points, 1, () => {
    const column = f.let(b);
    f.for(0, word.summed, dotColumns, () => {
      const from = f.let(a);
      const to = f.let(c);
      f.for(0, word.results, dotRows, () => {
        f.call(dots, [from, column, panels, gradientPanel, imagePanel, to, row, add]);
        from.increase(dotRows * panelStep);
        to.increase(4 * dotRows);
      });
      column.increase(dotColumns * panelStep);
      c.set(i32.add(c, i32.mul(row, dotColumns)));
    });
    a.set(i32.add(a, i32.mul(panels, gradientPanel)));
    b.set(i32.add(b, i32.mul(panels, imagePanel)));
  });
}

/**
 * Function (a, b, panels, aPanel, bPanel, c, cRow, add): dot products of 4 channels at a with 2 at b over all tiles,
 * lanes = tiles. Channels that do not exist read what lies behind and give sums that nobody reads.
 */
function defineDots(module: ModuleBuilder, target: WasmTarget): FunctionHandle {
  return module.function(new Array(8).fill('i32'), (f) => {
    const [a, b, panels, aPanel, bPanel, c, cRow, add] = Array.from({ length: 8 }, (_, i) =>
      f.parameter<'i32'>(i),
    ) as [L, L, L, L, L, L, L, L];
    const zero = (): Local<'v128'> => f.let(f32x4.const(0));
    const accumulators = Array.from({ length: dotColumns }, () => Array.from({ length: dotRows }, zero));
    f.doWhile(
      () => {
        for (const half of [0, 16]) {
          const columns = accumulators.map((_, j) => f.let(v128.load(b, j * panelStep + half)));
          for (let i = 0; i < dotRows; i++) {
            const value = f.let(v128.load(a, i * panelStep + half));
            columns.forEach((column, j) => {
              const sum = accumulators[j]![i]!;
              sum.set(target.madd(value, column, sum));
            });
          }
        }
        a.set(i32.add(a, aPanel));
        b.set(i32.add(b, bPanel));
        panels.increase(-1);
      },
      () => panels,
    );
    accumulators.forEach((sums, j) => {
      const total = f.let(sumLanes(f, sums));
      const to: I32 = j === 0 ? c : i32.add(c, cRow);
      f.if(add, () => total.set(f32x4.add(total, v128.load(to))));
      f.store('v128', to, total);
    });
  });
}

/** The sums of the lanes of four vectors, as one vector. */
function sumLanes(f: FunctionBuilder, vectors: readonly V128[]): V128 {
  const [p, q, r, s] = transpose4(vectors).map((line): V128 => f.let(line)) as [V128, V128, V128, V128];
  return f32x4.add(f32x4.add(p, q), f32x4.add(r, s));
}

/** Image channels of one task. */
const channelsPerTask = 4;

/** dw[co][ci] = Gᵀ (Σ_parts sums) G, four result channels at a time. */
function resultStep(
  target: WasmTarget,
  { imageChannels, gradientChannels }: WeightGradProblem,
  parts: number,
): WasmStep {
  const code = target.kernel('conv/winogradWeightGrad/result', (f, { task, arg, scratch }) => {
    const [sums, result, count, channels, results, row, point, part] = Array.from({ length: 8 }, (_, i) =>
      f.let(arg(i)),
    ) as [L, L, L, L, L, L, L, L];
    const first = f.let(i32.mul(task, channelsPerTask));
    f.for(first, i32.minS(channels, i32.add(first, channelsPerTask)), 1, (channel) =>
      f.for(0, results, 4, (co) => {
        const from = f.let(i32.add(sums, i32.add(i32.mul(channel, row), i32.shl(co, 2))));
        const cell = f.let(scratch);
        f.for(0, points * points, 1, () => {
          const total = f.let(f32x4.const(0));
          const at = f.let(from);
          f.for(0, count, 1, () => {
            total.set(f32x4.add(total, v128.load(at)));
            at.set(i32.add(at, part));
          });
          f.store('v128', cell, total);
          cell.increase(16);
          from.set(i32.add(from, point));
        });
        transformBack(f, scratch);
        const to = f.let(i32.add(result, i32.mul(i32.add(i32.mul(co, channels), channel), 36)));
        const lanes = f.let(i32.minS(4, i32.sub(results, co)));
        const value = f.let(i32.add(scratch, backOffset));
        f.for(0, lanes, 1, () => {
          for (let tap = 0; tap < 9; tap++) f.store('i32', to, i32.load(value, 16 * tap), 4 * tap);
          to.set(i32.add(to, i32.mul(channels, 36)));
          value.increase(4);
        });
      }),
    );
  });
  const rowBytes = 4 * storedRows(gradientChannels);
  const pointBytes = rowBytes * storedColumns(imageChannels);
  const numbers = [
    parts,
    imageChannels,
    gradientChannels,
    rowBytes,
    pointBytes,
    points * points * pointBytes,
  ];
  return {
    code,
    tasks: Math.ceil(imageChannels / channelsPerTask),
    args: [{ temp: 2 }, { output: 0 }, ...numbers],
  };
}

/** Where the 9 vectors of a transformed 6x6 block of vectors go, behind it. */
const backOffset = 16 * (points * points + 3 * points);

/** Gᵀ u G of the 36 vectors in scratch. */
function transformBack(f: FunctionBuilder, scratch: L): void {
  const middle = 16 * points * points;
  for (let j = 0; j < points; j++)
    weightTransformAdjoint(
      f,
      Array.from({ length: points }, (_, i) => v128.load(scratch, 16 * (points * i + j))),
    ).forEach((value, i) => {
      f.store('v128', scratch, value, middle + 16 * (points * i + j));
    });
  for (let i = 0; i < 3; i++)
    weightTransformAdjoint(
      f,
      Array.from({ length: points }, (_, j) => v128.load(scratch, middle + 16 * (points * i + j))),
    ).forEach((value, j) => {
      f.store('v128', scratch, value, backOffset + 16 * (3 * i + j));
    });
}
