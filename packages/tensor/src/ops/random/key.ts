import { checkInteger, checkOptions } from '../../check.js';
import { tensor } from '../../creation.js';
import type { Device } from '../../device.js';
import { checkTensor } from '../../dispatch.js';
import { DTypeError, ShapeError } from '../../errors.js';
import { deviceOption } from '../../runtime.js';
import { scope } from '../../scope.js';
import { formatType } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { call, type Operand } from '../elementwise/define.js';
import { iota } from '../elementwise/full.js';
import { reshape, slice } from '../view/index.js';
import { bitsRow, purpose } from './distributions.js';

/** A random key: an i32[2] tensor. The same key always gives the same values; split it for others. */
export type Key = Tensor;

export interface KeyOptions {
  /** Default: the current device. */
  readonly device?: Device;
}

/**
 * The key of a seed, i32[2].
 * @throws ArgumentError unless the seed is a safe integer.
 * @example const [weights, noise] = splitKey(key(7));
 */
export function key(seed: number, options: KeyOptions = {}): Key {
  checkInteger('key', 'seed', seed);
  checkOptions('key', options, ['device']);
  const device = deviceOption('key', options.device);
  const high = Math.floor(seed / 2 ** 32);
  return tensor(Int32Array.of(seed, high), { device });
}

/** Requires a live i32[2] tensor. */
export function checkKey(fn: string, value: unknown): Key {
  const checked = checkTensor(fn, 'the key', value);
  const parts = {
    fn,
    argument: 'the key',
    expected: 'an i32 [2] tensor',
    got: formatType(checked),
    remedy: 'Make one with key(seed), splitKey or foldIn.',
  };
  if (checked.dtype !== 'i32') throw new DTypeError(parts);
  if (checked.rank !== 1 || checked.size !== 2) throw new ShapeError(parts);
  return checked;
}

/** The two words of a key, as 0-d views. */
export function keyWords(fn: string, value: unknown): readonly [Tensor, Tensor] {
  const checked = checkKey(fn, value);
  return [slice(checked, [0]), slice(checked, [1])];
}

/** Both words of blocks: operands broadcast with [2]. */
const words = (fn: string, parent: Key, counter: Operand, use: number): Tensor =>
  scope(() => {
    const [k0, k1] = keyWords(fn, parent);
    return call(bitsRow, [k0, k1, counter, use, iota(2, { device: parent.device })], undefined);
  });

/** `count` independent keys; the parent must not be used again. */
export function splitKey(parent: Key, count = 2): Key[] {
  checkInteger('splitKey', 'count', count, { min: 1, max: 2 ** 20 });
  checkTensor('splitKey', 'the key', parent);
  return scope(() => {
    const counters = reshape(iota(count, { device: parent.device }), [count, 1]);
    const keys = words('splitKey', parent, counters, purpose.split);
    return Array.from({ length: count }, (_, i) => slice(keys, [i]));
  });
}

/** FNV-1a over UTF-16 code units. */
function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash | 0;
}

/**
 * An independent key for an index or a name: step 12 of a loop, the weights called `conv1`.
 * @throws ArgumentError unless the index is a 32-bit integer.
 */
export function foldIn(parent: Key, label: number | string): Key {
  if (typeof label === 'string') return words('foldIn', parent, hashName(label), purpose.name);
  checkInteger('foldIn', 'label', label, { min: -(2 ** 31), max: 2 ** 31 - 1 });
  return words('foldIn', parent, label, purpose.index);
}
