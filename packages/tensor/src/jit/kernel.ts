import { dtypeInfo } from '../dtype.js';
import type { Fusable } from '../op.js';
import { isContiguous, type Layout, sizeOf } from '../shape.js';
import { composeLayouts } from './composeLayouts.js';
import { type FusedKernelAttrs, fusedKernelOp } from './fusedKernel.js';
import { type Access, type GraphBuffer, type GraphNode, wholeLayout } from './graph.js';
import { Group, mostOperands } from './group.js';
import { fusableOf, isElementwise, type Links } from './links.js';

/** Memory that a kernel may bind besides operands and results: a table, a temporary. */
const ownBindings = 2;

/** A node that is not element-wise, and the element-wise work that goes into its loads and its store. */
export class Kernel {
  private readonly fusable: Fusable;
  private readonly loads: FusedKernelAttrs['loads'][number][];
  /** What stands for each input, and what the store reads. */
  private readonly operands: (readonly Access[])[];
  private store: FusedKernelAttrs['store'];
  private outputs: readonly GraphBuffer[];

  constructor(
    private readonly base: GraphNode,
    private readonly links: Links,
  ) {
    const { inputs, outputs } = base;
    this.fusable = fusableOf(base);
    this.loads = inputs.map(() => undefined);
    this.operands = [...inputs.map((access) => [access]), []];
    this.outputs = outputs;
  }

  /** Operands that could still be added. */
  private get room(): number {
    return mostOperands - ownBindings - this.operands.flat().length - this.outputs.length;
  }

  /**
   * Takes in a group that works element by element on the result, which nothing else reads; the node then stands in
   * the place of the group's root.
   */
  takeStore(group: Group): boolean {
    const { outputs, types } = this.base;
    const [made] = outputs;
    const [type] = types;
    const { root, ops } = group;
    const { shape, dtype } = root.types[0]!;
    if (!this.fusable.store || outputs.length > 1 || dtype !== type!.dtype || !group.isInner(this.base))
      return false;
    const own = group.body?.operands.find(({ buffer }) => buffer === made);
    const body = own && isAll(own.layout, sizeOf(type!.shape)) ? group.evaluate(own) : undefined;
    const others = (body?.operands ?? []).slice(1);
    // along the shape the kernel knows, which a view may have changed
    const layouts = others.map(({ layout }) => composeLayouts(layout, shape, wholeLayout(type!)));
    const isOnlyOwn = others.every(({ buffer }) => buffer !== made);
    if (!body || !isOnlyOwn || others.length > this.room || layouts.includes(undefined)) return false;
    const operands = layouts as Layout[];
    this.store = { value: body.value, operands, ops };
    this.operands[this.loads.length] = others.map(({ buffer }, k) => ({ buffer, layout: operands[k]! }));
    this.outputs = root.outputs;
    return true;
  }

  /** Takes in what makes the inputs, where no other node needs it or it costs next to nothing. */
  private takeLoads(): void {
    const { inputs } = this.base;
    for (const k of this.fusable.loads) {
      const { buffer, layout } = inputs[k]!;
      const maker = this.links.maker.get(buffer);
      // stored, u8 keeps the low byte; in a kernel it is an i32
      if (!maker || !isElementwise(maker) || layout.dtype === 'u8') continue;
      const isOnce = inputs.filter((input) => input.buffer === buffer).length === 1;
      const isShared = !isOnce || !this.links.isOnlyReader(this.base, buffer);
      if (isShared && !this.links.isCheap(maker)) continue;
      const { body, ops } = new Group(maker, this.links, { room: this.room + 1, view: layout, isShared });
      if (!body || body.operands.some(({ layout: from }) => jumps(from))) continue;
      this.loads[k] = { value: body.value, operands: body.operands.map((operand) => operand.layout), ops };
      this.operands[k] = body.operands;
    }
  }

  /** The base node, or one that does all that was taken in. */
  node(): GraphNode {
    this.takeLoads();
    const { id, op, inputs, attrs: own, types } = this.base;
    const { loads, store, operands, outputs } = this;
    if (!store && loads.every((load) => !load)) return this.base;
    const layouts = inputs.map(({ layout }) => ({ ...layout, offset: 0 }));
    const attrs: FusedKernelAttrs = { op, attrs: own, inputs: layouts, loads, store };
    return { id, op: fusedKernelOp, attrs, inputs: operands.flat(), types, outputs };
  }
}

/** Whether every element of a row lies in another line of the cache: a kernel of its own walks such operands in blocks. */
function jumps({ shape, strides, dtype }: Layout): boolean {
  const last = shape.reduce((found, n, axis) => (n > 1 ? axis : found), 0);
  return (shape[last] ?? 1) >= longRow && Math.abs(strides[last]!) * dtypeInfo[dtype].bytes >= cacheLine;
}
const longRow = 64;
const cacheLine = 64;

/** Whether a layout is all of a buffer in row-major order. */
const isAll = ({ shape, strides, offset }: Layout, size: number): boolean =>
  offset === 0 && sizeOf(shape) === size && isContiguous(shape, strides);
