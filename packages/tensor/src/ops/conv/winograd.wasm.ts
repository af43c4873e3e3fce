import { type FunctionBuilder, i32, type Local, v128 } from '../../backend/wasm/assembler.js';
import {
  scratchBytes,
  type WasmArg,
  type WasmPlan,
  type WasmStep,
  type WasmTarget,
} from '../../backend/wasm/plan.js';
import { transpose4 } from '../matmul/panel.wasm.js';
import { defineTiles, forTiles, panelStep, tileColumns, tileRows } from '../matmul/tile.wasm.js';
import {
  imageBytes,
  imagesPerPart,
  type PaddedImage,
  padStep,
  planeFloats,
  rowFloats,
} from './paddedImage.wasm.js';
import { winogradTransforms } from './winogradTransforms.wasm.js';
import { weightsStep } from './winogradWeights.wasm.js';

/** Output pixels of a tile along one axis, and the products per axis they take. */
const tileSize = 4;
const points = 6;
/** Bytes of one channel of 8 tiles in the transformed domain. */
const panelChannelBytes = points * points * panelStep;
/** Room for 4 tiles between two one-dimensional transforms. */
const stagingBytes = 2048;
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
  Math.min(summed, results) >= 4 && (summed + results) * panelChannelBytes + stagingBytes <= scratchBytes;

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
  ...['imageUnit', 'imagePlane', 'imageRow', 'height', 'width'],
] as const;
type Name = (typeof argumentNames)[number];
type L = Local<'i32'>;
type Words = Record<Name, L>;

/**
 * F(4x4, 3x3): tiles of 6x6 pixels are transformed, multiplied channel by channel as 36 matrix products
 * and transformed back: 36 products in place of 144. Source is input 0, weights input 1.
 */
export function winogradPlan(target: WasmTarget, problem: WinogradProblem): WasmPlan {
  const { batch, summed, results, source, result } = problem;
  const [tilesY, tilesX] = [result.height, result.width].map((n) => Math.ceil(n / tileSize)) as [
    number,
    number,
  ];
  const image: PaddedImage = {
    ...{ channels: summed, height: source.height, width: source.width, top: problem.top, left: problem.left },
    ...{ rows: tileSize * tilesY + 2, runs: 1, runLength: tileSize * tilesX + 4 },
  };
  const tiles = tilesX * tilesY;
  const panels = Math.max(1, Math.floor(workingBytes / ((summed + results) * panelChannelBytes)));
  const tilesPerTask = Math.min(panels, Math.ceil(tiles / tileColumns)) * tileColumns;
  const blocks = Math.ceil(tiles / tilesPerTask);
  const steps: WasmStep[] = [
    weightsStep(target, results, summed, problem.rotated, { input: 1 }, { temp: 1 }),
  ];
  const part = imagesPerPart(image, batch);
  for (let first = 0; first < batch; first += part) {
    const units = Math.min(part, batch - first);
    const from = { input: 0, offset: 4 * first * summed * source.height * source.width };
    steps.push(padStep(target, image, units * summed, from, { temp: 0 }));
    const words: Record<Name, WasmArg> = {
      ...{ image: { temp: 0 }, weights: { temp: 1 } },
      result: { output: 0, offset: 4 * first * results * result.height * result.width },
      ...{ units, blocks, tilesPerTask, tiles, tileColumns: tilesX, summed, results },
      ...{ imageUnit: imageBytes(image), imagePlane: 4 * planeFloats(image), imageRow: 4 * rowFloats(image) },
      ...{ height: result.height, width: result.width },
    };
    steps.push({
      code: winogradKernel(target),
      tasks: units * blocks,
      args: argumentNames.map((name) => words[name]),
    });
  }
  return { steps, temps: [part * imageBytes(image), 4 * points * points * summed * results] };
}

/** A task: some panels of 8 tiles of one image. Scratch: staging, transformed input, products. */
const winogradKernel = (target: WasmTarget) =>
  target.kernel('conv/winograd', (f, { module, task, arg, scratch }) => {
    const word = Object.fromEntries(argumentNames.map((name, i) => [name, f.let(arg(i))])) as Words;
    const unit = f.let(i32.divU(task, word.blocks));
    const firstTile = f.let(i32.mul(i32.remU(task, word.blocks), word.tilesPerTask));
    const count = f.let(i32.minS(word.tilesPerTask, i32.sub(word.tiles, firstTile)));
    const panels = f.let(i32.divU(i32.add(count, tileColumns - 1), tileColumns));
    const input = f.let(i32.add(scratch, stagingBytes));
    const products = f.let(i32.add(input, i32.mul(i32.mul(panels, word.summed), panelChannelBytes)));
    const image = f.let(i32.add(word.image, i32.mul(unit, word.imageUnit)));
    f.for(0, i32.mul(panels, tileColumns), 4, (quad) =>
      transformInput(f, target, { word, scratch, image, quad, firstTile, to: input, panels }),
    );
    const tile = defineTiles(module, target, 'panel', false);
    multiply(f, tile, word, panels, input, products);
    const planeBytes = i32.shl(i32.mul(word.height, word.width), 2);
    const result = f.let(i32.add(word.result, i32.mul(i32.mul(unit, word.results), planeBytes)));
    f.for(0, count, 4, (quad) =>
      transformOutput(f, target, { word, scratch, result, quad, firstTile, count, from: products, panels }),
    );
  });

/** The products of all channels: 36 small matrix products, U[ξ] times the panels of transformed tiles. */
function multiply(
  f: FunctionBuilder,
  tile: ReturnType<typeof defineTiles>,
  word: Words,
  panels: L,
  input: L,
  products: L,
): void {
  const aRow = f.let(i32.shl(word.summed, 2));
  const inputPanel = f.let(i32.mul(word.summed, panelStep));
  const productPanel = f.let(i32.mul(word.results, panelStep));
  f.for(0, points * points, 1, (point) => {
    const weights = f.let(i32.add(word.weights, i32.mul(point, i32.mul(word.results, aRow))));
    const firstPanel = f.let(i32.mul(point, panels));
    forTiles(f, i32.const(0), word.results, tileRows, (channel, rows) => {
      const a = f.let(i32.add(weights, i32.mul(channel, aRow)));
      const b = f.let(i32.add(input, i32.mul(firstPanel, inputPanel)));
      const c = f.let(i32.add(products, i32.mul(firstPanel, productPanel)));
      c.increase(i32.mul(channel, panelStep));
      f.for(0, panels, 1, () => {
        tile(f, rows, { a, aRow, aStep: 4, b, table: 0, depth: word.summed, c, cRow: panelStep, add: 0 });
        b.set(i32.add(b, inputPanel));
        c.set(i32.add(c, productPanel));
      });
    });
  });
}

/** Place of the vector of four tiles `quad` … `quad + 3` in [ξ][panel][channel][8 tiles], at ξ = 0, channel 0. */
const quadPlace = (base: L, quad: L, panelBytes: L) =>
  i32.add(i32.add(base, i32.mul(i32.shrU(quad, 3), panelBytes)), i32.shl(i32.and(quad, 4), 2));

interface InputPart {
  word: Words;
  scratch: L;
  image: L;
  quad: L;
  firstTile: L;
  to: L;
  panels: L;
}

/** Bᵀ d B of four tiles, lanes = tiles in the result; tiles beyond the last repeat it. */
function transformInput(f: FunctionBuilder, target: WasmTarget, part: InputPart): void {
  const { word, scratch, image, quad, firstTile, to, panels } = part;
  const transforms = winogradTransforms(f, target);
  const panelBytes = f.let(i32.mul(word.summed, panelStep));
  const pointBytes = f.let(i32.mul(panels, panelBytes));
  const lastTile = f.let(i32.sub(word.tiles, 1));
  const tiles = [0, 1, 2, 3].map((lane) => {
    const tile = f.let(i32.minS(lastTile, f.let(i32.add(i32.add(firstTile, quad), lane))));
    const row = i32.mul(i32.divU(tile, word.tileColumns), i32.shl(word.imageRow, 2));
    return f.let(i32.add(image, i32.add(row, i32.shl(i32.remU(tile, word.tileColumns), 4))));
  });
  const place = f.let(quadPlace(to, quad, panelBytes));
  f.for(0, word.summed, 1, () => {
    tiles.forEach((tile, lane) => {
      for (const half of [0, 1]) {
        const row = f.let(tile);
        const lines = Array.from({ length: points }, () => {
          const line = f.let(v128.load(row, 16 * half));
          row.set(i32.add(row, word.imageRow));
          return line;
        });
        transforms.input(lines).forEach((value, i) => {
          f.store('v128', scratch, value, 128 * i + 64 * half + 16 * lane);
        });
      }
      tile.set(i32.add(tile, word.imagePlane));
    });
    const cell = f.let(place);
    for (let i = 0; i < points; i++) {
      const low = transpose4([0, 1, 2, 3].map((lane) => f.let(v128.load(scratch, 128 * i + 16 * lane))));
      const [a, b, c, d] = [0, 1, 2, 3].map((lane) => f.let(v128.load(scratch, 128 * i + 64 + 16 * lane)));
      const pairs = [v128.shuffle(a!, b!, [0, 1, 4, 5]), v128.shuffle(c!, d!, [0, 1, 4, 5])].map((x) =>
        f.let(x),
      );
      const high = [
        v128.shuffle(pairs[0]!, pairs[1]!, [0, 2, 4, 6]),
        v128.shuffle(pairs[0]!, pairs[1]!, [1, 3, 5, 7]),
      ];
      for (const value of transforms.input([...low, ...high])) {
        f.store('v128', cell, value);
        cell.set(i32.add(cell, pointBytes));
      }
    }
    place.increase(panelStep);
  });
}

interface OutputPart {
  word: Words;
  scratch: L;
  result: L;
  quad: L;
  firstTile: L;
  count: L;
  from: L;
  panels: L;
}

/** Aᵀ m A of four tiles, and the pixels of each that lie inside the result. */
function transformOutput(f: FunctionBuilder, target: WasmTarget, part: OutputPart): void {
  const { word, scratch, result, quad, firstTile, count, from, panels } = part;
  const transforms = winogradTransforms(f, target);
  const panelBytes = f.let(i32.mul(word.results, panelStep));
  const pointBytes = f.let(i32.mul(panels, panelBytes));
  const place = f.let(quadPlace(from, quad, panelBytes));
  const valid = f.let(i32.minS(4, i32.sub(count, quad)));
  const rowBytes = f.let(i32.shl(word.width, 2));
  const planeBytes = f.let(i32.mul(rowBytes, word.height));
  const plane = f.let(result);
  f.for(0, word.results, 1, () => {
    const cell = f.let(place);
    // columns of m one after the other: m[i][j] lies at ξ = 6i + j
    for (let j = 0; j < points; j++) {
      const line = f.let(i32.add(cell, i32.mul(pointBytes, j)));
      const column = Array.from({ length: points }, () => {
        const value = f.let(v128.load(line));
        line.set(i32.add(line, i32.mul(pointBytes, points)));
        return value;
      });
      transforms.output(column).forEach((value, i) => {
        f.store('v128', scratch, value, 16 * (points * i + j));
      });
    }
    for (let i = 0; i < tileSize; i++) {
      const row = Array.from({ length: points }, (_, j) => v128.load(scratch, 16 * (points * i + j)));
      const pixels = transpose4(transforms.output(row).map((value) => f.let(value)));
      pixels.forEach((value, lane) => {
        f.store('v128', scratch, value, 1024 + 64 * lane + 16 * i);
      });
    }
    f.for(0, valid, 1, (lane) =>
      storeTile(f, word, {
        lane,
        tile: f.let(i32.add(i32.add(firstTile, quad), lane)),
        plane,
        rowBytes,
        scratch,
      }),
    );
    place.increase(panelStep);
    plane.set(i32.add(plane, planeBytes));
  });
}

/** 4x4 pixels in scratch to their place in the result, clipped at its right and lower edge. */
function storeTile(
  f: FunctionBuilder,
  word: Words,
  at: Record<'lane' | 'tile' | 'plane' | 'rowBytes' | 'scratch', L>,
): void {
  const y = f.let(i32.shl(i32.divU(at.tile, word.tileColumns), 2));
  const x = f.let(i32.shl(i32.remU(at.tile, word.tileColumns), 2));
  const to = f.let(i32.add(at.plane, i32.add(i32.mul(y, at.rowBytes), i32.shl(x, 2))));
  const from = f.let(i32.add(i32.add(at.scratch, 1024), i32.shl(at.lane, 6)));
  const end = f.let(i32.add(from, i32.shl(i32.minS(tileSize, i32.sub(word.height, y)), 4)));
  const columns = f.let(i32.minS(tileSize, i32.sub(word.width, x)));
  f.while(
    () => i32.ltU(from, end),
    () => {
      const pixels = f.let(v128.load(from));
      f.if(
        i32.eq(columns, tileSize),
        () => f.store('v128', to, pixels),
        () => {
          f.store('v128_32', to, pixels, 0, 0);
          f.if(i32.gtS(columns, 1), () => f.store('v128_32', to, pixels, 4, 1));
          f.if(i32.gtS(columns, 2), () => f.store('v128_32', to, pixels, 8, 2));
        },
      );
      from.increase(16);
      to.set(i32.add(to, at.rowBytes));
    },
  );
}
