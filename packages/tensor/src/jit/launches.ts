import type { DeviceBuffer, Executable, Operand } from '../backend/backend.js';
import { callKey, type Device } from '../device.js';
import { dtypeInfo } from '../dtype.js';
import { layoutKey, typeKey } from '../shape.js';
import { type Access, type GraphBuffer, type GraphNode, wholeLayout } from './graph.js';

/** An operand whose buffer is filled in before the launch. */
export class Binding implements Operand {
  buffer!: DeviceBuffer;
  byteOffset: number;

  /** @param relative bytes from the start of what is bound. */
  constructor(private readonly relative: number) {
    this.byteOffset = relative;
  }

  bind(buffer: DeviceBuffer, byteOffset: number): void {
    this.buffer = buffer;
    this.byteOffset = byteOffset + this.relative;
  }
}

/** A prepared kernel launch and its operands. */
export interface Launch {
  readonly node: GraphNode;
  readonly executable: Executable;
  readonly inputs: readonly Operand[];
  readonly outputs: readonly Operand[];
}

const none: readonly Binding[] = [];

/** The steps of a graph with their kernels prepared; equal steps share one. Memory is bound before they run. */
export class Launches {
  readonly list: readonly Launch[];
  private readonly bindings = new Map<GraphBuffer, Binding[]>();
  private readonly executables = new Map<string, Executable>();

  constructor(
    private readonly device: Device,
    steps: readonly GraphNode[],
  ) {
    try {
      this.list = steps
        .filter(({ outputs }) => outputs.some(({ bytes }) => bytes > 0))
        .map((step) => this.launch(step));
    } catch (error) {
      this.release();
      throw error;
    }
  }

  private launch(node: GraphNode): Launch {
    const { op, attrs, inputs, types, outputs } = node;
    const key = `${callKey(op, attrs)}|${inputs.map(({ layout }) => layoutKey(layout)).join('|')}|${types.map(typeKey)}`;
    let executable = this.executables.get(key);
    if (!executable) {
      executable = this.device.prepare(
        op,
        inputs.map(({ layout }) => ({ ...layout, offset: 0 })),
        types.map(wholeLayout),
        attrs,
      );
      this.executables.set(key, executable);
    }
    return {
      node,
      executable,
      inputs: inputs.map((access) => this.operand(access)),
      outputs: outputs.map((buffer, i) => this.operand({ buffer, layout: wholeLayout(types[i]!) })),
    };
  }

  private operand({ buffer, layout }: Access): Binding {
    const binding = new Binding(layout.offset * dtypeInfo[layout.dtype].bytes);
    const list = this.bindings.get(buffer);
    if (list) list.push(binding);
    else this.bindings.set(buffer, [binding]);
    return binding;
  }

  /** The operands that lie in a buffer. */
  bindingsOf(buffer: GraphBuffer): readonly Binding[] {
    return this.bindings.get(buffer) ?? none;
  }

  enqueue(): void {
    for (const { executable, inputs, outputs } of this.list) this.device.run(executable, inputs, outputs);
  }

  /** Gives back the kernels. */
  release(): void {
    if (!this.device.isDisposed)
      for (const executable of this.executables.values()) this.device.release(executable);
    this.executables.clear();
  }
}
