import {
  type FunctionHandle,
  i32,
  type Local,
  type ModuleBuilder,
  v128,
} from '../../backend/wasm/assembler.js';
import { transpose4 } from '../matmul/panel.wasm.js';
import { panelStep } from '../matmul/tile.wasm.js';

type L = Local<'i32'>;

/**
 * Function (to, image, offsets, pixel, count, columns, imageRow): packs `count` consecutive outputs' pixels,
 * from output `pixel` on (rows of `columns`), of 8 taps into a panel [pixel][tap]. Tap t of an output lies
 * offsets[t] bytes behind the output's own place in the padded image. Writes up to 3 rows more.
 */
export function definePixelPacking(module: ModuleBuilder): FunctionHandle {
  return module.function(new Array(7).fill('i32'), (f) => {
    const [to, image, offsets, pixel, count, columns, imageRow] = [0, 1, 2, 3, 4, 5, 6].map((i) =>
      f.parameter<'i32'>(i),
    ) as [L, L, L, L, L, L, L];
    const row = f.let(i32.divU(pixel, columns));
    const column = f.let(i32.remU(pixel, columns));
    f.while(
      () => i32.gtS(count, 0),
      () => {
        const run = f.let(i32.minS(count, i32.sub(columns, column)));
        const first = f.let(i32.add(i32.add(image, i32.mul(row, imageRow)), i32.shl(column, 2)));
        for (const half of [0, 1]) {
          const taps = [0, 1, 2, 3].map((t) => f.let(i32.add(first, i32.load(offsets, 16 * half + 4 * t))));
          const cell = f.let(to);
          const end = f.let(i32.add(to, i32.mul(run, panelStep)));
          f.while(
            () => i32.ltU(cell, end),
            () => {
              const lines = taps.map((tap) => f.let(v128.load(tap)));
              transpose4(lines).forEach((vector, k) => {
                f.store('v128', cell, vector, k * panelStep + 16 * half);
              });
              for (const tap of taps) tap.increase(16);
              cell.increase(4 * panelStep);
            },
          );
        }
        to.set(i32.add(to, i32.mul(run, panelStep)));
        count.set(i32.sub(count, run));
        column.set(0);
        row.increase(1);
      },
    );
  });
}
