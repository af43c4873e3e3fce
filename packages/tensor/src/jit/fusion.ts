import { operandOf, type Value } from '../ops/elementwise/convert.js';
import { costOf } from '../ops/elementwise/nodes.wasm.js';
import { type Layout, sizeOf } from '../shape.js';
import { composeLayouts } from './composeLayouts.js';
import { type FusedAttrs, fusedOp, parametersOf, programOf } from './fusedOp.js';
import {
  type Access,
  accessKey,
  type Graph,
  type GraphBuffer,
  type GraphNode,
  wholeLayout,
} from './graph.js';

/** Operands and results of one kernel: what WebGPU can bind. */
const mostOperands = 8;
/** Instructions per vector beyond which a kernel gains nothing from growing. */
const mostInstructions = 400;
/** Numbers that travel as arguments of a kernel. */
const mostParameters = 12;
/** Computing this much again is cheaper than a pass over memory. */
const cheap = 6;

/**
 * Joins element-wise ops: a value that only one group of element-wise ops reads is computed where it is used and
 * never stored, whatever view it is read through. Values that cost next to nothing are computed again by
 * every reader. A group has one result; its members broadcast to that result's shape.
 */
export function fuse(graph: Graph): Graph {
  const links = new Links(graph);
  // from the end, so that all that still reads a node is known when its turn comes
  const needed = new Set(graph.results.map(({ buffer }) => buffer));
  const nodes: GraphNode[] = [];
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i]!;
    if (!node.outputs.some((output) => needed.has(output))) continue;
    const kept = isElementwise(node) ? new Group(node, links).fused() : node;
    for (const { buffer } of kept.inputs) needed.add(buffer);
    nodes.push(kept);
  }
  return { ...graph, nodes: nodes.reverse() };
}

const isElementwise = ({ op, outputs }: GraphNode): boolean =>
  op.expression !== undefined && outputs.length === 1 && outputs[0]!.bytes > 0;

/** Who makes and who reads each buffer. */
class Links {
  readonly maker = new Map<GraphBuffer, GraphNode>();
  readonly readers = new Map<GraphBuffer, GraphNode[]>();
  readonly results: ReadonlySet<GraphBuffer>;

  constructor({ nodes, results }: Graph) {
    this.results = new Set(results.map(({ buffer }) => buffer));
    for (const node of nodes) {
      for (const buffer of new Set(node.inputs.map((access) => access.buffer)))
        this.readers.set(buffer, [...(this.readers.get(buffer) ?? []), node]);
      for (const output of node.outputs) this.maker.set(output, node);
    }
  }

  /** Has at most one operand that is no constant, and hardly any instructions. */
  isCheap(node: GraphNode): boolean {
    const operands = node.inputs.filter(({ buffer }) => (this.maker.get(buffer)?.inputs.length ?? 1) > 0);
    return operands.length <= 1 && ownCost(node) <= cheap;
  }
}

/** Instructions per vector of a node alone. */
function ownCost({ op, inputs, attrs }: GraphNode): number {
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

/** What a kernel computes, and from what. */
interface Body {
  readonly value: Value;
  /** Laid out along the group's shape. */
  readonly operands: readonly Access[];
}

/** A node and the producers that are computed inside its kernel. */
class Group {
  private readonly members: Set<GraphNode>;
  private readonly whole: Layout;
  private body: Body;

  constructor(
    private readonly root: GraphNode,
    private readonly links: Links,
  ) {
    this.members = new Set([root]);
    this.whole = wholeLayout(root.types[0]!);
    this.body = this.evaluate()!;
    this.grow();
  }

  private grow(): void {
    const refused = new Set<GraphNode>();
    for (let next = this.candidate(refused); next; next = this.candidate(refused)) {
      this.members.add(next);
      const body = this.evaluate();
      if (body && fits(body)) this.body = body;
      else {
        this.members.delete(next);
        refused.add(next);
      }
    }
  }

  /** A producer of an operand that may be taken in. */
  private candidate(refused: ReadonlySet<GraphNode>): GraphNode | undefined {
    const { operands } = this.body;
    for (const { buffer } of operands) {
      const maker = this.links.maker.get(buffer);
      if (!maker || refused.has(maker) || !isElementwise(maker)) continue;
      const { dtype, shape } = maker.types[0]!;
      // stored, u8 keeps the low byte; in a kernel it is an i32
      if (dtype === 'u8' || (!this.isInner(maker) && !this.links.isCheap(maker))) continue;
      const times = operands.filter((operand) => operand.buffer === buffer).length;
      const size = sizeOf(shape);
      const isRepeated = size > 1 && times * sizeOf(this.whole.shape) > size;
      if (isRepeated && ownCost(maker) > 2 * cheap) continue;
      return maker;
    }
    return undefined;
  }

  /** Whether nothing outside the group reads what the node makes, not even through a member computed twice. */
  private isInner(node: GraphNode, known = new Map<GraphNode, boolean>([[this.root, true]])): boolean {
    const [output] = node.outputs;
    const { results, readers } = this.links;
    let inner = known.get(node);
    if (inner === undefined) {
      inner =
        !results.has(output!) &&
        readers.get(output!)!.every((reader) => this.members.has(reader) && this.isInner(reader, known));
      known.set(node, inner);
    }
    return inner;
  }

  /** The group's expression; undefined if a member cannot be computed at the place where it is read. */
  private evaluate(): Body | undefined {
    const operands: Access[] = [];
    const values = new Map<string, Value | undefined>();
    const accessValue = (access: Access): Value | undefined => {
      const key = accessKey(access);
      if (values.has(key)) return values.get(key);
      const maker = this.links.maker.get(access.buffer);
      const isInside = maker && maker !== this.root && this.members.has(maker);
      const value = isInside
        ? nodeValue(maker, access.layout)
        : operandOf(operands.length, access.layout.dtype);
      if (!isInside) operands.push(access);
      values.set(key, value);
      return value;
    };
    const nodeValue = ({ op, attrs, inputs, types }: GraphNode, view: Layout): Value | undefined => {
      const read: Value[] = [];
      for (const { buffer, layout } of inputs) {
        const seen = composeLayouts(layout, types[0]!.shape, view);
        const value = seen && accessValue({ buffer, layout: seen });
        if (!value) return undefined;
        read.push(value);
      }
      return op.expression!(
        inputs.map(({ layout }) => layout),
        attrs,
        read,
      );
    };
    const value = nodeValue(this.root, this.whole);
    return value && { value, operands };
  }

  /** The names of the members in the order in which they were traced. */
  private names(): string[] {
    return [...this.members].sort((a, b) => a.id - b.id).map(({ op }) => op.name);
  }

  /** The node of the group: the root itself if it is alone. */
  fused(): GraphNode {
    if (this.members.size === 1) return this.root;
    const { value, operands } = this.body;
    const { id, types, outputs } = this.root;
    const attrs: FusedAttrs = { type: types[0]!, value, program: programOf(value), ops: this.names() };
    return { id, op: fusedOp, attrs, inputs: operands, types, outputs };
  }
}

function fits({ value, operands }: Body): boolean {
  const program = programOf(value);
  return (
    operands.length + 1 <= mostOperands &&
    costOf(program) <= mostInstructions &&
    parametersOf(program).length <= mostParameters
  );
}
