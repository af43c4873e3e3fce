import {
  type FunctionBuilder,
  type I32,
  i32,
  type Local,
  type V128,
  v128,
} from '../../backend/wasm/assembler.js';
import type { WasmTarget } from '../../backend/wasm/plan.js';
import { transpose4 } from '../matmul/panel.wasm.js';
import { panelStep } from '../matmul/tile.wasm.js';
import { points, tileSize } from './winogradGeometry.js';
import { inputTransform, outputTransform } from './winogradTransforms.wasm.js';

/** Bytes of one channel of 8 tiles in the transformed domain. */
export const panelChannelBytes = points * points * panelStep;
/** Room for 4 tiles between two one-dimensional transforms. */
export const stagingBytes = 2048;

type L = Local<'i32'>;
type Words = Record<'tileColumns' | 'results' | 'height' | 'width', L>;

/** Place of the vector of four tiles `quad` … `quad + 3` in [ξ][panel][channel][8 tiles], at ξ = 0, channel 0. */
export const quadPlace = (base: L, quad: L, panelBytes: L) =>
  i32.add(i32.add(base, i32.mul(i32.shrU(quad, 3), panelBytes)), i32.shl(i32.and(quad, 4), 2));

/** What `pointStride` adds, at most. */
const pointPadding = 128;
/** Scratch memory beside the transformed channels: two arrays of them, and the staging area. */
export const tileOverheadBytes = stagingBytes + 2 * points * points * pointPadding;

/**
 * Bytes from one ξ to the next where each has `panels` times `rows` rows of 8 floats. An odd number of cache lines: a transform writes or
 * reads all 36 ξ of a channel in turn, and with a power of two they would all fall into the same set of the cache.
 */
export const pointStride = (f: FunctionBuilder, panels: L, rows: L): L => {
  const lines = i32.shrU(i32.add(i32.mul(i32.mul(panels, rows), panelStep), 63), 6);
  return f.let(i32.shl(i32.or(lines, 1), 6));
};

/** Channels transformed together: few enough for their 36 ξ and the pages of their planes to stay near. */
const channelsTogether = 8;

/** Runs `body` on the channels and quads of tiles of a task: some channels on all its tiles, then the next ones. */
export function forQuads(
  f: FunctionBuilder,
  channels: L,
  tiles: I32,
  body: (quad: L, range: ChannelRange) => void,
): void {
  const end = f.let(tiles);
  f.for(0, channels, channelsTogether, (first) => {
    const count = f.let(i32.minS(channelsTogether, i32.sub(channels, first)));
    f.for(0, end, 4, (quad) => body(quad, { first, count }));
  });
}

interface ChannelRange {
  first: L;
  count: L;
}

interface InputPart {
  word: Record<'tiles' | 'tileColumns' | 'imagePlane' | 'imageRow', L>;
  range: ChannelRange;
  scratch: L;
  image: L;
  /** Number of the first of the four tiles. */
  tile: L;
  /** Where the vector of channel 0 at ξ = 0 goes, and the bytes to the next channel and the next ξ. */
  to: L;
  channelBytes: I32;
  pointBytes: L;
}

/** Bᵀ d B of four tiles, lanes = tiles in the result; tiles beyond the last repeat it. */
export function transformInput(f: FunctionBuilder, target: WasmTarget, part: InputPart): void {
  const { word, range, scratch, image, to, channelBytes, pointBytes } = part;
  const firstPlane = f.let(i32.add(image, i32.mul(range.first, word.imagePlane)));
  const lastTile = f.let(i32.sub(word.tiles, 1));
  const numbers = [0, 1, 2, 3].map((lane) => f.let(i32.minS(lastTile, f.let(i32.add(part.tile, lane)))));
  const tiles = numbers.map((tile) => {
    const row = i32.mul(i32.divU(tile, word.tileColumns), i32.shl(word.imageRow, 2));
    return f.let(i32.add(firstPlane, i32.add(row, i32.shl(i32.remU(tile, word.tileColumns), 4))));
  });
  const place = f.let(i32.add(to, i32.mul(range.first, channelBytes)));
  const first = tiles[0]!;
  const areNeighbours = i32.leU(i32.add(i32.remU(numbers[0]!, word.tileColumns), 4), word.tileColumns);
  const forChannels = (body: () => void) =>
    f.for(0, range.count, 1, () => {
      body();
      place.set(i32.add(place, channelBytes));
    });
  f.if(
    areNeighbours,
    () =>
      forChannels(() => {
        transformColumns(f, target, first, word.imageRow, { count: 5, to: scratch, rowBytes: 80 });
        transformRows(f, target, f.let(place), pointBytes, (i) => neighbourLines(f, scratch, 80 * i));
        first.set(i32.add(first, word.imagePlane));
      }),
    () =>
      forChannels(() => {
        tiles.forEach((tile, lane) => {
          const staging = f.let(i32.add(scratch, 32 * lane));
          transformColumns(f, target, tile, word.imageRow, { count: 2, to: staging, rowBytes: 128 });
          tile.set(i32.add(tile, word.imagePlane));
        });
        transformRows(f, target, f.let(place), pointBytes, (i) => separateLines(f, scratch, 128 * i));
      }),
  );
}

/** Bᵀ d of `count` groups of four columns: row i of the result at `to` + i rowBytes. */
function transformColumns(
  f: FunctionBuilder,
  target: WasmTarget,
  tile: L,
  rowStep: L,
  { count, to, rowBytes }: { count: number; to: L; rowBytes: number },
): void {
  const rows = [tile];
  for (let i = 1; i < points; i++) rows.push(f.let(i32.add(rows[i - 1]!, rowStep)));
  for (let group = 0; group < count; group++)
    inputTransform(
      f,
      target,
      rows.map((row) => v128.load(row, 16 * group)),
    ).forEach((value, i) => {
      f.store('v128', to, value, rowBytes * i + 16 * group);
    });
}

/** Columns 0 … 5 of four tiles beside each other, whose 18 columns lie in five vectors; lanes = tiles. */
function neighbourLines(f: FunctionBuilder, from: L, offset: number): V128[] {
  const lines = [0, 1, 2, 3].map((group) => f.let(v128.load(from, offset + 16 * group)));
  const columns = transpose4(lines).map((column): V128 => f.let(column));
  // columns 4 and 5 are columns 0 and 1 of the next tile
  const next = (column: number): V128 =>
    v128.shuffle(columns[column]!, v128.load32Splat(from, offset + 64 + 4 * column), [1, 2, 3, 4]);
  return [...columns, next(0), next(1)];
}

/** Columns 0 … 5 of four tiles, two vectors each; lanes = tiles. */
function separateLines(f: FunctionBuilder, from: L, offset: number): V128[] {
  const line = (half: number, lane: number) => f.let(v128.load(from, offset + 32 * lane + 16 * half));
  const left = f.let(v128.shuffle(line(1, 0), line(1, 1), [0, 1, 4, 5]));
  const right = f.let(v128.shuffle(line(1, 2), line(1, 3), [0, 1, 4, 5]));
  const high = [v128.shuffle(left, right, [0, 2, 4, 6]), v128.shuffle(left, right, [1, 3, 5, 7])];
  return [...transpose4([0, 1, 2, 3].map((lane) => line(0, lane))), ...high];
}

/** (Bᵀ d) B of four tiles from the columns of row i, lanes = tiles. */
function transformRows(
  f: FunctionBuilder,
  target: WasmTarget,
  cell: L,
  pointBytes: L,
  columns: (i: number) => V128[],
): void {
  for (let i = 0; i < points; i++)
    for (const value of inputTransform(f, target, columns(i))) {
      f.store('v128', cell, value);
      cell.set(i32.add(cell, pointBytes));
    }
}

interface OutputPart {
  word: Words;
  range: ChannelRange;
  scratch: L;
  result: L;
  quad: L;
  firstTile: L;
  count: L;
  from: L;
  pointBytes: L;
}

/** Aᵀ m A of four tiles, and the pixels of each that lie inside the result. */
export function transformOutput(f: FunctionBuilder, target: WasmTarget, part: OutputPart): void {
  const { word, range, scratch, result, quad, firstTile, count, from, pointBytes } = part;
  const panelBytes = f.let(i32.mul(word.results, panelStep));
  const place = f.let(i32.add(quadPlace(from, quad, panelBytes), i32.mul(range.first, panelStep)));
  const valid = f.let(i32.minS(4, i32.sub(count, quad)));
  const rowBytes = f.let(i32.shl(word.width, 2));
  const planeBytes = f.let(i32.mul(rowBytes, word.height));
  const plane = f.let(i32.add(result, i32.mul(range.first, planeBytes)));
  const tile = f.let(i32.add(firstTile, quad));
  const y = f.let(i32.shl(i32.divU(tile, word.tileColumns), 2));
  const x = f.let(i32.shl(i32.remU(tile, word.tileColumns), 2));
  const fits = (first: L, length: number, size: L) => i32.leU(i32.add(first, length), size);
  const isWhole = i32.and(fits(y, tileSize, word.height), fits(x, 4 * tileSize, word.width));
  const back = (store: StoreRow) => transformBack(f, target, { cell: place, pointBytes, scratch }, store);
  const forChannels = (body: () => void) =>
    f.for(0, range.count, 1, () => {
      body();
      place.increase(panelStep);
      plane.set(i32.add(plane, planeBytes));
    });
  f.if(
    i32.and(isWhole, i32.eq(valid, 4)),
    () => {
      plane.set(i32.add(plane, i32.add(i32.mul(y, rowBytes), i32.shl(x, 2))));
      forChannels(() => storeNeighbours(f, plane, rowBytes, back));
    },
    () =>
      forChannels(() => {
        back(storeToScratch(f, scratch));
        f.for(0, valid, 1, (lane) =>
          storeTile(f, word, { lane, tile: f.let(i32.add(tile, lane)), plane, rowBytes, scratch }),
        );
      }),
  );
}

/** What becomes of row i of the pixels of four tiles. */
type StoreRow = (pixels: V128[], i: number) => void;

/** Four whole tiles beside each other, from their first pixel on. */
function storeNeighbours(
  f: FunctionBuilder,
  corner: L,
  rowBytes: L,
  transform: (store: StoreRow) => void,
): void {
  const to = f.let(corner);
  transform((pixels) => {
    pixels.forEach((value, lane) => {
      f.store('v128', to, value, 16 * lane);
    });
    to.set(i32.add(to, rowBytes));
  });
}

/** Each tile's 4x4 pixels together, 64 bytes apart, in the second half of the staging area. */
const storeToScratch =
  (f: FunctionBuilder, scratch: L): StoreRow =>
  (pixels, i) =>
    pixels.forEach((value, lane) => {
      f.store('v128', scratch, value, stagingBytes / 2 + 64 * lane + 16 * i);
    });

/** Aᵀ m A of four tiles, lanes = tiles; `store` gets row i of the pixels of each. */
function transformBack(
  f: FunctionBuilder,
  target: WasmTarget,
  { cell, pointBytes, scratch }: Record<'cell' | 'pointBytes' | 'scratch', L>,
  store: StoreRow,
): void {
  // columns of m one after the other: m[i][j] lies at ξ = 6i + j
  for (let j = 0; j < points; j++) {
    const line = f.let(i32.add(cell, i32.mul(pointBytes, j)));
    const column = Array.from({ length: points }, () => {
      const value = f.let(v128.load(line));
      line.set(i32.add(line, i32.mul(pointBytes, points)));
      return value;
    });
    outputTransform(f, target, column).forEach((value, i) => {
      f.store('v128', scratch, value, 16 * (points * i + j));
    });
  }
  for (let i = 0; i < tileSize; i++) {
    const row = Array.from({ length: points }, (_, j) => v128.load(scratch, 16 * (points * i + j)));
    store(transpose4(outputTransform(f, target, row).map((value) => f.let(value))), i);
  }
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
  const from = f.let(i32.add(i32.add(at.scratch, stagingBytes / 2), i32.shl(at.lane, 6)));
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
