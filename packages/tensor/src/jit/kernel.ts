import { dtypeInfo } from '../dtype.js';
import type { Fusable } from '../op.js';
import { isContiguous, type Layout, sameShape, sizeOf } from '../shape.js';
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

  /** @param most operands and results it may have. */
  constructor(
    private readonly base: GraphNode,
    private readonly links: Links,
    private readonly most = mostOperands - ownBindings,
  ) {
    const { inputs, outputs } = base;
    this.fusable = fusableOf(base);
    this.loads = inputs.map(() => undefined);
    this.operands = [...inputs.map((access) => [access]), []];
    this.outputs = outputs;
  }

  /** Operands that could still be added. */
  private get room(): number {
    return this.most - this.operands.flat().length - this.outputs.length;
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
      const group = new Group(maker, this.links, { room: this.room + 1, view: layout, isShared });
      const { body, ops } = group;
      if (!body || body.operands.some(({ layout: from }) => jumps(from))) continue;
      this.loads[k] = { value: body.value, operands: body.operands.map((operand) => operand.layout), ops };
      this.operands[k] = body.operands;
      if (this.links.nests) this.takeMaker(k, group);
    }
  }

  /** Takes in the kernel that makes an operand of a load, too, where nothing else reads what it makes. */
  private takeMaker(k: number, group: Group): void {
    const { layout } = this.base.inputs[k]!;
    for (const own of group.body!.operands) {
      const maker = this.links.maker.get(own.buffer);
      if (!maker || !this.canTake(maker, layout) || !group.isInner(maker)) continue;
      const body = isAll(own.layout, sizeOf(layout.shape)) ? group.evaluate(own) : undefined;
      const others = (body?.operands ?? []).slice(1);
      if (!body || others.some(({ buffer }) => buffer === own.buffer)) continue;
      const kernel = new Kernel(maker, this.links, this.room + this.operands[k]!.length - others.length + 1);
      if (kernel.room < 0) continue;
      this.loads[k] = {
        value: body.value,
        operands: others.map((operand) => operand.layout),
        ops: group.ops,
        made: kernel.attrs(),
      };
      this.operands[k] = [...kernel.operands.flat(), ...others];
      return;
    }
  }

  /** Whether this node's kernel can run that of another one inside, for an input of this layout. */
  private canTake({ op, inputs, attrs, types, outputs }: GraphNode, layout: Layout): boolean {
    const [type] = types;
    return (
      op.wasmBlock !== undefined &&
      outputs.length === 1 &&
      type!.dtype === layout.dtype &&
      sameShape(type!.shape, layout.shape) &&
      isAll(layout, sizeOf(type!.shape)) &&
      this.fusable.takes?.(
        op,
        inputs.map((input) => input.layout),
        attrs,
      ) === true
    );
  }

  /** The kernel with what it takes in. */
  private attrs(): FusedKernelAttrs {
    this.takeLoads();
    const { op, inputs, attrs } = this.base;
    const layouts = inputs.map(({ layout }) => ({ ...layout, offset: 0 }));
    return { op, attrs, inputs: layouts, loads: this.loads, store: this.store };
  }

  /** The base node, or one that does all that was taken in. */
  node(): GraphNode {
    const attrs = this.attrs();
    if (!this.store && this.loads.every((load) => !load)) return this.base;
    const { id, types } = this.base;
    return { id, op: fusedKernelOp, attrs, inputs: this.operands.flat(), types, outputs: this.outputs };
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
