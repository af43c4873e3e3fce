import { type FunctionBuilder, type I32, i32, type Local } from '../../backend/wasm/assembler.js';
import {
  type KernelScope,
  scratchBytes,
  type WasmArg,
  type WasmPlan,
  type WasmStep,
  type WasmTarget,
} from '../../backend/wasm/plan.js';
import type { KernelCall } from '../../op.js';
import { type Block, type EvaluateBlock, launchInput } from '../elementwise/block.wasm.js';
import { leastRun } from '../matmul/fusedStore.wasm.js';
import { defineTiles, forTiles, panelStep, tileColumns, tileRows } from '../matmul/tile.wasm.js';
import { fusedEnds, imagesFrom } from './fusedEnds.wasm.js';
import { imageBytes, imagesPerPart, padStep, planeFloats, rowFloats } from './paddedImage.wasm.js';
import { points, tileCounts, tiledImage, tileSize } from './winogradGeometry.js';
import {
  forQuads,
  panelChannelBytes,
  pointStride,
  quadPlace,
  stagingBytes,
  tileOverheadBytes,
  transformInput,
  transformOutput,
} from './winogradTiles.wasm.js';
import { weightsStep } from './winogradWeights.wasm.js';

/** Bytes of transformed input and output of a task: they stay in the second-level cache. */
const workingBytes = 768 * 1024;

/** A stride-1 3x3 convolution: source [n, summed, h, w] to result [n, results, h', w']. */
export interface WinogradProblem {
  readonly batch: number;
  readonly summed: number;
  readonly results: number;
  readonly source: { readonly height: number; readonly width: number };
  /** Zeros before the source; negative: left out. */
  readonly top: number;
  readonly left: number;
  readonly result: { readonly height: number; readonly width: number };
  readonly rotated: boolean;
}

/** Whether one panel of 8 tiles with all channels fits into a thread's scratch memory. */
export const winogradFits = (summed: number, results: number): boolean =>
  Math.min(summed, results) >= 4 &&
  (summed + results) * panelChannelBytes + tileOverheadBytes <= scratchBytes;

const argumentNames = [
  ...[
    'image',
    'weights',
    'result',
    'units',
    'blocks',
    'tilesPerTask',
    'tiles',
    'tileColumns',
    'summed',
    'results',
  ],
  ...['imageUnit', 'imagePlane', 'imageRow', 'height', 'width', 'storeFirst'],
] as const;
type Name = (typeof argumentNames)[number];
type L = Local<'i32'>;
type Words = Record<Name, L>;

/**
 * F(4x4, 3x3): tiles of 6x6 pixels are transformed, multiplied channel by channel as 36 matrix products
 * and transformed back: 36 products in place of 144. Source is input 0, weights input 1.
 */
export function winogradPlan(
  call: KernelCall<unknown>,
  target: WasmTarget,
  problem: WinogradProblem,
): WasmPlan {
  const { batch, summed, results, source, result } = problem;
  const counts = tileCounts(result);
  const [tilesY, tilesX] = counts;
  const { top, left } = problem;
  const image = tiledImage({ channels: summed, ...source, top, left }, counts);
  const tiles = tilesX * tilesY;
  const panels = Math.max(1, Math.floor(workingBytes / ((summed + results) * panelChannelBytes)));
  const tilesPerTask = Math.min(panels, Math.ceil(tiles / tileColumns)) * tileColumns;
  const blocks = Math.ceil(tiles / tilesPerTask);
  // a task that makes whole rows of tiles has long runs of pixels to finish
  const isInside = blocks === 1 || tilesPerTask % tilesX === 0;
  const ends = fusedEnds(call, target, 0, isInside && result.width * tileSize >= leastRun);
  const weights = { input: launchInput(call, 1) };
  const steps: WasmStep[] = [weightsStep(target, results, summed, problem.rotated, weights, { temp: 1 })];
  const part = imagesPerPart(image, batch);
  for (let first = 0; first < batch; first += part) {
    const units = Math.min(part, batch - first);
    const from = imagesFrom(ends, first * summed * source.height * source.width);
    steps.push(padStep(target, image, units * summed, from, { temp: 0 }));
    const storeFirst = first * results * result.height * result.width;
    const words: Record<Name, WasmArg> = {
      ...{ image: { temp: 0 }, weights: { temp: 1 } },
      ...{ result: { output: 0, offset: 4 * storeFirst }, storeFirst },
      ...{ units, blocks, tilesPerTask, tiles, tileColumns: tilesX, summed, results },
      ...{ imageUnit: imageBytes(image), imagePlane: 4 * planeFloats(image), imageRow: 4 * rowFloats(image) },
      ...{ height: result.height, width: result.width },
    };
    steps.push({
      code: winogradKernel(target, ends.store.block),
      tasks: units * blocks,
      args: [...argumentNames.map((name) => words[name]), ...(ends.store.block?.args ?? [])],
    });
  }
  const temps = [part * imageBytes(image), 4 * points * points * summed * results];
  return { steps: [...steps, ...ends.store.steps], temps, tables: ends.tables };
}

/** A task: some panels of 8 tiles of one image. Scratch: staging, transformed input, products. */
const winogradKernel = (target: WasmTarget, store: Block | undefined) =>
  target.kernel(`conv/winograd${store ? `|${store.key}` : ''}`, (f, scope) => {
    const { module, task, arg, scratch } = scope;
    const word = Object.fromEntries(argumentNames.map((name, i) => [name, f.let(arg(i))])) as Words;
    const unit = f.let(i32.divU(task, word.blocks));
    const firstTile = f.let(i32.mul(i32.remU(task, word.blocks), word.tilesPerTask));
    const count = f.let(i32.minS(word.tilesPerTask, i32.sub(word.tiles, firstTile)));
    const panels = f.let(i32.divU(i32.add(count, tileColumns - 1), tileColumns));
    const input = f.let(i32.add(scratch, stagingBytes));
    const inputPoint = pointStride(f, panels, word.summed);
    const productPoint = pointStride(f, panels, word.results);
    const products = f.let(i32.add(input, i32.mul(inputPoint, points * points)));
    const image = f.let(i32.add(word.image, i32.mul(unit, word.imageUnit)));
    forQuads(f, word.summed, i32.mul(panels, tileColumns), (quad, range) =>
      transformInput(f, target, {
        ...{ word, range, scratch, image, tile: f.let(i32.add(firstTile, quad)) },
        to: f.let(quadPlace(input, quad, f.let(i32.mul(word.summed, panelStep)))),
        ...{ channelBytes: i32.const(panelStep), pointBytes: inputPoint },
      }),
    );
    const tile = defineTiles(module, target, 'panel', false);
    const finish = store?.define(scope, target);
    multiply(f, tile, word, panels, [input, inputPoint], [products, productPoint]);
    const planeBytes = i32.shl(i32.mul(word.height, word.width), 2);
    const result = f.let(i32.add(word.result, i32.mul(i32.mul(unit, word.results), planeBytes)));
    forQuads(f, word.results, count, (quad, range) =>
      transformOutput(f, target, {
        ...{ word, range, scratch, result, quad, firstTile, count },
        ...{ from: products, pointBytes: productPoint },
      }),
    );
    if (finish) finishTiles(f, scope, word, { unit, result, firstTile, count }, finish);
  });

/** The fused store on whole rows of tiles of an image, all channels at a time. */
function finishTiles(
  f: FunctionBuilder,
  scope: KernelScope,
  word: Words,
  { unit, result, firstTile, count }: Record<'unit' | 'result' | 'firstTile' | 'count', L>,
  finish: EvaluateBlock,
): void {
  const rowOf = (tile: I32): L => f.let(i32.shl(i32.divU(tile, word.tileColumns), 2));
  const first = rowOf(firstTile);
  const end = f.let(i32.minS(word.height, rowOf(i32.add(firstTile, count))));
  const plane = f.let(i32.mul(word.height, word.width));
  const pixel = f.let(i32.mul(first, word.width));
  const image = i32.mul(i32.mul(unit, word.results), plane);
  finish(f, scope.argAddress(argumentNames.length), scope.scratch, {
    first: i32.add(word.storeFirst, i32.add(image, pixel)),
    count: i32.mul(i32.sub(end, first), word.width),
    address: i32.add(result, i32.shl(pixel, 2)),
    ...{ rows: word.results, pitch: plane, step: i32.shl(plane, 2) },
  });
}

/** The products of all channels: 36 small matrix products, U[ξ] times the panels of transformed tiles. */
function multiply(
  f: FunctionBuilder,
  tile: ReturnType<typeof defineTiles>,
  word: Words,
  panels: L,
  [input, inputPoint]: readonly [L, L],
  [products, productPoint]: readonly [L, L],
): void {
  const aRow = f.let(i32.shl(word.summed, 2));
  const inputPanel = f.let(i32.mul(word.summed, panelStep));
  const productPanel = f.let(i32.mul(word.results, panelStep));
  f.for(0, points * points, 1, (point) => {
    const weights = f.let(i32.add(word.weights, i32.mul(point, i32.mul(word.results, aRow))));
    forTiles(f, i32.const(0), word.results, tileRows, (channel, rows) => {
      const a = f.let(i32.add(weights, i32.mul(channel, aRow)));
      const b = f.let(i32.add(input, i32.mul(point, inputPoint)));
      const c = f.let(i32.add(products, i32.mul(point, productPoint)));
      c.increase(i32.mul(channel, panelStep));
      f.for(0, panels, 1, () => {
        tile(f, rows, { a, aRow, aStep: 4, b, table: 0, depth: word.summed, c, cRow: panelStep, add: 0 });
        b.set(i32.add(b, inputPanel));
        c.set(i32.add(c, productPanel));
      });
    });
  });
}
