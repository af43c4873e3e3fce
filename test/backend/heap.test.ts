import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Heap } from '../../packages/tensor/src/backend/wasm/heap.js';

const memory = () => new WebAssembly.Memory({ initial: 4, maximum: 512 });

interface Block {
  address: number;
  bytes: number;
}

const overlap = (a: Block, b: Block): boolean =>
  a.address < b.address + b.bytes && b.address < a.address + a.bytes;

/** Allocations (positive sizes) and releases (an index into what is live). */
const step = fc.oneof(
  fc.record({ allocate: fc.integer({ min: 0, max: 5000 }), host: fc.boolean() }),
  fc.record({ release: fc.nat(), lastUse: fc.integer({ min: 0, max: 20 }) }),
);

describe('Heap', () => {
  test('blocks never overlap, are aligned, and the host gets only idle ones', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), fc.integer({ min: 0, max: 20 }), (steps, completed) => {
        const heap = new Heap(memory(), 1000);
        const live: Block[] = [];
        const busy: Block[] = [];
        for (const action of steps)
          if ('allocate' in action) {
            const bytes = action.allocate;
            const address = heap.allocate(bytes, action.host ? completed : Number.POSITIVE_INFINITY)!;
            const block = { address, bytes };
            expect(address % 64).toBe(0);
            expect(address).toBeGreaterThanOrEqual(1000);
            expect(live.some((other) => overlap(block, other))).toBe(false);
            if (action.host) expect(busy.some((other) => overlap(block, other))).toBe(false);
            live.push(block);
          } else if (live.length > 0) {
            const [block] = live.splice(action.release % live.length, 1) as [Block];
            heap.release(block.address, block.bytes, action.lastUse);
            if (action.lastUse > completed) busy.push(block);
          }
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  test('freed neighbours are joined: everything freed serves one large block again', () => {
    const heap = new Heap(memory(), 0);
    const blocks = Array.from({ length: 50 }, () => heap.allocate(1000, 0)!);
    const top = heap.reservedBytes;
    for (const i of [3, 1, 2, 0, ...blocks.keys()].filter((v, k, all) => all.indexOf(v) === k))
      heap.release(blocks[i]!, 1000, 0);
    expect(heap.allocate(top - 64, 0)).toBe(blocks[0]);
    expect(heap.reservedBytes).toBe(top);
  });

  test('exhausted memory gives undefined and stays usable', () => {
    const heap = new Heap(memory(), 0);
    expect(heap.allocate(512 * 65536, 0)).toBeUndefined();
    expect(heap.allocate(100, 0)).toBeDefined();
  });
});
