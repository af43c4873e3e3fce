import type { DeviceBuffer } from './backend/backend.js';
import type { Device } from './device.js';
import { type DType, dtypeInfo } from './dtype.js';
import { UseAfterDisposeError } from './errors.js';
import { Owned, own } from './scope.js';
import { contiguousStrides, formatShape, isContiguous, type Layout, type Shape, sizeOf } from './shape.js';

/** A reference-counted device buffer, shared by a tensor and its views. */
export class Storage {
  private references = 0;

  constructor(
    readonly device: Device,
    protected readonly buffer: DeviceBuffer,
  ) {}

  /** The buffer, for a launch. A storage without values throws. */
  memory(): DeviceBuffer {
    return this.buffer;
  }

  /** Whether other handles or views hold it too. */
  get isShared(): boolean {
    return this.references > 1;
  }

  retain(): void {
    this.references++;
  }

  release(): void {
    if (--this.references === 0) this.free();
  }

  protected free(): void {
    this.device.free(this.buffer);
  }
}

/** Returns memory of tensors that were dropped without `dispose`: a net, not a plan. */
const dropped = new FinalizationRegistry<Storage>((storage) => storage.release());

let nextId = 1;
/** Where tensors are made, for error messages. A capture costs 5-10 µs, as much as the rest of an op: on demand only. */
let trackOrigins = false;

/** Turns the capture of stacks on or off for tensors made from now on. @internal */
export function setTrackOrigins(on: boolean): void {
  trackOrigins = on;
}

const siteDepth = 30;
const ownFrame =
  /[\\/](packages[\\/](tensor|autograd)[\\/](src|dist)|@adjoint[\\/](tensor|autograd))[\\/]|node:internal/;

function captureSite(): Error | undefined {
  if (!trackOrigins) return undefined;
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = siteDepth;
  const site = new Error();
  Error.stackTraceLimit = limit;
  return site;
}

/** `solver.ts:41`: the first frame outside this library. */
function formatSite(site: Error | undefined): string {
  if (!site) return '; init({ trackOrigins: true }) shows where';
  const frames = (site.stack ?? '').split('\n').filter((line) => !ownFrame.test(line));
  const place = frames.map((line) => line.match(/([^\\/(\s]+:\d+):\d+\)?$/)?.[1]).find(Boolean);
  return place ? ` at ${place}` : '';
}

/**
 * An immutable n-dimensional array on a device. Views (`slice`, `transpose`, …) share storage.
 * Writing code is synchronous; reading values (`data`, `item`, `toArray`) waits for the device.
 *
 * Free functions are the API; the common ones exist as methods too (see `methods.ts`).
 */
export class Tensor extends Owned implements Layout {
  /** Identifies the value: handles of the same value (`alias`) share it. */
  readonly id: number;
  readonly size: number;
  private readonly site: Error | undefined;
  private disposed = false;

  private constructor(
    /** What holds the elements, shared with views. @internal */
    readonly storage: Storage,
    readonly shape: Shape,
    readonly dtype: DType,
    readonly strides: readonly number[],
    /** Elements before the first one in the storage. */
    readonly offset: number,
    /** Name of the op that made it. */
    readonly origin: string,
    id: number | undefined,
  ) {
    super();
    this.id = id ?? nextId++;
    this.size = sizeOf(shape);
    this.site = captureSite();
    storage.retain();
    dropped.register(this, storage, this);
    if (id === undefined) own(this);
  }

  /** A contiguous tensor over a whole new buffer. @internal */
  static fromBuffer(
    device: Device,
    buffer: DeviceBuffer,
    shape: Shape,
    dtype: DType,
    origin: string,
  ): Tensor {
    const layout = { shape, dtype, strides: contiguousStrides(shape), offset: 0 };
    return Tensor.over(new Storage(device, buffer), layout, origin);
  }

  /** A new value that lies somewhere in a storage. @internal */
  static over(storage: Storage, { shape, dtype, strides, offset }: Layout, origin: string): Tensor {
    return new Tensor(storage, shape, dtype, strides, offset, origin, undefined);
  }

  /** Another layout over the same storage: a new value. @internal */
  view(layout: Omit<Layout, 'dtype'>, origin: string): Tensor {
    return new Tensor(
      this.storage,
      layout.shape,
      this.dtype,
      layout.strides,
      layout.offset,
      origin,
      undefined,
    );
  }

  /** A second handle of the same value that no scope owns: what a tape saves. @internal */
  alias(): Tensor {
    return new Tensor(this.storage, this.shape, this.dtype, this.strides, this.offset, this.origin, this.id);
  }

  get device(): Device {
    return this.storage.device;
  }

  get rank(): number {
    return this.shape.length;
  }

  get isContiguous(): boolean {
    return isContiguous(this.shape, this.strides);
  }

  get isDisposed(): boolean {
    return this.disposed;
  }

  /** The buffer, for launches. @internal */
  operand(): { buffer: DeviceBuffer; byteOffset: number } {
    return { buffer: this.storage.memory(), byteOffset: this.offset * dtypeInfo[this.dtype].bytes };
  }

  /** Throws if this handle was disposed; `fn` and `argument` say who wanted it. @internal */
  check(fn: string, argument: string): void {
    if (!this.disposed) return;
    throw new UseAfterDisposeError(
      `${fn}: ${argument} (${this.dtype} ${formatShape(this.shape)}, made by ${this.origin}${formatSite(this.site)}) ` +
        'was disposed, by dispose(), using or the scope that made it. Return it from the scope or call keep().',
    );
  }

  /** Drops this handle. The memory is reused when no view needs it. Disposing twice is harmless. */
  override dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    dropped.unregister(this);
    this.storage.release();
  }

  /** Disposes this handle without freeing the buffer: the caller, who saw that nobody else holds it, owns it now. @internal */
  surrender(): DeviceBuffer {
    this.disposed = true;
    dropped.unregister(this);
    return this.storage.memory();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  override toString(): string {
    return `Tensor(${this.dtype} ${formatShape(this.shape)}, ${this.device.name}${this.disposed ? ', disposed' : ''})`;
  }
}
