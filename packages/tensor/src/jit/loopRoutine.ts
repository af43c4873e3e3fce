import type { Operand } from '../backend/backend.js';
import { Routine } from '../routine.js';
import type { GraphBuffer } from './graph.js';
import type { Launches } from './launches.js';
import { type LoopAttrs, type LoopParts, loopParts } from './loopLayout.js';

/** The launches of one step, enqueued again and again on other memory. */
export class LoopRoutine extends Routine {
  readonly launches: Launches;

  constructor(readonly attrs: LoopAttrs) {
    super();
    this.launches = attrs.body.acquire();
  }

  override run(inputs: readonly Operand[], outputs: readonly Operand[]): void {
    const { body, n, from, by } = this.attrs;
    const { graph, types } = body;
    const [width, eachWidth] = [types.carry.length, types.each.length];
    const sharedAt = width + eachWidth;
    const parts = loopParts(this.attrs, outputs);
    this.bind(graph.inputs.slice(sharedAt, -1), inputs.slice(width + n * eachWidth));
    for (const [buffer, slot] of body.memory.slots) this.bind([buffer], [parts.slots[slot]!]);
    this.bind([body.counter], [parts.counter]);
    const results = graph.results.map(({ buffer }) => buffer);
    let carry = inputs.slice(0, width);
    for (let step = 0; step < n; step++) {
      const eachAt = width + step * eachWidth;
      const next = this.carryAfter(step, parts);
      this.bind(graph.inputs.slice(0, sharedAt), [...carry, ...inputs.slice(eachAt, eachAt + eachWidth)]);
      this.bind(results, [...next, ...parts.made[step]!]);
      if (body.counts) this.count(parts.counter, from + by * step);
      this.launches.enqueue();
      carry = next;
    }
  }

  /**
   * Where a step puts the carry: it moves between two places, the second of them the result, so that the last
   * step writes where it belongs. A carry that is kept goes to a place of its own, and is read from there.
   */
  private carryAfter(step: number, { last, kept, spare }: LoopParts<Operand>): Operand[] {
    const { n, keepEvery } = this.attrs;
    const done = step + 1;
    if (done < n && keepEvery > 0 && done % keepEvery === 0) return [...kept[done / keepEvery - 1]!];
    return [...((n - done) % 2 === 0 ? last : spare)];
  }

  private count({ buffer, byteOffset }: Operand, k: number): void {
    this.attrs.body.graph.device.backend.write(buffer, byteOffset, Int32Array.of(k));
  }

  private bind(buffers: readonly GraphBuffer[], operands: readonly Operand[]): void {
    buffers.forEach((target, i) => {
      const { buffer, byteOffset } = operands[i]!;
      for (const binding of this.launches.bindingsOf(target)) binding.bind(buffer, byteOffset);
    });
  }

  override release(): void {
    this.attrs.body.release();
  }
}
