import type { Access, GraphBuffer, GraphNode } from './graph.js';

/** Where intermediate values live while a graph runs. */
export interface MemoryPlan {
  /** Slot of every buffer that is neither an argument, a constant nor a result. */
  readonly slots: ReadonlyMap<GraphBuffer, number>;
  /** Bytes of each slot, largest first. */
  readonly sizes: readonly number[];
}

/** Step after which each buffer is not read any more. */
export function lastUses(steps: readonly GraphNode[]): Map<GraphBuffer, number> {
  const last = new Map<GraphBuffer, number>();
  steps.forEach(({ inputs, outputs }, step) => {
    for (const output of outputs) last.set(output, step);
    for (const { buffer } of inputs) last.set(buffer, step);
  });
  return last;
}

/**
 * Gives every intermediate value a slot from the step that writes it to the last that reads it. Of the
 * free slots the smallest that is large enough is taken, or the largest, which then grows.
 */
export function planMemory(steps: readonly GraphNode[], results: readonly Access[]): MemoryPlan {
  const kept = new Set(results.map(({ buffer }) => buffer));
  const last = lastUses(steps);
  const sizes: number[] = [];
  const slotOf = new Map<GraphBuffer, number>();
  const free: number[] = [];
  steps.forEach((step, i) => {
    for (const output of step.outputs)
      if (!kept.has(output)) slotOf.set(output, takeSlot(output.bytes, sizes, free));
    const touched = new Set([...step.inputs.map(({ buffer }) => buffer), ...step.outputs]);
    for (const buffer of touched) {
      const slot = slotOf.get(buffer);
      if (slot !== undefined && last.get(buffer) === i) free.push(slot);
    }
  });
  const order = [...sizes.keys()].sort((a, b) => sizes[b]! - sizes[a]!);
  const rank = new Map(order.map((slot, position) => [slot, position]));
  return {
    slots: new Map([...slotOf].map(([buffer, slot]) => [buffer, rank.get(slot)!])),
    sizes: order.map((slot) => sizes[slot]!),
  };
}

function takeSlot(bytes: number, sizes: number[], free: number[]): number {
  let best = -1;
  for (let k = 0; k < free.length; k++) {
    const [size, chosen] = [sizes[free[k]!]!, best < 0 ? undefined : sizes[free[best]!]!];
    const isBetter =
      chosen === undefined || (chosen < bytes ? size > chosen : size >= bytes && size < chosen);
    if (isBetter) best = k;
  }
  if (best < 0) return sizes.push(bytes) - 1;
  const [slot] = free.splice(best, 1);
  sizes[slot!] = Math.max(sizes[slot!]!, bytes);
  return slot!;
}
