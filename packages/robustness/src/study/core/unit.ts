import type { JsonValue } from '../records.js';
import { digestJson } from './digest.js';

export const unitKinds = [
  'image',
  'tune',
  'clean',
  'attack',
  'noise',
  'transfer',
  'oracle',
  'heat map',
  'train',
] as const;
export type UnitKind = (typeof unitKinds)[number];

/**
 * What the results of a kind of unit depend on beside their description: the code. Raise a number when its code
 * computes something else, and old results are no longer taken for it.
 */
export const revisions: Readonly<Record<UnitKind, number>> = {
  image: 1,
  tune: 1,
  clean: 1,
  attack: 2,
  noise: 1,
  transfer: 1,
  oracle: 1,
  'heat map': 1,
  train: 1,
};

export type Parameters = Readonly<Record<string, JsonValue>>;

/** One independent piece of a study; its hash, of everything its result depends on, is its name in the store. */
export interface Unit {
  readonly hash: string;
  readonly kind: UnitKind;
  /** For people: 'attack l1 brain:10 epsilon 0.08'. */
  readonly label: string;
  readonly parameters: Parameters;
  /** Units whose results it reads, by the name it knows them under. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Where its files lie on this machine: not part of the hash, because their content is. */
  readonly files: Readonly<Record<string, string>>;
  /** About how many seconds it takes: longest first, and what is left for the progress. */
  readonly cost: number;
}

export interface UnitParts {
  readonly label: string;
  readonly parameters: Parameters;
  readonly inputs?: Readonly<Record<string, Unit>> | undefined;
  readonly files?: Readonly<Record<string, string>> | undefined;
  readonly cost: number;
}

/** A unit under the name of its content: kind and revision, parameters, and the names of its inputs. */
export function makeUnit(kind: UnitKind, parts: UnitParts): Unit {
  const { label, parameters, files = {}, cost } = parts;
  const inputs = Object.fromEntries(
    Object.entries(parts.inputs ?? {}).map(([name, unit]) => [name, unit.hash]),
  );
  const hash = digestJson({ kind, revision: revisions[kind], parameters, inputs });
  return { hash, kind, label, parameters, inputs, files, cost };
}
