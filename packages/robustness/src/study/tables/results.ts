import type { UnitStore } from '../core/store.js';
import type { Unit } from '../core/unit.js';

/** Results of units that are in the store, by hash. */
export class Results {
  private constructor(private readonly byHash: ReadonlyMap<string, unknown>) {}

  static async read(store: UnitStore, units: readonly Unit[]): Promise<Results> {
    const found = new Map<string, unknown>();
    for (const { hash } of units) if (store.has(hash)) found.set(hash, (await store.read(hash)).result);
    return new Results(found);
  }

  /** Undefined where the unit is not finished. */
  of<T>(unit: Unit): T | undefined {
    return this.byHash.get(unit.hash) as T | undefined;
  }

  /** Of the units of some items that are finished: each item with its result. */
  all<T, I extends { readonly unit: Unit }>(items: readonly I[]): { readonly item: I; readonly result: T }[] {
    return items.flatMap((item) => {
      const result = this.of<T>(item.unit);
      return result === undefined ? [] : [{ item, result }];
    });
  }
}
