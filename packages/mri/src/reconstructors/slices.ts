import { ArgumentError, reshape, scope, slice, stack, type Tensor, where } from '@adjoint/tensor';
import { espirit } from '../coils/index.js';
import type { LoopOptions } from '../loop.js';
import type { Measurement } from '../measurement.js';
import type { ReconstructOptions } from '../reconstructor.js';
import { checkMaps, checkTypes, checkValues } from './checkMeasurement.js';
import { finishedImage, type ImageOutput } from './image.js';

/** One slice with its maps, k-space zero where nothing was sampled. */
export interface Slice {
  /** [coils, H, W] */
  readonly kspace: Tensor;
  readonly maps: Tensor;
  readonly mask: Tensor;
}

export interface SliceSettings {
  readonly fn: string;
  readonly maps: Tensor | undefined;
  readonly output: ImageOutput;
}

/** Reconstructs one slice: a complex image [H, W]. */
export type SliceMethod = (part: Slice, options: ReconstructOptions) => Promise<Tensor>;

/** The maps of a method, of the measurement, or estimated from the samples: in this order. @internal */
export async function mapsOf(
  fn: string,
  given: Tensor | undefined,
  measurement: Measurement,
  options: LoopOptions,
): Promise<{ maps: Tensor; isOwn: boolean }> {
  const maps = given ?? measurement.maps;
  if (maps === undefined) {
    const { signal } = options;
    return { maps: await espirit(measurement, { signal }), isOwn: true };
  }
  checkMaps(fn, maps, measurement.kspace);
  return { maps, isOwn: false };
}

/** The maps of a method or of the measurement, for functions that cannot wait for an estimate. @internal */
export function knownMaps(fn: string, given: Tensor | undefined, measurement: Measurement): Tensor {
  const maps = given ?? measurement.maps;
  if (maps !== undefined) return checkMaps(fn, maps, measurement.kspace);
  throw new ArgumentError({
    fn: `${fn}.differentiable`,
    argument: 'maps',
    expected: 'known: an option of the method, or part of the measurement',
    got: 'undefined',
    remedy: 'Estimate them first: { ...measurement, maps: await espirit(measurement) }.',
  });
}

/**
 * Runs a method slice by slice, so that memory, weights and stopping rules are those of one slice, and returns
 * the images [..., height, width].
 * @internal
 */
export async function reconstructSlices(
  { fn, maps: given, output }: SliceSettings,
  measurement: Measurement,
  options: ReconstructOptions,
  method: SliceMethod,
): Promise<Tensor> {
  checkTypes(fn, measurement);
  await checkValues(fn, measurement);
  const { kspace, mask } = measurement;
  const { maps, isOwn } = await mapsOf(fn, given, measurement, options);
  const lead = kspace.shape.slice(0, -3);
  const count = lead.reduce((a, b) => a * b, 1);
  const images: Tensor[] = [];
  try {
    for (let i = 0; i < count; i++) {
      const part = scope(() => ({
        kspace: where(mask, sliceOf(kspace, i), 0),
        maps: sliceOf(maps, i),
      }));
      try {
        using image = await method({ ...part, mask }, progressOf(options, i, count));
        images.push(scope(() => finishedImage(image, measurement, output)));
      } finally {
        part.kspace.dispose();
        part.maps.dispose();
      }
    }
    return scope(() => {
      const size = images[0]!.shape;
      return reshape(stack(images), [...lead, ...size]);
    });
  } finally {
    for (const image of images) image.dispose();
    if (isOwn) maps.dispose();
  }
}

/** Slice number i of [..., coils, H, W]; maps may have no slice axis. */
function sliceOf(x: Tensor, i: number): Tensor {
  const plane = x.shape.slice(-3);
  const list = reshape(x, [-1, ...plane]);
  return slice(list, [Math.min(i, list.shape[0]! - 1)]);
}

/** Steps of one slice reported as steps of all. */
function progressOf(options: ReconstructOptions, i: number, count: number): ReconstructOptions {
  const { onProgress } = options;
  if (onProgress === undefined || count === 1) return options;
  return {
    ...options,
    onProgress: ({ step, steps, objective }) =>
      onProgress({ step: i * steps + step, steps: count * steps, objective }),
  };
}
