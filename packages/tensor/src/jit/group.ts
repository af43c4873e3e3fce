import { operandOf, type Value } from '../ops/elementwise/convert.js';
import { costOf } from '../ops/elementwise/nodes.wasm.js';
import { type Layout, sizeOf } from '../shape.js';
import { composeLayouts } from './composeLayouts.js';
import { type FusedAttrs, fusedOp, parametersOf, programOf } from './fusedOp.js';
import { type Access, accessKey, type GraphNode, wholeLayout } from './graph.js';
import { cheap, isElementwise, type Links, ownCost } from './links.js';

/** Operands and results of one kernel: what WebGPU can bind. */
export const mostOperands = 8;
/** Instructions per vector beyond which a kernel gains nothing from growing. */
const mostInstructions = 400;
/** Numbers that travel as arguments of a kernel. */
const mostParameters = 12;

/** What a kernel computes, and from what. */
export interface Body {
  readonly value: Value;
  /** Laid out along the group's shape. */
  readonly operands: readonly Access[];
}

/** Where a group is computed. */
interface Place {
  /** Operands it may have. */
  readonly room: number;
  /** What is read of the root's value; default all of it. */
  readonly view?: Layout;
  /** The root is computed elsewhere, too. */
  readonly isShared?: boolean;
}

/** An element-wise node, the root, and the producers that are computed together with it. */
export class Group {
  private readonly members: Set<GraphNode>;
  private readonly view: Layout;
  /** Undefined if not even the root can be computed in this place. */
  body: Body | undefined;

  constructor(
    readonly root: GraphNode,
    private readonly links: Links,
    private readonly place: Place,
  ) {
    this.members = new Set([root]);
    this.view = place.view ?? wholeLayout(root.types[0]!);
    const body = this.evaluate();
    if (!body || !this.fits(body)) return;
    this.body = body;
    this.grow(body);
  }

  private grow(body: Body): void {
    const refused = new Set<GraphNode>();
    for (let next = this.candidate(body, refused); next; next = this.candidate(body, refused)) {
      this.members.add(next);
      const grown = this.evaluate();
      if (grown && this.fits(grown)) this.body = body = grown;
      else {
        this.members.delete(next);
        refused.add(next);
      }
    }
  }

  /** A producer of an operand that may be taken in. */
  private candidate({ operands }: Body, refused: ReadonlySet<GraphNode>): GraphNode | undefined {
    for (const { buffer } of operands) {
      const maker = this.links.maker.get(buffer);
      if (!maker || refused.has(maker) || !isElementwise(maker)) continue;
      const { dtype, shape } = maker.types[0]!;
      // stored, u8 keeps the low byte; in a kernel it is an i32
      if (dtype === 'u8' || (!this.isInner(maker) && !this.links.isCheap(maker))) continue;
      const times = operands.filter((operand) => operand.buffer === buffer).length;
      const size = sizeOf(shape);
      const isRepeated = size > 1 && times * sizeOf(this.view.shape) > size;
      if (isRepeated && ownCost(maker) > 2 * cheap) continue;
      return maker;
    }
    return undefined;
  }

  /** Whether nothing outside the group reads what the node makes, not even through a member computed twice. */
  isInner(node: GraphNode, known = new Map([[this.root, !this.place.isShared]])): boolean {
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

  /**
   * The group's expression; undefined if a member cannot be computed at the place where it is read.
   * @param first becomes operand 0; default the one that is met first.
   */
  evaluate(first?: Access): Body | undefined {
    const operands: Access[] = [];
    const values = new Map<string, Value | undefined>();
    if (first) {
      operands.push(first);
      values.set(accessKey(first), operandOf(0, first.layout.dtype));
    }
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
    const value = nodeValue(this.root, this.view);
    return value && { value, operands };
  }

  private fits({ value, operands }: Body): boolean {
    const program = programOf(value);
    return (
      operands.length <= this.place.room &&
      costOf(program) <= mostInstructions &&
      parametersOf(program).length <= mostParameters
    );
  }

  /** The names of the members in the order in which they were traced; of constants only where there is nothing else. */
  get ops(): string[] {
    const ordered = [...this.members].sort((a, b) => a.id - b.id);
    const computed = ordered.filter(({ inputs }) => inputs.length > 0);
    return (computed.length > 0 ? computed : ordered).map(({ op }) => op.name);
  }

  /** The node of the group: the root itself if it is alone. */
  fused(): GraphNode {
    if (!this.body || this.members.size === 1) return this.root;
    const { value, operands } = this.body;
    const { id, types, outputs } = this.root;
    const attrs: FusedAttrs = { type: types[0]!, value, program: programOf(value), ops: this.ops };
    return { id, op: fusedOp, attrs, inputs: operands, types, outputs };
  }
}
