import { bufferUsage, type ImmediatesPass, immediateBytes } from './gpu.js';
import type { Pipeline } from './pipelines.js';
import { uniformSlotBytes } from './pipelines.js';

/** Commands after which a batch is submitted: the GPU begins while the next batch is written. */
const batchLimit = 256;
const slotWords = uniformSlotBytes / 4;

/** Work groups of a dispatch. */
export interface Extent {
  readonly x: number;
  readonly y: number;
}

/**
 * Commands on their way to the GPU. Dispatches go into one compute pass until somebody has to wait, or the
 * batch is full. Parameters that do not fit into commands are collected, and written before the batch runs.
 */
export class Commands {
  /** Counts batches submitted: what was enqueued in an earlier one is on the queue. */
  batch = 0;
  private encoder: GPUCommandEncoder | undefined;
  private pass: ImmediatesPass | undefined;
  private dispatches = 0;
  private pipeline: GPUComputePipeline | undefined;
  /** What the pass has as immediates, from the first one. */
  private readonly immediates = new Uint32Array(immediateBytes / 4);
  private immediatesSet = 0;
  private readonly uniforms: GPUBuffer;
  private readonly uniformGroup: GPUBindGroup;
  private readonly uniformWords = new Uint32Array(batchLimit * slotWords);
  private uniformSlots = 0;

  constructor(
    private readonly device: GPUDevice,
    uniformLayout: GPUBindGroupLayout,
  ) {
    this.uniforms = device.createBuffer({
      size: batchLimit * uniformSlotBytes,
      usage: bufferUsage.uniform | bufferUsage.copyDestination,
    });
    this.uniformGroup = device.createBindGroup({
      layout: uniformLayout,
      entries: [{ binding: 0, resource: { buffer: this.uniforms, size: uniformSlotBytes } }],
    });
  }

  /** Whether commands wait to be submitted. */
  get isOpen(): boolean {
    return this.encoder !== undefined;
  }

  dispatch(
    { gpu, parameters }: Pipeline,
    operands: GPUBindGroup,
    words: Uint32Array<ArrayBuffer>,
    { x, y }: Extent,
  ): void {
    const pass = this.pass ?? this.openPass();
    if (this.pipeline !== gpu) {
      pass.setPipeline(gpu);
      this.pipeline = gpu;
    }
    pass.setBindGroup(0, operands);
    if (parameters === 'immediate') this.setImmediates(pass, words);
    else if (parameters === 'uniform') {
      this.uniformWords.set(words, this.uniformSlots * slotWords);
      pass.setBindGroup(1, this.uniformGroup, [this.uniformSlots++ * uniformSlotBytes]);
    }
    pass.dispatchWorkgroups(x, y);
    if (++this.dispatches === batchLimit) this.flush();
  }

  /** Kernels for one shape often have equal parameters: these stay set. */
  private setImmediates(pass: ImmediatesPass, words: Uint32Array<ArrayBuffer>): void {
    const { immediates } = this;
    let isSet = words.length <= this.immediatesSet;
    for (let i = 0; isSet && i < words.length; i++) isSet = words[i] === immediates[i];
    if (isSet) return;
    // the buffer, not the array over it: Dawn's bindings take three times as long to look through a view
    pass.setImmediates(0, words.buffer);
    immediates.set(words);
    if (words.length > this.immediatesSet) this.immediatesSet = words.length;
  }

  copy(from: GPUBuffer, offset: number, to: GPUBuffer, bytes: number): void {
    this.pass?.end();
    this.pass = undefined;
    this.encoder ??= this.device.createCommandEncoder();
    this.encoder.copyBufferToBuffer(from, offset, to, 0, bytes);
  }

  private openPass(): ImmediatesPass {
    this.encoder ??= this.device.createCommandEncoder();
    this.pipeline = undefined;
    this.immediatesSet = 0;
    this.pass = this.encoder.beginComputePass() as ImmediatesPass;
    return this.pass;
  }

  /** Submits what was enqueued. */
  flush(): void {
    if (!this.encoder) return;
    this.pass?.end();
    if (this.uniformSlots > 0)
      this.device.queue.writeBuffer(this.uniforms, 0, this.uniformWords, 0, this.uniformSlots * slotWords);
    this.device.queue.submit([this.encoder.finish()]);
    this.encoder = undefined;
    this.pass = undefined;
    this.dispatches = 0;
    this.uniformSlots = 0;
    this.batch++;
  }
}
