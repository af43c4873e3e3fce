import type { PaddedImage } from './paddedImage.wasm.js';

/** Output pixels of a tile of F(4x4, 3x3) along one axis, and the products per axis they take. */
export const tileSize = 4;
export const points = 6;

/** Tiles that cover an image, down and across. */
export const tileCounts = ({ height, width }: { height: number; width: number }): [number, number] => [
  Math.ceil(height / tileSize),
  Math.ceil(width / tileSize),
];

/** The copy of an image from which 6x6 pixels can be read for each of `down` times `across` tiles. */
export const tiledImage = (
  image: Pick<PaddedImage, 'channels' | 'height' | 'width' | 'top' | 'left'>,
  [down, across]: readonly [number, number],
): PaddedImage => ({
  ...image,
  ...{ rows: tileSize * down + 2, runs: 1, runLength: tileSize * across + 4 },
});
