import type { Backend, DeviceBuffer, Executable, MemoryUse, Operand } from './backend/backend.js';
import { budgetError } from './backend/budget.js';
import { dtypeInfo } from './dtype.js';
import { AdjointError, DTypeError } from './errors.js';
import type { Op } from './op.js';
import { Routine } from './routine.js';
import { formatType, type Layout, layoutKey, sizeOf, type TensorType, typeKey } from './shape.js';
import { Tensor } from './tensor.js';

/** Prepared launches kept per device; the oldest goes first. */
const cacheLimit = 8192;

/** Tells apart what ops compute, and the attributes they are called with. @internal */
export const callKey = <A>(op: Op<A>, attrs: A): string =>
  `${op.name}|${op.key ? op.key(attrs) : attrs === undefined ? '' : JSON.stringify(attrs)}`;

/** A backend, and the launches prepared for it. Tensors name the device they live on. */
export class Device {
  private readonly executables = new Map<string, Executable>();
  private closed = false;

  /** @param fallback why it is not the device that was wanted most. */
  constructor(
    readonly backend: Backend,
    readonly fallback?: string,
  ) {}

  get name(): Backend['name'] {
    return this.backend.name;
  }

  /** Runs an op that has kernels; inputs fit the op's layout rule. @internal */
  execute<A>(op: Op<A>, inputs: readonly Tensor[], types: readonly TensorType[], attrs: A): Tensor[] {
    if (this.closed) throw new AdjointError(`${op.name}: the device was disposed. Call init() again.`);
    const outputs: Tensor[] = [];
    try {
      for (const type of types) outputs.push(this.empty(type, op.name));
      if (outputs.every((output) => output.size === 0)) return outputs;
      const executable = this.executable(op, inputs, outputs, attrs);
      this.run(
        executable,
        inputs.map((input) => input.operand()),
        outputs.map((output) => output.operand()),
      );
      return outputs;
    } catch (error) {
      // the budget, most likely: what this call took before goes back
      for (const output of outputs) output.dispose();
      throw error;
    }
  }

  private executable<A>(
    op: Op<A>,
    inputs: readonly Tensor[],
    outputs: readonly Tensor[],
    attrs: A,
  ): Executable {
    let key = callKey(op, attrs);
    for (const input of inputs) key += `|${layoutKey(input)}`;
    if (inputs.length === 0) for (const output of outputs) key += `|${typeKey(output)}`;
    const known = this.executables.get(key);
    if (known) return known;
    const withoutOffset = inputs.map(({ shape, dtype, strides }) => ({ shape, dtype, strides, offset: 0 }));
    const made = this.prepare(op, withoutOffset, outputs, attrs);
    if (this.executables.size >= cacheLimit) {
      const [oldest, executable] = this.executables.entries().next().value!;
      this.executables.delete(oldest);
      this.release(executable);
    }
    this.executables.set(key, made);
    return made;
  }

  /** Makes an op ready for operands of these layouts: a kernel, or the routine that stands for it. @internal */
  prepare<A>(op: Op<A>, inputs: readonly Layout[], outputs: readonly Layout[], attrs: A): Executable {
    return op.routine?.(this, attrs) ?? this.backend.prepare(op, inputs, outputs, attrs);
  }

  /** Enqueues what `prepare` gave. @internal */
  run(executable: Executable, inputs: readonly Operand[], outputs: readonly Operand[]): void {
    if (executable instanceof Routine) executable.run(inputs, outputs);
    else this.backend.run(executable, inputs, outputs);
  }

  /** Gives back what `prepare` gave. @internal */
  release(executable: Executable): void {
    if (executable instanceof Routine) executable.release();
    else this.backend.release(executable);
  }

  /**
   * Throws what `empty` would throw: before host memory is taken for a tensor that has no place here.
   * @internal
   */
  admit(fn: string, type: TensorType): void {
    this.checkDType(fn, type);
    const bytes = sizeOf(type.shape) * dtypeInfo[type.dtype].bytes;
    const { liveBytes, budgetBytes } = this.backend.memory();
    if (liveBytes + bytes > budgetBytes)
      throw budgetError({ fn, argument: `a ${formatType(type)} tensor` }, bytes, liveBytes, budgetBytes);
  }

  /** An uninitialised contiguous tensor. @internal */
  empty(type: TensorType, origin: string): Tensor {
    this.checkDType(origin, type);
    const bytes = sizeOf(type.shape) * dtypeInfo[type.dtype].bytes;
    const buffer = this.backend.allocate(bytes, { fn: origin, argument: `a ${formatType(type)} tensor` });
    return Tensor.fromBuffer(this, buffer, type.shape, type.dtype, origin);
  }

  /** A tensor holding a copy of host data, already of the dtype's array kind. @internal */
  upload(
    type: TensorType,
    data: InstanceType<(typeof dtypeInfo)[TensorType['dtype']]['array']>,
    origin: string,
  ): Tensor {
    this.checkDType(origin, type);
    const buffer = this.backend.upload(data, { fn: origin, argument: `a ${formatType(type)} tensor` });
    return Tensor.fromBuffer(this, buffer, type.shape, type.dtype, origin);
  }

  private checkDType(fn: string, { dtype }: TensorType): void {
    if (!this.backend.dtypes.has(dtype))
      throw new DTypeError({
        fn,
        argument: 'the dtype',
        expected: `one of ${[...this.backend.dtypes].join(', ')} on the ${this.name} device`,
        got: dtype,
        remedy: "Use f32 or c64, or init({ device: 'reference' }) for double precision.",
      });
  }

  free(buffer: DeviceBuffer): void {
    if (!this.closed) this.backend.free(buffer);
  }

  memory(): MemoryUse {
    return this.backend.memory();
  }

  /** Waits until all work of this device is done; throws what went wrong on the way. */
  async finish(): Promise<void> {
    await this.backend.finish();
  }

  /** Ends the device's threads and frees its memory; its tensors become unusable. */
  dispose(): void {
    if (this.closed) return;
    this.closed = true;
    this.executables.clear();
    this.backend.dispose();
  }

  get isDisposed(): boolean {
    return this.closed;
  }
}
