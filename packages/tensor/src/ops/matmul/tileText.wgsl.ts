import { blockDepthOf, type Tile, tileColumnsOf, tileRowsOf } from './tile.wgsl.js';

// The innermost loops of matrix products and convolutions. The elements of the factors come from functions
// of the kernel (Factor of product.wgsl.ts), so that neither matrix need exist in memory.

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const lanes = ['x', 'y', 'z', 'w'] as const;
/** Complex numbers lie in workgroup memory as two tiles, and are added up as two sums. */
const partsOf = (complex: boolean): readonly string[] => (complex ? ['Re', 'Im'] : ['']);

/** Four elements of a factor. */
export const quadType = (complex: boolean): string =>
  complex ? 'struct Quad { re: vec4f, im: vec4f }' : 'alias Quad = vec4f;';

/** Module scope: sizes, tiles in workgroup memory, and the loads and stores around them. */
export function tileDeclarations(tile: Tile, complex: boolean): string {
  const parts = partsOf(complex);
  return `const rowThreads = ${tile.rowThreads}u;
const columnThreads = ${tile.columnThreads}u;
const tileRows = ${tileRowsOf(tile)}u;
const tileColumns = ${tileColumnsOf(tile)}u;
const rowQuads = tileRows / 4u;
const columnQuads = tileColumns / 4u;
/// Steps of the sum that are in workgroup memory at a time.
const blockDepth = ${blockDepthOf(tile, complex)}u;
// a step is one quad longer than it need be: neighbours that store down the steps meet no bank conflicts
${parts.map((part) => `var<workgroup> left${part}: array<vec4f, blockDepth * (rowQuads + 1u)>;`).join('\n')}
${parts.map((part) => `var<workgroup> right${part}: array<vec4f, blockDepth * (columnQuads + 1u)>;`).join('\n')}
${quadType(complex)}

/// The four lines of a quad, in a grid of \`threads\` lines.
fn quadLines(first: u32, quad: u32, threads: u32) -> vec4u {
  return first + quad / threads * 4u * threads + quad % threads + threads * vec4u(0u, 1u, 2u, 3u);
}
fn fetchLeft(place: LeftPlace, k: u32, end: u32) -> Quad {
  if (k >= end) { return Quad(); }
  return loadLeft(place, k);
}
fn fetchRight(place: RightPlace, k: u32, end: u32) -> Quad {
  if (k >= end) { return Quad(); }
  return loadRight(place, k);
}
/// Four results of one column: a quad of rows.
fn storeColumn(column: u32, row: u32, slice: u32, ${parts.map((part) => `values${part}: vec4f`).join(', ')}) {
  if (column >= p.columns) { return; }
  let place = placeResult(column, slice);
  for (var i = 0u; i < 4u; i++) {
    let line = row + i * rowThreads;
    if (line < p.rows) { store_result(place + line * p.rowStep, ${complex ? 'vec2f(valuesRe[i], valuesIm[i])' : 'values[i]'}); }
  }
}`;
}

/** The entry point's body: blocks of steps travel through workgroup memory into the sums of a tile. */
export const tileBody = (tile: Tile, complex: boolean): string => `let threadRow = local / columnThreads;
let threadColumn = local % columnThreads;
let firstRow = group % p.rowTiles * tileRows;
let firstColumn = group / p.rowTiles % p.columnTiles * tileColumns;
// part · units + unit
let slice = group / (p.rowTiles * p.columnTiles);
let unit = slice % p.units;
let start = slice / p.units * p.partDepth;
let end = min(p.depth, start + p.partDepth);

// of every block this invocation loads one quad per factor: neighbours load what is neighbours in memory
let leftStep = select(local / rowQuads, local % blockDepth, p.leftBySum == 1u);
let leftQuad = select(local % rowQuads, local / blockDepth, p.leftBySum == 1u);
let leftLines = min(quadLines(firstRow, leftQuad, rowThreads), vec4u(p.rows - 1u));
let leftPlace = placeLeft(leftLines, unit);
let loadsLeft = local < rowQuads * blockDepth;
let leftEnd = select(0u, end, loadsLeft);
let rightStep = select(local / columnQuads, local % blockDepth, p.rightBySum == 1u);
let rightQuad = select(local % columnQuads, local / blockDepth, p.rightBySum == 1u);
let rightLines = min(quadLines(firstColumn, rightQuad, columnThreads), vec4u(p.columns - 1u));
let rightPlace = placeRight(rightLines, unit);
let loadsRight = local < columnQuads * blockDepth;
let rightEnd = select(0u, end, loadsRight);

${partsOf(complex)
  .map((part) => `var sums${part}: array<vec4f, ${4 * tile.quads * tile.quads}>;`)
  .join('\n')}
for (var block = start; block < end + blockDepth; block += blockDepth) {
  // this block is on its way while the one before it is added up
  let nextLeft = fetchLeft(leftPlace, block + leftStep, leftEnd);
  let nextRight = fetchRight(rightPlace, block + rightStep, rightEnd);
  if (block > start) {
    // the bound is a parameter and not the constant: else some compilers unroll everything, for seconds
    for (var k = 0u; k < p.blockSteps; k += ${unrolled(tile, complex)}u) {
${range(unrolled(tile, complex))
  .map((step) => addProducts(tile, complex, step))
  .join('\n')}
    }
  }
  workgroupBarrier();
  if (loadsLeft) {
    let at = leftStep * (rowQuads + 1u) + leftQuad;
${putQuad('left', complex)}
  }
  if (loadsRight) {
    let at = rightStep * (columnQuads + 1u) + rightQuad;
${putQuad('right', complex)}
  }
  workgroupBarrier();
}
${storeSums(tile, complex)}`;

/** Steps per turn of the innermost loop: at least 32 multiply-adds, and a divisor of every block's depth. */
const unrolled = ({ quads }: Tile, complex: boolean): number => (complex || quads > 1 ? 1 : 2);

const putQuad = (side: 'left' | 'right', complex: boolean): string => {
  const next = `next${side === 'left' ? 'Left' : 'Right'}`;
  return complex
    ? `    ${side}Re[at] = ${next}.re;\n    ${side}Im[at] = ${next}.im;`
    : `    ${side}[at] = ${next};`;
};

/** Step k + `step` of the sum: a column of the left tile times a row of the right one. */
function addProducts({ quads }: Tile, complex: boolean, step: number): string {
  const loads = range(quads).flatMap((quad) =>
    partsOf(complex).flatMap((part) => [
      `let a${part}${quad} = left${part}[(k + ${step}u) * (rowQuads + 1u) + threadRow + ${quad}u * rowThreads];`,
      `let b${part}${quad} = right${part}[(k + ${step}u) * (columnQuads + 1u) + threadColumn + ${quad}u * columnThreads];`,
    ]),
  );
  const products = range(4 * quads).flatMap((row) =>
    range(quads).flatMap((quad) => {
      const element = `${row >> 2}.${lanes[row & 3]}`;
      const sum = `[${row * quads + quad}]`;
      return complex
        ? [
            `sumsRe${sum} += aRe${element} * bRe${quad} - aIm${element} * bIm${quad};`,
            `sumsIm${sum} += aRe${element} * bIm${quad} + aIm${element} * bRe${quad};`,
          ]
        : [`sums${sum} += a${element} * b${quad};`];
    }),
  );
  return ['{', ...loads, ...products, '}'].map((line) => `      ${line}`).join('\n');
}

function storeSums({ quads }: Tile, complex: boolean): string {
  const columns = range(quads).flatMap((quad) => lanes.map((lane, j) => ({ quad, lane, j })));
  return columns
    .flatMap(({ quad, lane, j }) =>
      range(quads).map((rows) => {
        const values = partsOf(complex).map((part) => {
          const sums = range(4).map((i) => `sums${part}[${(4 * rows + i) * quads + quad}].${lane}`);
          return `vec4f(${sums.join(', ')})`;
        });
        const column = `firstColumn + threadColumn + ${4 * quad + j}u * columnThreads`;
        const row = `firstRow + threadRow + ${4 * rows}u * rowThreads`;
        return `storeColumn(${[column, row, 'slice', ...values].join(', ')});`;
      }),
    )
    .join('\n');
}
