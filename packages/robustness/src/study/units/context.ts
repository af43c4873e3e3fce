import { foldIn, type Key, key, scope, type Tensor } from '@adjoint/tensor';
import type { UnitStore } from '../core/store.js';
import type { Unit } from '../core/unit.js';

/** What the code of a unit gets: its description, the results it needs, a key of its own. */
export class UnitContext {
  constructor(
    readonly unit: Unit,
    private readonly store: UnitStore,
    /** Of the study. */
    readonly seed: number,
    private readonly progress: (fraction: number) => void,
  ) {}

  /** Typed by whoever made the unit. */
  parameters<T>(): T {
    return this.unit.parameters as T;
  }

  has(input: string): boolean {
    return Object.hasOwn(this.unit.inputs, input);
  }

  /** Numbers of an input. */
  async result<T>(input: string): Promise<T> {
    return (await this.store.read(this.unit.inputs[input]!)).result as T;
  }

  /** Arrays of an input, which belong to the caller. */
  tensors(input: string): Promise<Record<string, Tensor>> {
    return this.store.readTensors(this.unit.inputs[input]!);
  }

  /** Randomness for a purpose: the same in every run with the study's seed. */
  key(...purposes: readonly (string | number)[]): Key {
    return scope(() => purposes.reduce<Key>((parent, purpose) => foldIn(parent, purpose), key(this.seed)));
  }

  /** Part of the unit that is done, 0 to 1. */
  report(fraction: number): void {
    this.progress(Math.min(1, Math.max(0, fraction)));
  }
}
