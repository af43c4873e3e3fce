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
import { quadPlace } from './winogradTiles.wasm.js';
import { gradientTransform } from './winogradTransforms.wasm.js';

type L = Local<'i32'>;

interface GradientPart {
  word: Record<'tileColumns' | 'results' | 'gradientPlane' | 'gradientRow', L>;
  scratch: L;
  gradient: L;
  firstTile: L;
  count: L;
  to: L;
  pointBytes: L;
}

/** A g Aᵀ of `count` tiles to [ξ][panel][tile][8 channels]; channels beyond the last repeat it. */
export function transformGradient(f: FunctionBuilder, target: WasmTarget, part: GradientPart): void {
  const { word, scratch, gradient, firstTile, count, to, pointBytes } = part;
  const { tileColumns, gradientRow } = word;
  const panelBytes = f.let(i32.mul(count, panelStep));
  const firstColumn = f.let(i32.remU(firstTile, tileColumns));
  const start = i32.add(
    i32.mul(i32.divU(firstTile, tileColumns), i32.shl(gradientRow, 2)),
    i32.shl(firstColumn, 4),
  );
  const corner = f.let(i32.add(gradient, start));
  const lastChannel = f.let(i32.sub(word.results, 1));
  // from behind a row of tiles to the first tile of the next row
  const lineFeed = f.let(i32.sub(i32.shl(gradientRow, 2), i32.shl(tileColumns, 4)));
  f.for(0, word.results, 4, (channel) => {
    const tiles = [0, 1, 2, 3].map((lane) => {
      const number: I32 = lane === 0 ? channel : i32.minS(lastChannel, f.let(i32.add(channel, lane)));
      return f.let(i32.add(corner, i32.mul(number, word.gradientPlane)));
    });
    const place = f.let(quadPlace(to, channel, panelBytes));
    const column = f.let(firstColumn);
    f.for(0, count, 1, () => {
      transformTile(f, target, { tiles, gradientRow, scratch, to: place, pointBytes });
      place.increase(panelStep);
      column.increase(1);
      for (const tile of tiles) tile.increase(4 * tileSize);
      f.if(i32.eq(column, tileColumns), () => {
        column.set(i32.const(0));
        for (const tile of tiles) tile.set(i32.add(tile, lineFeed));
      });
    });
  });
}

interface TilePart {
  tiles: L[];
  gradientRow: L;
  scratch: L;
  to: L;
  pointBytes: L;
}

/** A g Aᵀ of the same tile of four channels, lanes = channels in the result. */
function transformTile(f: FunctionBuilder, target: WasmTarget, part: TilePart): void {
  const { tiles, gradientRow, scratch, to, pointBytes } = part;
  const rows = tiles.map((tile) => f.let(tile));
  for (let i = 0; i < tileSize; i++) {
    const columns = transpose4(rows.map((row): V128 => f.let(v128.load(row))));
    gradientTransform(f, target, columns).forEach((value, j) => {
      f.store('v128', scratch, value, 16 * (tileSize * j + i));
    });
    if (i < tileSize - 1) for (const row of rows) row.set(i32.add(row, gradientRow));
  }
  for (let j = 0; j < points; j++) {
    const column = [0, 1, 2, 3].map((i) => v128.load(scratch, 16 * (tileSize * j + i)));
    const cell = f.let(i32.add(to, i32.mul(pointBytes, j)));
    for (const value of gradientTransform(f, target, column)) {
      f.store('v128', cell, value);
      cell.set(i32.add(cell, i32.mul(pointBytes, points)));
    }
  }
}
