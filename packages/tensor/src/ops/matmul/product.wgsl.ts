import { wgslStep } from '../../backend/webgpu/kernelText.js';
import type { WgslOperand, WgslStep, WgslWord } from '../../backend/webgpu/plan.js';
import type { KernelCall } from '../../op.js';
import { isThin, quadStep } from './quads.wgsl.js';
import { sumPartsStep } from './sumParts.wgsl.js';
import {
  blockDepthOf,
  cutProduct,
  type ProductCut,
  type ProductSizes,
  tileColumnsOf,
  tileRowsOf,
  tileSizeOf,
} from './tile.wgsl.js';
import { tileBody, tileDeclarations } from './tileText.wgsl.js';

/**
 * Where the elements of one factor come from. `declarations` are WGSL that defines, for the left factor,
 *
 *     alias or struct LeftPlace
 *     fn placeLeft(rows: vec4u, unit: u32) -> LeftPlace       once per invocation
 *     fn loadLeft(place: LeftPlace, k: u32) -> Quad           four elements at step k of the sum
 *
 * and likewise RightPlace, placeRight(columns, unit), loadRight. Quad is vec4f, or for complex numbers a
 * struct of vec4f `re` and `im`. Lines and steps are inside the matrix.
 */
export interface Factor {
  readonly operands: Readonly<Record<string, WgslOperand>>;
  readonly declarations: string;
  /** Which elements are neighbours in memory: those of neighbouring lines, or of neighbouring steps of the sum. */
  readonly along: 'lines' | 'sum';
}

/** Where results go: element (row, column) to placeResult(column, unit) + row · rowStep. */
export interface Result {
  readonly operand: WgslOperand;
  /** WGSL of `fn placeResult(column: u32, unit: u32) -> u32`. */
  readonly declarations: string;
  readonly rowStep: number;
}

/** C[u, i, j] = Σ_k A[u, i, k] B[u, k, j], of matrices that need not exist in memory. */
export interface Product extends ProductSizes {
  readonly name: string;
  readonly about: string;
  readonly complex: boolean;
  readonly left: Factor;
  readonly right: Factor;
  readonly result: Result;
  /** What the declarations read as `p.name`. */
  readonly words: Readonly<Record<string, WgslWord>>;
}

export const u32Words = (values: Readonly<Record<string, number>>): Record<string, WgslWord> =>
  // negative steps wrap around, as the addresses computed from them do
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { type: 'u32', value: value >>> 0 }]),
  );

/** The temporary that `productSteps` needs, if any, in bytes. */
export function partialTemps({ complex, ...sizes }: Product): number[] {
  const { parts } = cutProduct(sizes, complex);
  return parts === 1 ? [] : [parts * sizes.units * sizes.rows * sizes.columns * (complex ? 8 : 4)];
}

/**
 * The product as one dispatch, or as two where its sum is cut into parts: then partial sums go to temporary
 * `partial`, and the second dispatch adds them up in their order.
 */
export function productSteps<A>(call: KernelCall<A>, product: Product, partial: number): WgslStep[] {
  const cut = cutProduct(product, product.complex);
  const { rows, columns, depth, units, result } = product;
  const words = { ...product.words, ...u32Words({ rows, columns, depth, units }) };
  if (isThin(product)) return [quadStep(call, { ...product, words })];
  if (cut.parts === 1) return [tileStep(call, { ...product, words }, cut)];
  const operand: WgslOperand = {
    ...{ source: { temp: partial }, dtype: product.complex ? 'c64' : 'f32', access: 'write' },
  };
  const placePartial = `fn placeResult(column: u32, slice: u32) -> u32 {
  return slice * p.rows * p.columns + column;
}`;
  const partialSums = { operand, declarations: placePartial, rowStep: columns };
  return [
    tileStep(call, { ...product, words, result: partialSums }, cut),
    sumPartsStep(call, {
      ...{ name: product.name, parts: cut.parts, size: rows * columns * units, words },
      ...{ partial: { ...operand, access: 'read' as const }, result },
    }),
  ];
}

function tileStep<A>(call: KernelCall<A>, product: Product, cut: ProductCut): WgslStep {
  const { tile, rowTiles, columnTiles, parts, partDepth } = cut;
  const { left, right, result, complex } = product;
  return wgslStep(call, {
    name: product.name,
    about: `${product.about}
A work group adds up a tile of ${tileRowsOf(tile)} x ${tileColumnsOf(tile)} results, a few steps of the sum at a time, from copies in
workgroup memory. One pass: every element of a factor is loaded once per tile that needs it.`,
    operands: { ...left.operands, ...right.operands, result: result.operand },
    words: {
      ...product.words,
      ...u32Words({ rowTiles, columnTiles, partDepth, rowStep: result.rowStep }),
      ...u32Words({ blockSteps: blockDepthOf(tile, complex) }),
      ...u32Words({ leftBySum: Number(left.along === 'sum'), rightBySum: Number(right.along === 'sum') }),
    },
    workgroupSize: tileSizeOf(tile),
    groups: rowTiles * columnTiles * product.units * parts,
    declarations: [
      tileDeclarations(tile, complex),
      left.declarations,
      right.declarations,
      result.declarations,
    ].join('\n\n'),
    body: tileBody(tile, complex),
  });
}
