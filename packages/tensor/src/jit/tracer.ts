import { callKey, type Device } from '../device.js';
import type { Tracer as DispatchTracer } from '../dispatch.js';
import { DeviceError, TraceError } from '../errors.js';
import type { Op } from '../op.js';
import { copyOp } from '../ops/elementwise/copy.js';
import { isContiguous, type Layout, type TensorType } from '../shape.js';
import { type Storage, Tensor } from '../tensor.js';
import {
  type Access,
  accessKey,
  bytesOf,
  type Graph,
  type GraphBuffer,
  type GraphNode,
  liveNodes,
  type Source,
  wholeLayout,
} from './graph.js';
import { SymbolicStorage, type TraceState } from './symbolic.js';

/**
 * Notes the ops of one run of a function as a graph. Ops that compute the same from the same values are
 * noted once. Views leave no node: a view is another layout of a buffer. An op that wants contiguous
 * operands gets a copy node where an operand is not.
 */
export class Tracer implements DispatchTracer {
  readonly state: TraceState = { open: true };
  /** The tensors of other origin that were used, each with a handle that holds its memory. */
  readonly captured = new Map<Tensor, Tensor>();
  private readonly nodes: GraphNode[] = [];
  private known = new Map<string, readonly GraphBuffer[]>();
  private readonly capturedBuffers = new Map<Storage, GraphBuffer>();
  private readonly inputs: GraphBuffer[] = [];
  private readonly numbers: GraphBuffer;
  private nextId = 0;

  /** @param numbersType type of the vector of number arguments. */
  constructor(
    private readonly device: Device,
    private readonly numbersType: TensorType,
  ) {
    this.numbers = this.buffer(bytesOf(numbersType), { kind: 'numbers' });
  }

  private buffer(bytes: number, source: Source): GraphBuffer {
    return { id: this.nextId++, bytes, source };
  }

  private symbolic({ buffer, layout }: Access, origin: string): Tensor {
    return Tensor.over(new SymbolicStorage(this.device, buffer, this.state), layout, origin);
  }

  /** The stand-in of the next tensor argument; its elements lie as in the argument. */
  input({ shape, dtype, strides }: Layout): Tensor {
    const buffer = this.buffer(0, { kind: 'input', index: this.inputs.length });
    this.inputs.push(buffer);
    return this.symbolic({ buffer, layout: { shape, dtype, strides, offset: 0 } }, 'an argument');
  }

  /** The stand-in of number argument `index`: a 0-d tensor. */
  number(index: number): Tensor {
    const layout = { shape: [], dtype: this.numbersType.dtype, strides: [], offset: index };
    return this.symbolic({ buffer: this.numbers, layout }, 'a number argument');
  }

  trace<A>(
    op: Op<A>,
    inputs: readonly Tensor[],
    types: readonly TensorType[],
    attrs: A,
    device: Device,
  ): Tensor[] {
    if (device !== this.device)
      throw new DeviceError({
        fn: op.name,
        argument: 'the device',
        expected: `the ${this.device.name} device of the arguments of the traced function`,
        got: `another one (${device.name})`,
        remedy: 'Move tensors with toDevice() outside the function.',
      });
    const accesses = inputs.map((input) => this.accessOf(input));
    if (op.view) {
      const [{ buffer, layout }] = accesses as [Access];
      const { dtype } = layout;
      return [this.symbolic({ buffer, layout: { ...op.view(layout, attrs), dtype } }, op.name)];
    }
    const ready = op.strided ? accesses : accesses.map((access) => this.contiguous(access));
    return this.node(op, ready, types, attrs).map((buffer, i) =>
      this.symbolic({ buffer, layout: wholeLayout(types[i]!) }, op.name),
    );
  }

  apart<R>(fn: () => R): R {
    const outer = this.known;
    this.known = new Map();
    try {
      return fn();
    } finally {
      this.known = outer;
    }
  }

  private node<A>(
    op: Op<A>,
    inputs: readonly Access[],
    types: readonly TensorType[],
    attrs: A,
  ): readonly GraphBuffer[] {
    const key = `${callKey(op, attrs)}|${inputs.map(accessKey).join('|')}`;
    const before = this.known.get(key);
    if (before) return before;
    const outputs: GraphBuffer[] = [];
    const node = {
      id: this.nodes.length,
      op,
      attrs,
      inputs,
      types: types.map(({ shape, dtype }) => ({ shape, dtype })),
      outputs,
    };
    for (const type of types) outputs.push(this.buffer(bytesOf(type), { kind: 'node' }));
    this.nodes.push(node);
    this.known.set(key, outputs);
    return outputs;
  }

  private contiguous(access: Access): Access {
    const { shape, dtype, strides } = access.layout;
    return isContiguous(shape, strides) ? access : this.copy(access, { shape, dtype });
  }

  private copy(access: Access, type: TensorType): Access {
    const [buffer] = this.node(copyOp, [access], [type], undefined);
    return { buffer: buffer!, layout: wholeLayout(type) };
  }

  private accessOf(tensor: Tensor): Access {
    const { storage, shape, dtype, strides, offset } = tensor;
    const layout = { shape, dtype, strides, offset };
    if (!(storage instanceof SymbolicStorage)) return { buffer: this.capture(tensor), layout };
    if (storage.trace !== this.state)
      throw new TraceError({
        fn: 'jit',
        argument: 'the traced function',
        expected: 'one that uses its arguments, tensors of its own and ordinary tensors',
        got: 'a tensor of another trace',
        remedy: 'Return tensors from the function that makes them.',
      });
    return { buffer: storage.graphBuffer, layout };
  }

  private capture(tensor: Tensor): GraphBuffer {
    if (!this.captured.has(tensor)) this.captured.set(tensor, tensor.alias());
    const { storage } = tensor;
    let buffer = this.capturedBuffers.get(storage);
    if (!buffer) {
      buffer = this.buffer(storage.memory().bytes, { kind: 'captured' });
      this.capturedBuffers.set(storage, buffer);
    }
    return buffer;
  }

  /** The graph that computes `results`. */
  finish(results: readonly Tensor[]): Graph {
    // the next call overwrites the numbers, so a result needs its own memory
    const accesses = results.map((result) => {
      const access = this.accessOf(result);
      const { shape, dtype } = access.layout;
      return access.buffer === this.numbers ? this.copy(access, { shape, dtype }) : access;
    });
    return this.graph(accesses);
  }

  /** As `finish`, but every result is a buffer of its own, all of it and in row-major order. */
  finishApart(results: readonly Tensor[]): Graph {
    const taken = new Set<GraphBuffer>();
    return this.graph(
      results.map((result) => {
        const access = this.accessOf(result);
        const { shape, dtype, strides } = access.layout;
        const { buffer } = access;
        const isOwn =
          buffer.source.kind === 'node' && !taken.has(buffer) && buffer.bytes === bytesOf(access.layout);
        const own =
          isOwn && isContiguous(shape, strides)
            ? access
            : this.apart(() => this.copy(access, { shape, dtype }));
        taken.add(own.buffer);
        return own;
      }),
    );
  }

  private graph(accesses: readonly Access[]): Graph {
    return {
      device: this.device,
      inputs: this.inputs,
      numbers: this.numbers,
      captured: new Map([...this.capturedBuffers].map(([storage, buffer]) => [buffer, storage])),
      nodes: liveNodes(this.nodes, accesses),
      results: accesses,
    };
  }
}
