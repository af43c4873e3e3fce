import { describe, expect, test } from 'vitest';
import { i32 } from '../../packages/tensor/src/backend/wasm/assembler.js';
import { InlineQueue } from '../../packages/tensor/src/backend/wasm/inlineQueue.js';
import type { CommandQueue } from '../../packages/tensor/src/backend/wasm/queue.js';
import { KernelTarget } from '../../packages/tensor/src/backend/wasm/target.js';
import { ThreadQueue } from '../../packages/tensor/src/backend/wasm/threadQueue.js';
import { DeviceError } from '../../packages/tensor/src/errors.js';

const kinds: [string, () => Promise<CommandQueue>, boolean][] = [
  ['calling thread', async () => new InlineQueue(), false],
  ['1 thread', () => ThreadQueue.create(1), true],
  ['3 threads', () => ThreadQueue.create(3), true],
];

/** word[task] = 3·word[task] + arg: not commutative, so order shows. */
const affine = (target: KernelTarget) =>
  target.kernel('affine', (f, { task, arg }) => {
    const address = f.let(i32.add(arg(0), i32.shl(task, 2)));
    f.store('i32', address, i32.add(i32.mul(i32.load(address), 3), arg(1)));
  });

const trap = (target: KernelTarget) =>
  target.kernel('trap', (f) => f.store('i32', i32.const(0), i32.divS(1, i32.load(i32.const(1 << 20)))));

describe.each(kinds)('queue on %s', (_, create, shared) => {
  test('commands take effect in order, whatever their number of tasks', async () => {
    const queue = await create();
    const code = affine(new KernelTarget(false, shared));
    const words = new Int32Array(queue.memory.buffer, queue.heapStart, 64);
    const expected = new Int32Array(64);
    for (let k = 0; k < 5000; k++) {
      const tasks = [1, 2, 1, 7, 64, 1][k % 6]!;
      queue.enqueue(code, tasks, [queue.heapStart, k], 2);
      for (let i = 0; i < tasks; i++) expected[i] = Math.imul(expected[i]!, 3) + k;
    }
    expect(queue.enqueued).toBe(5000);
    await queue.wait(5000);
    expect(queue.completed()).toBe(5000);
    expect([...words]).toEqual([...expected]);
    queue.dispose();
  });

  test('a trapping kernel is reported by the next wait, once, and the queue goes on', async () => {
    const queue = await create();
    const target = new KernelTarget(false, shared);
    queue.enqueue(trap(target), 4, [], 0);
    await expect(queue.wait(queue.enqueued)).rejects.toThrow(DeviceError);
    queue.enqueue(affine(target), 2, [queue.heapStart, 5], 2);
    await queue.wait(queue.enqueued);
    expect(new Int32Array(queue.memory.buffer, queue.heapStart, 2)).toEqual(Int32Array.of(5, 5));
    queue.dispose();
  });

  test('many waits at once are all served', async () => {
    const queue = await create();
    const code = affine(new KernelTarget(false, shared));
    const waits: Promise<void>[] = [];
    for (let k = 0; k < 200; k++) {
      queue.enqueue(code, 1, [queue.heapStart, k], 2);
      waits.push(queue.wait(queue.enqueued));
    }
    await Promise.all(waits.reverse());
    queue.dispose();
  });
});

test('a disposed queue of threads refuses commands', async () => {
  const queue = await ThreadQueue.create(2);
  queue.dispose();
  expect(() => queue.enqueue(affine(new KernelTarget(false, true)), 1, [0, 0], 2)).toThrow(/disposed/);
});
