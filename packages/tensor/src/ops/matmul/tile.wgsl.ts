/**
 * How the invocations of a work group share a tile of a matrix product: they form a grid of
 * rowThreads x columnThreads, and each adds up (4 quads) x (4 quads) results. A quad is four lines
 * (rows or columns) as far apart as the grid is wide: neighbours then load and store neighbouring lines.
 */
export interface Tile {
  readonly rowThreads: number;
  readonly columnThreads: number;
  readonly quads: 1 | 2;
}

const tileOf = (rowThreads: number, columnThreads: number, quads: Tile['quads'] = 1): Tile => ({
  ...{ rowThreads, columnThreads, quads },
});

/** Invocations of a work group. */
export const tileSizeOf = ({ rowThreads, columnThreads }: Tile): number => rowThreads * columnThreads;
export const tileRowsOf = ({ rowThreads, quads }: Tile): number => 4 * rowThreads * quads;
export const tileColumnsOf = ({ columnThreads, quads }: Tile): number => 4 * columnThreads * quads;

/**
 * Steps of the sum that are in workgroup memory at a time: one quad per invocation and operand, half of
 * that for complex numbers. 16 KiB hold it, with the padding, for every tile that is chosen.
 */
export const blockDepthOf = (tile: Tile, complex: boolean): number =>
  Math.floor(tileSizeOf(tile) / (Math.max(tileRowsOf(tile), tileColumnsOf(tile)) / 4) / (complex ? 2 : 1));

/** Work groups that keep a large GPU busy. */
const enoughGroups = 256;
/** Fewer steps than this are not worth a pass that adds up parts. */
const leastPartDepth = 256;
/** A longer running sum would lose accuracy. */
const mostPartDepth = 4096;
/** Room for the partial sums; where they do not fit, sums run longer. */
const mostPartialBytes = 64 * 2 ** 20;

/** A batch of `units` products of [rows, depth] and [depth, columns]. */
export interface ProductSizes {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly units: number;
}

const groupsOf = (tile: Tile, { rows, columns, units }: ProductSizes): number =>
  Math.ceil(rows / tileRowsOf(tile)) * Math.ceil(columns / tileColumnsOf(tile)) * units;

/** The tile for a product: narrow ones for few rows or columns, large ones where there are enough of them. */
function chooseTile(sizes: ProductSizes, complex: boolean): Tile {
  const { rows, columns } = sizes;
  if (Math.max(rows, columns) <= 32) return tileOf(8, 8);
  if (rows <= 16) return tileOf(4, 64);
  if (columns <= 16) return tileOf(64, 4);
  if (rows <= 32) return tileOf(8, 32);
  if (columns <= 32) return tileOf(32, 8);
  const large = tileOf(16, 16, 2);
  return !complex && groupsOf(large, sizes) >= enoughGroups ? large : tileOf(16, 16);
}

/** How a product is cut into work groups: `parts` of the sum, each `partDepth` long. By shape alone. */
export interface ProductCut {
  readonly tile: Tile;
  readonly rowTiles: number;
  readonly columnTiles: number;
  readonly parts: number;
  readonly partDepth: number;
}

/** The one place that decides how a product runs. */
export function cutProduct(sizes: ProductSizes, complex: boolean): ProductCut {
  const { rows, columns, depth, units } = sizes;
  const tile = chooseTile(sizes, complex);
  const room = Math.floor(mostPartialBytes / (rows * columns * units * (complex ? 8 : 4)));
  const forWork = Math.min(
    Math.floor(depth / leastPartDepth),
    Math.ceil(enoughGroups / groupsOf(tile, sizes)),
  );
  const wanted = Math.max(1, Math.min(room, Math.max(forWork, Math.ceil(depth / mostPartDepth))));
  const block = blockDepthOf(tile, complex);
  const partDepth = Math.max(block, Math.ceil(depth / wanted / block) * block);
  return {
    tile,
    rowTiles: Math.ceil(rows / tileRowsOf(tile)),
    columnTiles: Math.ceil(columns / tileColumnsOf(tile)),
    parts: Math.max(1, Math.ceil(depth / partDepth)),
    partDepth,
  };
}
