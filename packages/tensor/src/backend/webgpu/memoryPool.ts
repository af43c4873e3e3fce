import type { DeviceBuffer } from '../backend.js';
import { bufferUsage } from './gpu.js';

/** Memory of the GPU, which tensors use one after the other. */
export interface Block {
  readonly gpu: GPUBuffer;
  /** Bytes obtained. */
  readonly capacity: number;
  /** The batch of commands during which it was last given back: these may still be unsubmitted. */
  freedIn: number;
}

/** A live tensor's memory. */
export interface GpuBuffer extends DeviceBuffer {
  readonly block: Block;
}

const smallest = 256;

/**
 * Bytes that are obtained for a request: a power of two, or that times 5/4, 6/4 or 7/4. At most a quarter more,
 * so that requests of like size share memory.
 */
export function sizeClass(bytes: number, limit: number): number {
  if (bytes <= smallest) return smallest;
  const power = 2 ** Math.floor(Math.log2(bytes));
  const step = power / 4;
  return Math.min(Math.ceil(bytes / step) * step, Math.floor(limit / 4) * 4);
}

/** Blocks by size class. A block that is given back is handed out again, for commands run in order. */
export class MemoryPool {
  reservedBytes = 0;
  private readonly spare = new Map<number, Block[]>();

  constructor(
    private readonly device: GPUDevice,
    private readonly usage: number,
    private readonly limit: number,
  ) {}

  take(bytes: number): Block {
    const capacity = sizeClass(bytes, this.limit);
    const block = this.spare.get(capacity)?.pop();
    if (block) return block;
    const gpu = this.device.createBuffer({ size: capacity, usage: this.usage });
    this.reservedBytes += capacity;
    return { gpu, capacity, freedIn: -1 };
  }

  giveBack(block: Block): void {
    const list = this.spare.get(block.capacity);
    if (list) list.push(block);
    else this.spare.set(block.capacity, [block]);
  }

  /** Gives spare memory back to the system. Nothing unsubmitted may use it. */
  trim(): void {
    for (const list of this.spare.values())
      for (const { gpu, capacity } of list) {
        gpu.destroy();
        this.reservedBytes -= capacity;
      }
    this.spare.clear();
  }
}

/** Tensors: kernels read and write them. */
export const tensorUsage = bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyDestination;
/** Copies on their way to the host. */
export const readBackUsage = bufferUsage.mapRead | bufferUsage.copyDestination;
