import { allDTypes, type DType, dtypeInfo } from '../../dtype.js';
import type { HostValue, Op } from '../../op.js';
import { isContiguous, type Layout, sizeOf } from '../../shape.js';
import type { Backend, DeviceBuffer, MemoryUse, Operand, Purpose } from '../backend.js';
import { budgetError } from '../budget.js';

interface HostBuffer extends DeviceBuffer {
  readonly memory: ArrayBuffer;
}

interface Launch {
  run(inputs: readonly Operand[], outputs: readonly Operand[]): void;
}

/**
 * Plain f64 loops on ordinary arrays: the truth that other backends are compared with. It knows f64 and
 * c128, computes at once, and gathers strided inputs into contiguous ones first.
 */
export class ReferenceBackend implements Backend {
  readonly name = 'reference';
  /** Its formulas are independent of the expressions. */
  readonly fuses = false;
  readonly writesInPlace = true;
  readonly description = 'reference: plain f64 loops on one thread, for checking';
  readonly dtypes: ReadonlySet<DType> = new Set(allDTypes);
  private live = 0;
  private peak = 0;

  constructor(private readonly budget: number) {}

  allocate(bytes: number, purpose: Purpose): HostBuffer {
    if (this.live + bytes > this.budget) throw budgetError(purpose, bytes, this.live, this.budget);
    this.live += bytes;
    this.peak = Math.max(this.peak, this.live);
    return { bytes, memory: new ArrayBuffer(bytes) };
  }

  free(buffer: DeviceBuffer): void {
    this.live -= buffer.bytes;
  }

  upload(data: ArrayBufferView, purpose: Purpose): HostBuffer {
    const buffer = this.allocate(data.byteLength, purpose);
    new Uint8Array(buffer.memory).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return buffer;
  }

  write(buffer: DeviceBuffer, byteOffset: number, words: Int32Array): void {
    new Int32Array((buffer as HostBuffer).memory, byteOffset, words.length).set(words);
  }

  async read(buffer: DeviceBuffer, byteOffset: number, byteLength: number): Promise<ArrayBuffer> {
    return (buffer as HostBuffer).memory.slice(byteOffset, byteOffset + byteLength);
  }

  prepare<A>(op: Op<A>, inputs: readonly Layout[], outputs: readonly Layout[], attrs: A): Launch {
    const { reference } = op;
    if (!reference) throw new TypeError(`${op.name}: has no reference kernel`);
    return {
      run: (inputOperands, outputOperands) =>
        reference(
          inputs.map((layout, i) => gather(layout, inputOperands[i]!)),
          outputs.map((layout, i) => whole(layout, outputOperands[i]!)),
          attrs,
        ),
    };
  }

  run(executable: object, inputs: readonly Operand[], outputs: readonly Operand[]): void {
    (executable as Launch).run(inputs, outputs);
  }

  release(): void {}

  async finish(): Promise<void> {}

  memory(): MemoryUse {
    return { liveBytes: this.live, reservedBytes: this.live, peakBytes: this.peak, budgetBytes: this.budget };
  }

  dispose(): void {}
}

function whole(layout: Layout, { buffer, byteOffset }: Operand): HostValue {
  const { array, parts } = dtypeInfo[layout.dtype];
  const data = new array((buffer as HostBuffer).memory, byteOffset, sizeOf(layout.shape) * parts);
  return { shape: layout.shape, dtype: layout.dtype, data };
}

/** A contiguous host value of a strided operand. */
function gather(layout: Layout, operand: Operand): HostValue {
  if (isContiguous(layout.shape, layout.strides)) return whole(layout, operand);
  const { array, parts, bytes } = dtypeInfo[layout.dtype];
  const source = new array((operand.buffer as HostBuffer).memory);
  const size = sizeOf(layout.shape);
  const data = new array(new ArrayBuffer(size * bytes));
  const index = layout.shape.map(() => 0);
  let from = operand.byteOffset / bytes;
  for (let i = 0; i < size; i++) {
    for (let part = 0; part < parts; part++) data[i * parts + part] = source[from * parts + part]!;
    for (let axis = index.length - 1; axis >= 0; axis--) {
      from += layout.strides[axis]!;
      if (++index[axis]! < layout.shape[axis]!) break;
      from -= layout.strides[axis]! * layout.shape[axis]!;
      index[axis] = 0;
    }
  }
  return { shape: layout.shape, dtype: layout.dtype, data };
}
