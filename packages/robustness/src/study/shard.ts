import type { Unit } from './core/unit.js';

/**
 * Part i of n of a study's units, with everything they need. Units that others need may be in several parts; their
 * results are the same there. Costs are spread evenly: units go in turn to the parts, by cost and then by hash.
 */
export function shardOf(units: readonly Unit[], { index, count }: { index: number; count: number }): Unit[] {
  const byHash = new Map(units.map((unit) => [unit.hash, unit]));
  const order = [...units].sort((a, b) => b.cost - a.cost || (a.hash < b.hash ? -1 : 1));
  const wanted = new Map<string, Unit>();
  const add = (unit: Unit): void => {
    if (wanted.has(unit.hash)) return;
    wanted.set(unit.hash, unit);
    for (const hash of Object.values(unit.inputs)) add(byHash.get(hash)!);
  };
  for (const [i, unit] of order.entries()) if (i % count === index - 1) add(unit);
  return [...wanted.values()];
}
