import { croppedSize } from '../../cropCentre.js';
import type { IsmrmrdHeader } from './ismrmrdHeader.js';

type Size = readonly [height: number, width: number];

/**
 * The size that images of a file are cropped to: that of its reference, else (recon.x, recon.y) of its header, else
 * undefined.
 */
export function centredCrop(
  image: Size,
  reference: readonly number[] | undefined,
  header: IsmrmrdHeader | undefined,
): Size | undefined {
  if (reference) return [reference[0]!, reference[1]!];
  if (!header) return undefined;
  return croppedSize(image, [header.reconMatrix.x, header.reconMatrix.y]);
}
