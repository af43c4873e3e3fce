import type { IsmrmrdHeader } from './ismrmrdHeader.js';

type Size = readonly [height: number, width: number];

/**
 * The size that images of a file are cropped to: that of its reference, else (recon.x, recon.y) of its header, else
 * undefined. An image narrower than the crop is cropped to a square of its width, as fastMRI does (files of 203 columns
 * have a header of 320).
 */
export function centredCrop(
  [height, width]: Size,
  reference: readonly number[] | undefined,
  header: IsmrmrdHeader | undefined,
): Size | undefined {
  if (reference) return [reference[0]!, reference[1]!];
  if (!header) return undefined;
  const { x, y } = header.reconMatrix;
  const [h, w] = y > width ? [width, width] : [x, y];
  return [Math.min(h, height), w];
}
