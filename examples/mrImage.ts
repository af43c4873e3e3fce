import { builtinImages } from '@adjoint/mri';
import { div, max, read, type Tensor, tensor } from '@adjoint/tensor';

/** A real image: pixels scaled to a maximum of 1, row-major. */
export interface MrImage {
  readonly height: number;
  readonly width: number;
  readonly pixels: Float32Array;
  readonly description: string;
}

/**
 * One slice of a human brain (fast spin echo, proton density, 256 × 256) of the built-in images.
 * @param slice 1 … 20
 */
export async function brainImage(slice = 10): Promise<MrImage> {
  const { images, count, source } = await builtinImages('brain', { slices: [slice - 1] });
  const [, height, width] = images.shape as [number, number, number];
  const pixels = (await read(div(images, max(images)))) as Float32Array;
  return {
    height,
    width,
    pixels,
    description: `brain, proton density, slice ${slice} of ${count} (${source})`,
  };
}

/** The same slice as a tensor: f32 [256, 256], for `simulate`. */
export async function brainTensor(slice: number): Promise<Tensor> {
  const { height, width, pixels } = await brainImage(slice);
  return tensor(pixels, { shape: [height, width] });
}
