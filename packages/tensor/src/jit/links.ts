import type { Fusable } from '../op.js';
import { operandOf } from '../ops/elementwise/convert.js';
import { costOf } from '../ops/elementwise/nodes.wasm.js';
import { isContiguous, sizeOf } from '../shape.js';
import { programOf } from './fusedOp.js';
import { type Access, bytesOf, type Graph, type GraphBuffer, type GraphNode } from './graph.js';

/** Computing this much again is cheaper than a pass over memory. */
export const cheap = 6;

export const isElementwise = ({ op, outputs }: GraphNode): boolean =>
  op.expression !== undefined && outputs.length === 1 && outputs[0]!.bytes > 0;

/** What a node's kernels can take in: where an input is empty, nothing, because they have nothing to go through. */
export function fusableOf({ op, inputs, attrs }: GraphNode): Fusable {
  const types = inputs.map(({ layout }) => layout);
  const isEmpty = types.some(({ shape }) => sizeOf(shape) === 0);
  return (isEmpty ? undefined : op.fuses?.(types, attrs)) ?? { loads: [], store: false };
}

/** Instructions per vector of an element-wise node alone. */
export function ownCost({ op, inputs, attrs }: GraphNode): number {
  const operands = inputs.map(({ layout }, k) => operandOf(k, layout.dtype));
  return costOf(
    programOf(
      op.expression!(
        inputs.map(({ layout }) => layout),
        attrs,
        operands,
      ),
    ),
  );
}

/** Who makes and who reads each buffer. */
export class Links {
  readonly maker = new Map<GraphBuffer, GraphNode>();
  readonly readers = new Map<GraphBuffer, GraphNode[]>();
  readonly results: ReadonlySet<GraphBuffer>;

  /** Kernels may run inside the loads of others. */
  readonly nests: boolean;

  constructor({ device, nodes, results }: Graph) {
    this.nests = device.name === 'wasm';
    this.results = new Set(results.map(({ buffer }) => buffer));
    for (const node of nodes) {
      for (const buffer of new Set(node.inputs.map((access) => access.buffer)))
        this.readers.set(buffer, [...(this.readers.get(buffer) ?? []), node]);
      for (const output of node.outputs) this.maker.set(output, node);
    }
  }

  /** Whether this node and no other reads the buffer, and it is no result. */
  isOnlyReader(node: GraphNode, buffer: GraphBuffer): boolean {
    return !this.results.has(buffer) && this.readers.get(buffer)!.every((reader) => reader === node);
  }

  /**
   * Costs next to nothing to compute again: at most one operand that is no constant, and hardly any instructions.
   * What a kernel can do to its own result costs less still, once.
   */
  isCheap(node: GraphNode): boolean {
    const operands = node.inputs.filter(({ buffer }) => (this.maker.get(buffer)?.inputs.length ?? 1) > 0);
    return (
      operands.length <= 1 && ownCost(node) <= cheap && !operands.some((input) => this.isStored(node, input))
    );
  }

  /** Whether the operand is what a kernel makes for this node alone and could finish before it is stored. */
  private isStored(node: GraphNode, { buffer, layout }: Access): boolean {
    const maker = this.maker.get(buffer);
    const [type] = node.types;
    return (
      maker !== undefined &&
      fusableOf(maker).store &&
      this.isOnlyReader(node, buffer) &&
      type!.dtype === layout.dtype &&
      bytesOf(type!) === buffer.bytes &&
      isContiguous(layout.shape, layout.strides)
    );
  }
}
