import { type FunctionBuilder, type I32, i32, type Local, v128 } from '../../backend/wasm/assembler.js';
import type { WasmTarget } from '../../backend/wasm/plan.js';
import { transpose4 } from '../matmul/panel.wasm.js';
import { panelStep } from '../matmul/tile.wasm.js';
import { inputTransform, outputTransform } from './winogradTransforms.wasm.js';

/** Output pixels of a tile along one axis, and the products per axis they take. */
export const tileSize = 4;
export const points = 6;
/** Room for 4 tiles between two one-dimensional transforms. */
export const stagingBytes = 2048;

type L = Local<'i32'>;
type Words = Record<'tileColumns' | 'results' | 'height' | 'width', L>;

/** Place of the vector of four tiles `quad` … `quad + 3` in [ξ][panel][channel][8 tiles], at ξ = 0, channel 0. */
export const quadPlace = (base: L, quad: L, panelBytes: L) =>
  i32.add(i32.add(base, i32.mul(i32.shrU(quad, 3), panelBytes)), i32.shl(i32.and(quad, 4), 2));

interface InputPart {
  word: Record<'tiles' | 'tileColumns' | 'summed' | 'imagePlane' | 'imageRow', L>;
  scratch: L;
  image: L;
  quad: L;
  firstTile: L;
  to: L;
  panels: L;
}

/** Bᵀ d B of four tiles, lanes = tiles in the result; tiles beyond the last repeat it. */
export function transformInput(f: FunctionBuilder, target: WasmTarget, part: InputPart): void {
  const { word, scratch, image, quad, firstTile, to, panels } = part;
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
      transformColumns(f, target, tile, word.imageRow, i32.add(scratch, 16 * lane));
      tile.set(i32.add(tile, word.imagePlane));
    });
    transformRows(f, target, scratch, f.let(place), pointBytes);
    place.increase(panelStep);
  });
}

/** Bᵀ d of a tile, lanes = columns 0-3 and 4-7 of its rows; to 128 i + 64 half behind `to`. */
function transformColumns(f: FunctionBuilder, target: WasmTarget, tile: L, rowStep: L, to: I32): void {
  const cell = f.let(to);
  for (const half of [0, 1]) {
    const row = f.let(tile);
    const lines = Array.from({ length: points }, () => {
      const line = f.let(v128.load(row, 16 * half));
      row.set(i32.add(row, rowStep));
      return line;
    });
    inputTransform(f, target, lines).forEach((value, i) => {
      f.store('v128', cell, value, 128 * i + 64 * half);
    });
  }
}

/** (Bᵀ d) B of four tiles: their rows are transposed, so that lanes = tiles, and transformed. */
function transformRows(f: FunctionBuilder, target: WasmTarget, scratch: L, cell: L, pointBytes: L): void {
  for (let i = 0; i < points; i++) {
    const line = (half: number, lane: number) => f.let(v128.load(scratch, 128 * i + 64 * half + 16 * lane));
    const low = transpose4([0, 1, 2, 3].map((lane) => line(0, lane)));
    const left = f.let(v128.shuffle(line(1, 0), line(1, 1), [0, 1, 4, 5]));
    const right = f.let(v128.shuffle(line(1, 2), line(1, 3), [0, 1, 4, 5]));
    const high = [v128.shuffle(left, right, [0, 2, 4, 6]), v128.shuffle(left, right, [1, 3, 5, 7])];
    for (const value of inputTransform(f, target, [...low, ...high])) {
      f.store('v128', cell, value);
      cell.set(i32.add(cell, pointBytes));
    }
  }
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
export function transformOutput(f: FunctionBuilder, target: WasmTarget, part: OutputPart): void {
  const { word, scratch, result, quad, firstTile, count, from, panels } = part;
  const panelBytes = f.let(i32.mul(word.results, panelStep));
  const pointBytes = f.let(i32.mul(panels, panelBytes));
  const place = f.let(quadPlace(from, quad, panelBytes));
  const valid = f.let(i32.minS(4, i32.sub(count, quad)));
  const rowBytes = f.let(i32.shl(word.width, 2));
  const planeBytes = f.let(i32.mul(rowBytes, word.height));
  const plane = f.let(result);
  f.for(0, word.results, 1, () => {
    transformBack(f, target, f.let(place), pointBytes, scratch);
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

/** Aᵀ m A of four tiles, lanes = tiles; 4x4 pixels of each, 64 bytes apart, to the second half of scratch. */
function transformBack(f: FunctionBuilder, target: WasmTarget, cell: L, pointBytes: L, scratch: L): void {
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
    const pixels = transpose4(outputTransform(f, target, row).map((value) => f.let(value)));
    pixels.forEach((value, lane) => {
      f.store('v128', scratch, value, stagingBytes / 2 + 64 * lane + 16 * i);
    });
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
