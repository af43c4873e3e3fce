import {
  type FunctionBuilder,
  type FunctionHandle,
  f32,
  f32x4,
  type I32,
  i32,
  type Local,
  type ModuleBuilder,
  select,
  type V128,
  v128,
} from '../../backend/wasm/assembler.js';
import { panelStep } from './tile.wasm.js';

type L = Local<'i32'>;

/**
 * Function (to, from, kStep, columnStep, depth, columns): packs rows k = 0 … depth − 1 of `columns`
 * columns of B into a panel of 8 floats per row (8 real or 4 complex columns), zero beyond `columns`.
 */
export function definePacking(module: ModuleBuilder, elementBytes: 4 | 8): FunctionHandle {
  const width = panelStep / elementBytes;
  return module.function(['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], (f) => {
    const [to, from, kStep, columnStep, depth, columns] = [0, 1, 2, 3, 4, 5].map((i) =>
      f.parameter<'i32'>(i),
    ) as [L, L, L, L, L, L];
    const end = f.let(i32.add(to, i32.mul(depth, panelStep)));
    const whileRows = (rows: number, body: () => void) =>
      f.while(() => i32.leU(i32.add(to, rows * panelStep), end), body);
    const isFull = i32.eq(columns, width);
    f.if(i32.and(isFull, i32.eq(columnStep, elementBytes)), () => {
      whileRows(1, () => {
        f.store('v128', to, v128.load(from));
        f.store('v128', to, v128.load(from, 16), 16);
        from.increase(kStep);
        to.increase(panelStep);
      });
      f.return();
    });
    if (elementBytes === 4)
      f.if(i32.and(isFull, i32.eq(kStep, 4)), () =>
        whileRows(4, () => {
          packTransposed(f, to, from, columnStep);
          from.increase(16);
          to.increase(4 * panelStep);
        }),
      );
    whileRows(1, () => {
      packElements(f, to, from, columnStep, columns, elementBytes);
      from.increase(kStep);
      to.increase(panelStep);
    });
  });
}

/** Four rows of a panel from 8 columns that each lie contiguously. */
function packTransposed(f: FunctionBuilder, to: L, from: L, columnStep: L): void {
  const pointer = f.let(from);
  for (const half of [0, 16]) {
    const lines = [0, 1, 2, 3].map(() => {
      const line = f.let(v128.load(pointer));
      pointer.increase(columnStep);
      return line;
    });
    transpose4(lines).forEach((row, k) => {
      f.store('v128', to, row, k * panelStep + half);
    });
  }
}

/** One row of a panel, element by element, zeros behind. */
function packElements(f: FunctionBuilder, to: L, from: L, columnStep: L, columns: L, bytes: 4 | 8): void {
  const zero = f.let(f32x4.const(0));
  f.store('v128', to, zero);
  f.store('v128', to, zero, 16);
  const pointer = f.let(from);
  const cell = f.let(to);
  const last = f.let(i32.add(to, i32.mul(columns, bytes)));
  f.while(
    () => i32.ltU(cell, last),
    () => {
      if (bytes === 4) f.store('i32', cell, i32.load(pointer));
      else f.store('v128_64', cell, v128.load64Zero(pointer), 0, 0);
      pointer.increase(columnStep);
      cell.increase(bytes);
    },
  );
}

/**
 * Function (to, from, kStep, depth): packs a whole strip of `panels` panels, `panelBytes` apart, whose rows
 * lie contiguous in B. Row by row through all panels: column by column would meet a new page at every step.
 */
export function defineStripPacking(
  module: ModuleBuilder,
  panels: number,
  panelBytes: number,
): FunctionHandle {
  return module.function(['i32', 'i32', 'i32', 'i32'], (f) => {
    const [to, from, kStep, depth] = [0, 1, 2, 3].map((i) => f.parameter<'i32'>(i)) as [L, L, L, L];
    const end = f.let(i32.add(to, i32.mul(depth, panelStep)));
    f.while(
      () => i32.ltU(to, end),
      () => {
        for (let panel = 0; panel < panels; panel++)
          for (const half of [0, 16])
            f.store('v128', to, v128.load(from, panel * panelStep + half), panel * panelBytes + half);
        from.increase(kStep);
        to.increase(panelStep);
      },
    );
  });
}

/** Rows of the 4x4 transpose of four vectors. */
export function transpose4(lines: readonly V128[]): V128[] {
  const [a, b, c, d] = lines as [V128, V128, V128, V128];
  const low = (x: V128, y: V128) => v128.shuffle(x, y, [0, 4, 1, 5]);
  const high = (x: V128, y: V128) => v128.shuffle(x, y, [2, 6, 3, 7]);
  const pick = (x: V128, y: V128, from: 0 | 2) => v128.shuffle(x, y, [from, from + 1, from + 4, from + 5]);
  return [
    pick(low(a, b), low(c, d), 0),
    pick(low(a, b), low(c, d), 2),
    pick(high(a, b), high(c, d), 0),
    pick(high(a, b), high(c, d), 2),
  ];
}

/**
 * Function (tile, c, rows, columns, cRow, add[, columnStep]): writes the first `columns` columns of a real
 * tile in scratch to C, `add`ing what is there. The columns of C are one float apart unless `strided`.
 */
export function defineEdge(module: ModuleBuilder, strided = false): FunctionHandle {
  return module.function(new Array(strided ? 7 : 6).fill('i32'), (f) => {
    const [tile, c, rows, columns, cRow, add] = [0, 1, 2, 3, 4, 5].map((i) => f.parameter<'i32'>(i)) as [
      L,
      L,
      L,
      L,
      L,
      L,
    ];
    const columnStep: I32 = strided ? f.parameter<'i32'>(6) : i32.const(4);
    const end = f.let(i32.add(tile, i32.mul(rows, panelStep)));
    f.while(
      () => i32.ltU(tile, end),
      () => {
        const from = f.let(tile);
        const last = f.let(i32.add(tile, i32.mul(columns, 4)));
        const to = f.let(c);
        f.while(
          () => i32.ltU(from, last),
          () => {
            const before = select(add, f32.load(to), f32.const(0));
            f.store('f32', to, f32.add(before, f32.load(from)));
            from.increase(4);
            to.set(i32.add(to, columnStep));
          },
        );
        tile.increase(panelStep);
        c.increase(cRow);
      },
    );
  });
}

/**
 * Function (tile, c, rows, columns, cRow, add, signs): with P = Re(A)·B and Q = Im(A)·B the rows 2i and
 * 2i + 1 of a tile in scratch, C[i] = P ∘ s₀ + swap(Q) ∘ s₁ (+ C[i]). swap exchanges real and imaginary
 * parts; the sign vectors s₀, s₁ at `signs` hold i² = −1 and the conjugations.
 */
export function defineComplexMerge(module: ModuleBuilder): FunctionHandle {
  return module.function(['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'], (f) => {
    const [tile, c, rows, columns, cRow, add, signs] = [0, 1, 2, 3, 4, 5, 6].map((i) =>
      f.parameter<'i32'>(i),
    ) as [L, L, L, L, L, L, L];
    const direct = f.let(v128.load(signs));
    const crossed = f.let(v128.load(signs, 16));
    const end = f.let(i32.add(tile, i32.mul(rows, 2 * panelStep)));
    const product = (at: I32, offset: number): V128 => {
      const q = f.let(v128.load(at, offset + panelStep));
      return f32x4.add(
        f32x4.mul(v128.load(at, offset), direct),
        f32x4.mul(v128.shuffle(q, q, [1, 0, 3, 2]), crossed),
      );
    };
    f.while(
      () => i32.ltU(tile, end),
      () => {
        f.if(
          i32.eq(columns, 4),
          () => {
            for (const offset of [0, 16]) {
              const value = f.let(product(tile, offset));
              f.if(add, () => value.set(f32x4.add(v128.load(c, offset), value)));
              f.store('v128', c, value, offset);
            }
          },
          () =>
            f.for(0, columns, 1, (column) => {
              const to = f.let(i32.add(c, i32.shl(column, 3)));
              const value = f.let(product(f.let(i32.add(tile, i32.shl(column, 3))), 0));
              f.if(add, () => value.set(f32x4.add(v128.load64Zero(to), value)));
              f.store('v128_64', to, value, 0, 0);
            }),
        );
        tile.increase(2 * panelStep);
        c.increase(cRow);
      },
    );
  });
}
