import { NumpyRandom } from '@adjoint/mri';
import {
  ArgumentError,
  describe,
  foldIn,
  type Key,
  ShapeError,
  scope,
  splitKey,
  stack,
  Tensor,
} from '@adjoint/tensor';
import type { Sample, TrainingData } from '../data/index.js';
import type { Batch } from './losses.js';

/** Which examples make which step. Everything follows from the key and the step, so that nothing has to be stored. */
export class Batches {
  readonly stepsPerEpoch: number;
  private epoch = -1;
  private order: readonly number[] = [];

  constructor(
    private readonly fn: string,
    private readonly data: TrainingData,
    private readonly batchSize: number,
    private readonly key: Key,
    private readonly words: readonly number[],
  ) {
    this.stepsPerEpoch = Math.ceil(data.size / batchSize);
  }

  /** The examples of a step, each epoch in an order of its own; the last batch of an epoch may be smaller. */
  async at(step: number): Promise<Batch> {
    const epoch = Math.floor(step / this.stepsPerEpoch);
    if (epoch !== this.epoch) {
      this.epoch = epoch;
      this.order = new NumpyRandom([...this.words, epoch]).permutation(this.data.size);
    }
    const first = (step % this.stepsPerEpoch) * this.batchSize;
    return gather(this.fn, this.data, this.order.slice(first, first + this.batchSize), () =>
      foldIn(this.key, step),
    );
  }
}

/** Examples in a row, for validation: the same at every time. */
export const batchFrom = (
  fn: string,
  data: TrainingData,
  first: number,
  count: number,
  key: Key,
): Promise<Batch> => {
  const indices = Array.from({ length: Math.min(count, data.size - first) }, (_, i) => first + i);
  return gather(fn, data, indices, () => foldIn(key, first));
};

async function gather(
  fn: string,
  data: TrainingData,
  indices: readonly number[],
  keyOf: () => Key,
): Promise<Batch> {
  const keys = scope(() => splitKey(keyOf(), indices.length));
  const samples: Sample[] = [];
  try {
    for (const [i, index] of indices.entries())
      samples.push(checkSample(fn, index, await data.sample(index, keys[i]!)));
    const names = Object.keys(samples[0]!);
    return scope(
      () =>
        Object.fromEntries(
          names.map((name) => [name, stackAll(fn, name, indices, samples)]),
        ) as unknown as Batch,
    );
  } finally {
    for (const key of keys) key.dispose();
    for (const sample of samples) for (const x of Object.values(sample)) x.dispose();
  }
}

function checkSample(fn: string, index: number, sample: Sample): Sample {
  const argument = `example ${index} of option data`;
  if (!(sample?.input instanceof Tensor && sample.target instanceof Tensor))
    throw new ArgumentError({
      fn,
      argument,
      expected: 'an object with tensors input and target',
      got: describe(sample),
    });
  return sample;
}

function stackAll(fn: string, name: string, indices: readonly number[], samples: readonly Sample[]): Tensor {
  const parts = samples.map((sample) => sample[name]);
  const other = parts.findIndex((x) => `${x?.shape}` !== `${parts[0]!.shape}`);
  if (other < 0) return stack(parts as Tensor[]);
  throw new ShapeError({
    fn,
    argument: `${name} of example ${indices[other]}`,
    expected: `of the shape that the others of its batch have, [${parts[0]!.shape}]`,
    got: describe(parts[other]),
    remedy: 'Crop examples to one size, or use batchSize 1.',
  });
}
