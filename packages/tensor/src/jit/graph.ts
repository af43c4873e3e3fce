import type { Device } from '../device.js';
import { dtypeInfo } from '../dtype.js';
import type { Op } from '../op.js';
import { contiguousStrides, type Layout, sizeOf, type TensorType } from '../shape.js';
import type { Storage } from '../tensor.js';

/** What fills a buffer of a graph. */
export type Source =
  /** Argument `index` of the call. */
  | { readonly kind: 'input'; readonly index: number }
  /** The numbers among the arguments of the call, one after the other. */
  | { readonly kind: 'numbers' }
  /** A tensor that the function closes over. */
  | { readonly kind: 'captured' }
  /** A node. */
  | { readonly kind: 'node' };

/** Memory that a graph reads or writes, before it has an address. */
export interface GraphBuffer {
  readonly id: number;
  readonly bytes: number;
  readonly source: Source;
}

/** Elements of a buffer. Views of a value are other layouts of the same buffer. */
export interface Access {
  readonly buffer: GraphBuffer;
  readonly layout: Layout;
}

/** One call of an op that has kernels. Every output is a whole buffer, contiguous. */
export interface GraphNode {
  readonly id: number;
  // biome-ignore lint/suspicious/noExplicitAny: a graph mixes attribute types
  readonly op: Op<any>;
  readonly attrs: unknown;
  readonly inputs: readonly Access[];
  readonly types: readonly TensorType[];
  readonly outputs: readonly GraphBuffer[];
}

/** What one call of a function computes, in order; every value is computed once (static single assignment). */
export interface Graph {
  readonly device: Device;
  readonly inputs: readonly GraphBuffer[];
  readonly numbers: GraphBuffer;
  /** Memory of the tensors that the function closes over. */
  readonly captured: ReadonlyMap<GraphBuffer, Storage>;
  readonly nodes: readonly GraphNode[];
  readonly results: readonly Access[];
}

export const bytesOf = ({ shape, dtype }: TensorType): number => sizeOf(shape) * dtypeInfo[dtype].bytes;

/** All of a buffer in row-major order. */
export const wholeLayout = ({ shape, dtype }: TensorType): Layout => ({
  shape,
  dtype,
  strides: contiguousStrides(shape),
  offset: 0,
});

/** Text that is equal for equal accesses. */
export const accessKey = ({ buffer, layout }: Access): string =>
  `${buffer.id}:${layout.dtype}[${layout.shape}]/${layout.strides}+${layout.offset}`;

/** The nodes that a result depends on, in order. */
export function liveNodes(nodes: readonly GraphNode[], results: readonly Access[]): GraphNode[] {
  const wanted = new Set(results.map(({ buffer }) => buffer));
  const isWanted = ({ outputs }: GraphNode): boolean => outputs.some((output) => wanted.has(output));
  for (let i = nodes.length - 1; i >= 0; i--)
    if (isWanted(nodes[i]!)) for (const { buffer } of nodes[i]!.inputs) wanted.add(buffer);
  return nodes.filter(isWanted);
}
