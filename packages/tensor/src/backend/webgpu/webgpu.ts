import type { DType } from '../../dtype.js';
import { DeviceError } from '../../errors.js';
import type { Op } from '../../op.js';
import type { Layout } from '../../shape.js';
import { allOrNone } from '../allOrNone.js';
import {
  type Backend,
  type DeviceBuffer,
  type MemoryUse,
  maxWords,
  type Operand,
  type Purpose,
} from '../backend.js';
import { budgetError } from '../budget.js';
import { type FoundAdapter, findAdapter } from './adapter.js';
import { type Capabilities, capabilitiesOf, capabilityNotes, type KernelOptions } from './capabilities.js';
import { Commands } from './commands.js';
import { Faults } from './faults.js';
import { mapRead } from './gpu.js';
import { type PreparedStep, prepareSteps } from './launch.js';
import { type DeviceLimit, limitsOf } from './limits.js';
import { type Block, type GpuBuffer, MemoryPool, readBackUsage, tensorUsage } from './memoryPool.js';
import { type Pipeline, Pipelines } from './pipelines.js';
import type { WgslTarget } from './plan.js';
import { uploadBytes } from './upload.js';
import { writeWordsStep } from './writeWords.js';

export interface WebGpuOptions extends KernelOptions {
  memoryBudget: number;
}

interface PreparedPlan {
  /** The op, for errors. */
  readonly fn: string;
  readonly steps: readonly PreparedStep[];
  readonly temps: readonly number[];
  readonly tables: readonly GpuBuffer[];
}

/**
 * WGSL kernels on the GPU, in Node through Dawn and on pages through the browser. Commands are collected into
 * batches and run in order; memory is pooled, and what is freed is used again at once, in that order.
 */
export class WebGpuBackend implements Backend {
  readonly name = 'webgpu';
  readonly fuses = true;
  /** A dispatch cannot bind one buffer for reading and for writing. */
  readonly writesInPlace = false;
  readonly dtypes: ReadonlySet<DType> = new Set<DType>(['f32', 'c64', 'i32', 'u8', 'bool']);
  readonly description: string;
  /** Name of the hardware. */
  readonly adapter: string;
  /** Computes in software. */
  readonly isSoftware: boolean;
  readonly limits: readonly DeviceLimit[];
  /** What the hardware offers beyond every GPU, by WebGPU's names. */
  readonly features: readonly string[];
  /** What kernels use. */
  readonly target: WgslTarget;
  private readonly pipelines: Pipelines;
  private readonly commands: Commands;
  private readonly pool: MemoryPool;
  private readonly readBacks: MemoryPool;
  private readonly writeWords: Pipeline;
  private live = 0;
  private peak = 0;

  private constructor(
    private readonly device: GPUDevice,
    private readonly faults: Faults,
    { adapter, title, isSoftware }: FoundAdapter,
    capabilities: Capabilities,
    private readonly budget: number,
  ) {
    this.adapter = title;
    this.isSoftware = isSoftware;
    this.limits = limitsOf(device, adapter);
    this.features = [...adapter.features].sort();
    this.target = capabilities.target;
    const notes = [...(isSoftware ? ['in software'] : []), ...capabilityNotes(capabilities)];
    this.description = [`webgpu: ${title}`, ...notes].join(', ');
    this.pipelines = new Pipelines(device, faults, capabilities.hasImmediates);
    this.commands = new Commands(device, this.pipelines.uniformLayout);
    this.pool = new MemoryPool(device, tensorUsage, this.largestBuffer);
    this.readBacks = new MemoryPool(device, readBackUsage, device.limits.maxBufferSize);
    this.writeWords = this.pipelines.pipelineOf(writeWordsStep);
  }

  /** @throws DeviceError when there is no GPU, or not one that has what the options ask for; the message says why. */
  static async create(options: WebGpuOptions, given?: FoundAdapter): Promise<WebGpuBackend> {
    const found = given ?? (await findAdapter());
    const capabilities = capabilitiesOf(found, options);
    const device = await found.adapter.requestDevice(capabilities.request).catch((error) => {
      throw new DeviceError(`The GPU (${found.title}) does not start: ${(error as Error).message}`);
    });
    return new WebGpuBackend(device, new Faults(device), found, capabilities, options.memoryBudget);
  }

  /** Bytes of the largest tensor: a kernel binds it as a whole. */
  get largestBuffer(): number {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.device.limits;
    return Math.min(maxBufferSize, maxStorageBufferBindingSize);
  }

  /** Kernels compiled so far. */
  get pipelineCount(): number {
    return this.pipelines.count;
  }

  allocate(bytes: number, purpose: Purpose): GpuBuffer {
    this.faults.checkLive();
    if (this.live + bytes > this.budget) throw budgetError(purpose, bytes, this.live, this.budget);
    if (bytes > this.largestBuffer) throw tooLarge(purpose, bytes, this.largestBuffer);
    const block = this.pool.take(bytes);
    if (this.pool.reservedBytes > this.budget) this.trim();
    this.live += bytes;
    if (this.live > this.peak) this.peak = this.live;
    return { bytes, block };
  }

  /** Spare memory goes back to the system when all together is more than the budget. */
  private trim(): void {
    this.commands.flush();
    this.pool.trim();
  }

  free(buffer: DeviceBuffer): void {
    const { bytes, block } = buffer as GpuBuffer;
    this.live -= bytes;
    block.freedIn = this.commands.batch;
    this.pool.giveBack(block);
  }

  /** Host writes take effect before unsubmitted commands: those that use the same memory are submitted first. */
  upload(data: ArrayBufferView, purpose: Purpose): GpuBuffer {
    const buffer = this.allocate(data.byteLength, purpose);
    if (this.commands.isOpen && buffer.block.freedIn === this.commands.batch) this.commands.flush();
    uploadBytes(this.device.queue, buffer.block.gpu, data);
    return buffer;
  }

  write(buffer: DeviceBuffer, byteOffset: number, words: Int32Array): void {
    this.faults.checkLive();
    const parameters = new Uint32Array(4 + maxWords);
    parameters[0] = byteOffset / 4;
    parameters[1] = words.length;
    parameters.set(words, 4);
    const group = this.device.createBindGroup({
      layout: this.writeWords.layout,
      entries: [{ binding: 0, resource: { buffer: (buffer as GpuBuffer).block.gpu } }],
    });
    this.commands.dispatch(this.writeWords, group, parameters, { x: 1, y: 1 });
  }

  async read(buffer: DeviceBuffer, byteOffset: number, byteLength: number): Promise<ArrayBuffer> {
    this.faults.checkLive();
    if (byteLength === 0) return new ArrayBuffer(0);
    const start = byteOffset - (byteOffset % 4);
    const bytes = Math.ceil((byteOffset + byteLength - start) / 4) * 4;
    const staging = this.readBacks.take(bytes);
    this.commands.copy((buffer as GpuBuffer).block.gpu, start, staging.gpu, bytes);
    this.commands.flush();
    return this.mapped(staging, bytes, byteOffset - start, byteLength);
  }

  private async mapped(staging: Block, bytes: number, from: number, length: number): Promise<ArrayBuffer> {
    try {
      await staging.gpu.mapAsync(mapRead, 0, bytes);
    } catch (error) {
      return this.faults.explain(error);
    }
    const copy = new Uint8Array(length);
    copy.set(new Uint8Array(staging.gpu.getMappedRange(0, bytes), from, length));
    staging.gpu.unmap();
    this.readBacks.giveBack(staging);
    if (this.readBacks.reservedBytes > readBackBytes) this.readBacks.trim();
    await this.faults.settle();
    return copy.buffer;
  }

  prepare<A>(op: Op<A>, inputs: readonly Layout[], outputs: readonly Layout[], attrs: A): PreparedPlan {
    this.faults.checkLive();
    if (!op.wgsl) throw new DeviceError(`${op.name}: has no WebGPU kernel. Use init({ device: 'wasm' }).`);
    const { steps, temps = [], tables = [] } = op.wgsl({ inputs, outputs, attrs }, this.target);
    const purpose = { fn: op.name, argument: 'a table of its kernels' };
    return {
      fn: op.name,
      steps: prepareSteps(this.device, this.pipelines, steps),
      temps,
      tables: this.allOf(tables, (table) => this.upload(table, purpose)),
    };
  }

  run(executable: object, inputs: readonly Operand[], outputs: readonly Operand[]): void {
    this.faults.checkLive();
    const { fn, steps, temps: sizes, tables } = executable as PreparedPlan;
    const purpose = { fn, argument: 'its temporary memory' };
    const temps = sizes.length === 0 ? none : this.allOf(sizes, (bytes) => this.allocate(bytes, purpose));
    const memory = { inputs, outputs, temps, tables };
    try {
      for (const step of steps) step.run(this.commands, memory);
    } finally {
      for (const temp of temps) this.free(temp);
    }
  }

  private allOf<T>(items: readonly T[], make: (item: T) => GpuBuffer): GpuBuffer[] {
    return allOrNone(items, make, (buffer) => this.free(buffer));
  }

  release(executable: object): void {
    for (const table of (executable as PreparedPlan).tables) this.free(table);
  }

  async finish(): Promise<void> {
    this.faults.checkLive();
    this.commands.flush();
    try {
      await this.device.queue.onSubmittedWorkDone();
    } catch (error) {
      return this.faults.explain(error);
    }
    await this.faults.settle();
  }

  memory(): MemoryUse {
    return {
      liveBytes: this.live,
      reservedBytes: this.pool.reservedBytes,
      peakBytes: this.peak,
      budgetBytes: this.budget,
    };
  }

  dispose(): void {
    this.faults.close();
    this.device.destroy();
  }
}

const none: readonly GpuBuffer[] = [];

/** Memory kept for copies on their way to the host. */
const readBackBytes = 64 * 2 ** 20;

const tooLarge = ({ fn, argument }: Purpose, bytes: number, limit: number): DeviceError =>
  new DeviceError({
    fn,
    argument,
    expected: `at most ${limit} bytes, which is what a kernel of this GPU can bind`,
    got: `${bytes} bytes`,
    remedy: 'Work in smaller batches.',
  });
