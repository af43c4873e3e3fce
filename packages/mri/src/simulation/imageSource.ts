import {
  abs,
  cast,
  centredFft,
  centredIfft,
  checkNumber,
  checkTensor,
  complex,
  cos,
  foldIn,
  formatShape,
  isComplex,
  type Key,
  mul,
  ShapeError,
  scope,
  sin,
  slice,
  type Tensor,
} from '@adjoint/tensor';
import { type CoilRingOptions, checkGrid, coilFields, sampleFields } from './coilMaps.js';
import { cropKspace } from './cropKspace.js';
import type { SliceSource } from './sliceSource.js';
import { drawPhase } from './smoothPhase.js';

type Grid = readonly [height: number, width: number];

export interface ImageSourceOptions extends CoilRingOptions {
  readonly images: Tensor;
  readonly shape?: Grid | undefined;
  readonly phase?: number | undefined;
  readonly inverseCrime?: boolean | undefined;
}

/** Images on a grid, measured with analytic coils on that grid and cropped in k-space. */
export async function imageSource(fn: string, options: ImageSourceOptions, root: Key): Promise<SliceSource> {
  const { images, native, shape } = checkImages(fn, options);
  const strength = checkNumber(fn, 'option phase', options.phase ?? (isComplex(images.dtype) ? 0 : 0.7), {
    min: 0,
  });
  const fields = await coilFields(fn, options);
  const maps = sampleFields(fields, shape);
  const grid = options.inverseCrime ? shape : native;
  const nativeMaps = options.inverseCrime ? maps : sampleFields(fields, native);
  const phaseKey = foldIn(root, 'phase');
  return {
    count: images.rank === 3 ? images.shape[0]! : 1,
    isStack: images.rank === 3,
    shape,
    maps,
    oversampling: options.inverseCrime ? [1, 1] : [native[0] / shape[0], native[1] / shape[1]],
    async kspace(index) {
      using own = foldIn(phaseKey, index);
      using phase = strength === 0 ? undefined : await drawPhase(fn, own, { shape: grid, strength });
      return scope(() => {
        const one = images.rank === 3 ? slice(images, [index]) : images;
        const object = options.inverseCrime ? reduce(one, shape) : one;
        const turned = phase ? mul(object, complex(cos(phase), sin(phase))) : object;
        return rescaled(centredFft(mul(turned, nativeMaps)), shape);
      });
    },
    release() {
      phaseKey.dispose();
      if (nativeMaps !== maps) nativeMaps.dispose();
      if (images !== options.images) images.dispose();
    },
  };
}

/** Cut to the study grid, with the intensities of the image kept: a unitary transform spreads them over fewer samples. */
const rescaled = (kspace: Tensor, [height, width]: Grid): Tensor =>
  mul(
    cropKspace(kspace, [height, width]),
    Math.sqrt((height * width) / (kspace.shape.at(-2)! * kspace.shape.at(-1)!)),
  );

/** The image of the low frequencies alone; real images stay real and not negative. */
function reduce(image: Tensor, shape: Grid): Tensor {
  const low = centredIfft(rescaled(centredFft(image), shape));
  return isComplex(image.dtype) ? low : abs(low);
}

/** The images in floating point, their grid, and the grid of the measurement. */
function checkImages(fn: string, options: ImageSourceOptions): { images: Tensor; native: Grid; shape: Grid } {
  const given = checkTensor(fn, 'option images', options.images);
  const native = given.shape.slice(-2);
  if (given.rank < 2 || given.rank > 3 || given.size === 0)
    throw new ShapeError({
      fn,
      argument: 'option images',
      expected: '[N, M] or [slices, N, M], not empty',
      got: formatShape(given.shape),
    });
  const grid = checkGrid(fn, 'option images', native);
  const half = grid.map((count) => Math.max(1, Math.floor(count / 2)));
  const shape = checkGrid(fn, 'option shape', options.shape ?? half);
  if (shape[0] > grid[0] || shape[1] > grid[1])
    throw new ShapeError({
      fn,
      argument: 'option shape',
      expected: `at most the images' own grid ${formatShape(grid)}, and half of it to stay clear of it`,
      got: formatShape(shape),
    });
  const isFloat = ['f32', 'c64', 'f64', 'c128'].includes(given.dtype);
  return { images: isFloat ? given : cast(given, 'f32'), native: grid, shape };
}
