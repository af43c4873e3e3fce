import type { TensorType } from '../shape.js';
import { bytesOf } from './graph.js';
import type { LoopBody } from './loopBody.js';

/** Which steps a loop makes. */
export interface LoopSpec {
  /** How many, at least 1. */
  readonly n: number;
  /** Number of the first step. */
  readonly from: number;
  /** What is added for the next: 1, or −1 in a backward sweep. */
  readonly by: number;
  /** The carry is handed out after every so many steps, save the last; 0 for never. */
  readonly keepEvery: number;
}

export interface LoopAttrs extends LoopSpec {
  readonly body: LoopBody;
}

/** The outputs of a loop, or what belongs to them, by what they are for. */
export interface LoopParts<T> {
  /** The carry after the last step. */
  readonly last: readonly T[];
  /** The kept carries. */
  readonly kept: readonly (readonly T[])[];
  /** What the steps hand out, a list per step. */
  readonly made: readonly (readonly T[])[];
  /** Second place of the carry on its way. */
  readonly spare: readonly T[];
  /** Slots for the intermediate values of a step. */
  readonly slots: readonly T[];
  /** The number of the step. */
  readonly counter: T;
}

const wordsFor = (bytes: number): TensorType => ({ shape: [Math.ceil(bytes / 4)], dtype: 'i32' });

const hasSpare = ({ n, keepEvery }: LoopSpec): boolean => n > 1 && keepEvery !== 1;
const keptCount = ({ n, keepEvery }: LoopSpec): number => (keepEvery > 0 ? Math.ceil(n / keepEvery) - 1 : 0);

/**
 * Types of the outputs. Working memory (spare, slots, counter) stands among them: nobody reads it afterwards, so
 * it is allocated and planned like any intermediate value.
 */
export function outputTypes(attrs: LoopAttrs): TensorType[] {
  const { body, n } = attrs;
  const { carry } = body.types;
  const times = (count: number, types: readonly TensorType[]): TensorType[] =>
    Array.from({ length: count }, () => types).flat();
  return [
    ...times(1 + keptCount(attrs), carry),
    ...times(n, body.made),
    ...(hasSpare(attrs) ? carry.map((type) => wordsFor(bytesOf(type))) : []),
    ...body.memory.sizes.map(wordsFor),
    { shape: [], dtype: 'i32' },
  ];
}

/** Takes a list in the order of `outputTypes` apart. */
export function loopParts<T>(attrs: LoopAttrs, outputs: readonly T[]): LoopParts<T> {
  const { body, n } = attrs;
  const width = body.types.carry.length;
  let at = 0;
  const take = (count: number): T[] => outputs.slice(at, (at += count));
  const rows = (count: number, size: number): T[][] => Array.from({ length: count }, () => take(size));
  const last = take(width);
  const kept = rows(keptCount(attrs), width);
  const made = rows(n, body.made.length);
  const spare = take(hasSpare(attrs) ? width : 0);
  const slots = take(body.memory.sizes.length);
  return { last, kept, made, spare, slots, counter: outputs[at]! };
}
