/** A free piece of memory and the command after which nothing uses it any more. */
interface FreeBlock {
  address: number;
  bytes: number;
  /** Number of the last command that may touch it. */
  lastUse: number;
}

const alignment = 64;
/**
 * Every block has this many bytes more than asked for: kernels may read (never write) past the end of an
 * operand, so that tails need no special loads.
 */
const slack = 64;

const roundUp = (bytes: number): number => Math.ceil((bytes + slack) / alignment) * alignment;

/**
 * First-fit allocation with coalescing over one WebAssembly memory. Blocks carry the number of the last
 * command that uses them: a kernel may be given a block whose old user has not run yet (commands run in
 * order), the host may not.
 */
export class Heap {
  /** Sorted by address, never adjacent. */
  private readonly free: FreeBlock[] = [];
  private top: number;

  constructor(
    private readonly memory: WebAssembly.Memory,
    start: number,
  ) {
    this.top = Math.ceil(start / alignment) * alignment;
  }

  /** End of the used part. */
  get reservedBytes(): number {
    return this.top;
  }

  /**
   * Address of a block, or undefined when memory is exhausted.
   * @param completed only blocks are taken whose last use is at most this command; Infinity for any.
   */
  allocate(bytes: number, completed: number): number | undefined {
    const need = roundUp(bytes);
    for (let i = 0; i < this.free.length; i++) {
      const block = this.free[i]!;
      if (block.bytes < need || block.lastUse > completed) continue;
      const { address } = block;
      block.address += need;
      block.bytes -= need;
      if (block.bytes === 0) this.free.splice(i, 1);
      return address;
    }
    return this.extend(need);
  }

  private extend(need: number): number | undefined {
    const address = this.top;
    const have = this.memory.buffer.byteLength;
    if (address + need > have && !this.grow(address + need - have)) return undefined;
    this.top = address + need;
    return address;
  }

  private grow(missing: number): boolean {
    const page = 65536;
    const pages = Math.ceil(missing / page);
    // Growing in steps of 16 MB keeps the number of grow calls small; the system commits pages on use only.
    for (const count of [Math.max(pages, 256), pages]) {
      try {
        this.memory.grow(count);
        return true;
      } catch {
        // the larger step did not fit: try exactly what is missing
      }
    }
    return false;
  }

  release(address: number, bytes: number, lastUse: number): void {
    const size = roundUp(bytes);
    let low = 0;
    let high = this.free.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.free[middle]!.address < address) low = middle + 1;
      else high = middle;
    }
    const before = this.free[low - 1];
    const after = this.free[low];
    const joinsBefore = before !== undefined && before.address + before.bytes === address;
    const joinsAfter = after !== undefined && address + size === after.address;
    if (joinsBefore) {
      before.bytes += size;
      before.lastUse = Math.max(before.lastUse, lastUse);
      if (joinsAfter) {
        before.bytes += after.bytes;
        before.lastUse = Math.max(before.lastUse, after.lastUse);
        this.free.splice(low, 1);
      }
    } else if (joinsAfter) {
      after.address = address;
      after.bytes += size;
      after.lastUse = Math.max(after.lastUse, lastUse);
    } else this.free.splice(low, 0, { address, bytes: size, lastUse });
  }
}
