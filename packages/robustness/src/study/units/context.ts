import { mkdir } from 'node:fs/promises';
import path from 'node:path';
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
    /** Of one reconstruction by a program. */
    readonly externalTimeoutMs = 60_000,
    /** Seconds between checkpoints. */
    readonly checkpointEvery = 15,
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

  /** Where the arrays of an input lie. */
  arraysFile(input: string): string {
    return this.store.arraysFile(this.unit.inputs[input]!);
  }

  /** Where this unit may keep how far it is: the next attempt finds it there, and it goes once the unit is finished. */
  async checkpointFile(): Promise<string> {
    const file = this.store.checkpointFile(this.unit.hash);
    await mkdir(path.dirname(file), { recursive: true });
    return file;
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
