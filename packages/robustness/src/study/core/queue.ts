import type { Unit } from './unit.js';

/** A unit that did not finish, and why. */
export interface Failure {
  readonly unit: Unit;
  readonly error: string;
}

/** Which units can run, in which order, and which never will because one they need has failed. */
export class UnitQueue {
  private readonly waiting = new Map<string, { unit: Unit; missing: Set<string> }>();
  private readonly dependents = new Map<string, Unit[]>();
  private readonly ready: Unit[] = [];
  private readonly priority = new Map<string, number>();
  /** Units that failed, or need one that did, with what to tell of them. */
  readonly failures = new Map<string, Failure>();

  /**
   * @param units in any order, everything they need among them
   * @param isFinished whether a unit's result is there already
   */
  constructor(units: readonly Unit[], isFinished: (hash: string) => boolean) {
    const open = [...new Map(units.map((unit) => [unit.hash, unit])).values()].filter(
      ({ hash }) => !isFinished(hash),
    );
    const hashes = new Set(open.map(({ hash }) => hash));
    for (const unit of open) {
      const missing = new Set(Object.values(unit.inputs).filter((hash) => hashes.has(hash)));
      for (const hash of missing) this.dependents.set(hash, [...(this.dependents.get(hash) ?? []), unit]);
      if (missing.size === 0) this.ready.push(unit);
      else this.waiting.set(unit.hash, { unit, missing });
    }
    for (const unit of open) this.rank(unit);
    this.ready.sort(this.byPriority);
  }

  /** The unit that most work waits for, or undefined if none can run now. */
  next(): Unit | undefined {
    return this.ready.shift();
  }

  finished(unit: Unit): void {
    for (const dependent of this.dependents.get(unit.hash) ?? []) {
      const entry = this.waiting.get(dependent.hash);
      if (!entry?.missing.delete(unit.hash) || entry.missing.size > 0) continue;
      this.waiting.delete(dependent.hash);
      this.ready.push(dependent);
    }
    this.ready.sort(this.byPriority);
  }

  /** Gives up a unit and all that need it, and says which those are. */
  failed(unit: Unit, error: string): Failure[] {
    const failure = { unit, error };
    this.failures.set(unit.hash, failure);
    const others = (this.dependents.get(unit.hash) ?? []).flatMap((dependent) =>
      this.waiting.delete(dependent.hash)
        ? this.failed(dependent, `needs "${unit.label}", which failed`)
        : [],
    );
    return [failure, ...others];
  }

  /** Seconds of the longest chain of units that starts with this one. */
  private rank(unit: Unit): number {
    const known = this.priority.get(unit.hash);
    if (known !== undefined) return known;
    const after = (this.dependents.get(unit.hash) ?? []).map((dependent) => this.rank(dependent));
    const total = unit.cost + Math.max(0, ...after);
    this.priority.set(unit.hash, total);
    return total;
  }

  private readonly byPriority = (a: Unit, b: Unit): number =>
    this.priority.get(b.hash)! - this.priority.get(a.hash)! || (a.hash < b.hash ? -1 : 1);
}
