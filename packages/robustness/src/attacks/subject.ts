import {
  checkMeasurement,
  cropCentre,
  espirit,
  type LoopOptions,
  type Measurement,
  type Reconstructor,
  rss,
} from '@adjoint/mri';
import {
  AdjointError,
  ArgumentError,
  abs,
  centredIfft,
  checkFunction,
  describe,
  formatShape,
  isComplex,
  type Key,
  mul,
  NumericalError,
  ShapeError,
  scope,
  stack,
  sum,
  Tensor,
  where,
} from '@adjoint/tensor';
import { lengths } from './ball.js';

/** What is attacked: a slice or a stack of them, and what its perturbations are measured by. */
export interface Subject extends Disposable {
  /** Samples only: zeros where nothing was measured; maps and reference of the measurement. */
  readonly measurement: Measurement;
  /** All of k-space where it is known. */
  readonly full: Tensor | undefined;
  /** ‖k_full‖ (or ‖y‖ where that is all there is) and ‖y‖ of every slice. */
  readonly fullNorms: readonly number[];
  readonly sampledNorms: readonly number[];
  /** Entries of one slice that were sampled, over all coils. */
  readonly entries: number;
}

/** Takes a measurement apart. Throws for samples that nothing can be done with. */
export async function subjectOf(fn: string, measurement: Measurement, given?: Tensor): Promise<Subject> {
  await checkMeasurement(fn, measurement);
  const { mask } = measurement;
  const all = given ?? measurement.kspace;
  if (formatShape(all.shape) !== formatShape(measurement.kspace.shape))
    throw new ShapeError({
      ...{ fn, argument: 'option full', expected: formatShape(measurement.kspace.shape) },
      got: formatShape(all.shape),
    });
  const { kspace, numbers, full } = scope(() => {
    const kspace = where(mask, measurement.kspace, 0);
    const kept = mul(all, 1);
    const norms = [kept, kspace].map((x) => lengths(x).reshape([-1]));
    return { kspace, full: kept, numbers: [stack(norms), sum(where(mask, 1, mul(mask, 0)))] as const };
  });
  const [norms, count] = await Promise.all(numbers.map((x) => x.data()));
  for (const x of numbers) x.dispose();
  const slices = norms!.length / 2;
  const fullNorms = Array.from(norms!.slice(0, slices));
  const sampledNorms = Array.from(norms!.slice(slices));
  const isFull = fullNorms.every((norm, i) => norm > sampledNorms[i]! * (1 + 1e-6));
  if (!fullNorms.every(Number.isFinite)) {
    kspace.dispose();
    full.dispose();
    throw new NumericalError({
      ...{ fn, argument: 'the full k-space', expected: 'finite', got: 'NaN or infinite entries' },
      remedy: 'Set what was not measured to 0: undersample(full, mask).',
    });
  }
  if (!isFull) full.dispose();
  const perCoil = mask.rank === 1 ? count![0]! * kspace.shape.at(-2)! : count![0]!;
  return {
    measurement: { ...measurement, kspace },
    full: isFull ? full : undefined,
    ...{ fullNorms, sampledNorms, entries: perCoil * kspace.shape.at(-3)! },
    [Symbol.dispose]: () => {
      kspace.dispose();
      if (isFull) full.dispose();
    },
  };
}

/** The image that scores compare with: the measurement's, else the root sum of squares of the full k-space. */
export function referenceOf(fn: string, { measurement, full }: Subject): Tensor {
  const { reference, crop } = measurement;
  if (reference !== undefined) return mul(reference, 1);
  if (full === undefined)
    throw new ArgumentError({
      fn,
      argument: 'the reference of the measurement',
      expected: 'an image to compare with',
      got: 'undefined',
      remedy: 'Or give the full k-space: option full.',
    });
  return scope(() => {
    const image = rss(centredIfft(full));
    return crop === undefined ? image : cropCentre(image, crop);
  });
}

/** Requires a reconstructor, as far as one can see. */
export function checkMethod(fn: string, method: Reconstructor): Reconstructor {
  if (method === null || typeof method !== 'object' || typeof method.name !== 'string')
    throw new ArgumentError({
      ...{ fn, argument: 'the method', expected: '{ name, reconstruct, ... }', got: describe(method) },
    });
  checkFunction(fn, 'the method’s reconstruct', method.reconstruct);
  return method;
}

/** The measurement, with maps estimated from its samples if `attempt` says that it cannot do without. */
export async function withMapsFor(
  attempt: (measurement: Measurement) => unknown,
  measurement: Measurement,
  options: LoopOptions,
): Promise<{ measurement: Measurement; estimated: Tensor | undefined }> {
  try {
    scope(() => void attempt(measurement));
    return { measurement, estimated: undefined };
  } catch (error) {
    const lacksMaps = error instanceof ArgumentError && error.parts?.argument === 'maps';
    if (!lacksMaps || measurement.maps !== undefined) throw error;
    const estimated = await espirit(measurement, { signal: options.signal });
    return { measurement: { ...measurement, maps: estimated }, estimated };
  }
}

/**
 * Runs a method and requires a finite real image of the reference's shape; complex images become their magnitudes. What the
 * method throws comes through with a word on which data it was.
 */
export async function reconstructed(
  fn: string,
  method: Reconstructor,
  measurement: Measurement,
  reference: Tensor,
  { role, ...options }: { role: string; signal?: AbortSignal | undefined; key?: Key | undefined },
): Promise<Tensor> {
  let image: Tensor;
  try {
    image = await method.reconstruct(measurement, options);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw Object.assign(new AdjointError(`${fn}: ${method.name} failed on the ${role} samples: ${reason}`), {
      cause: error,
    });
  }
  const argument = `the image of ${method.name} from the ${role} samples`;
  if (!(image instanceof Tensor) || formatShape(image.shape) !== formatShape(reference.shape))
    throw new ShapeError({
      ...{ fn, argument, expected: `a tensor ${formatShape(reference.shape)}, as the reference` },
      got: image instanceof Tensor ? formatShape(image.shape) : describe(image),
    });
  if (isComplex(image.dtype)) {
    const magnitude = abs(image);
    image.dispose();
    image = magnitude;
  }
  using total = scope(() => sum(mul(image, 0)));
  if ((await total.item()) === 0) return image;
  image.dispose();
  throw new NumericalError({ fn, argument, expected: 'finite', got: 'NaN or infinite pixels' });
}
