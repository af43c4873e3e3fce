import { type DeviceBuffer, maxWords } from '../backend/backend.js';
import type { Layout } from '../shape.js';
import { Storage, Tensor } from '../tensor.js';
import { foldConstants } from './constants.js';
import { planDonation } from './donation.js';
import { fuse } from './fusion.js';
import type { Graph, GraphBuffer, GraphNode } from './graph.js';
import { type Binding, type Launch, Launches } from './launches.js';
import { planMemory } from './memoryPlan.js';
import { type Workspace, workspaceOf } from './workspace.js';

/** Whether the argument is the only tensor in its memory, and that is as large as needed. */
function isSpare(
  tensors: readonly Tensor[],
  index: number,
  bytes: number,
  captured: Iterable<Storage>,
): boolean {
  const { storage, offset } = tensors[index]!;
  return (
    !storage.isShared &&
    offset === 0 &&
    storage.memory().bytes === bytes &&
    tensors.every((other, i) => i === index || other.storage !== storage) &&
    ![...captured].includes(storage)
  );
}

/** A buffer that is handed out. */
interface ResultPlan {
  readonly buffer: GraphBuffer;
  readonly bindings: readonly Binding[];
  /** Index of the tensor argument whose memory it may take. */
  readonly donor: number | undefined;
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** A graph made ready to run again and again: kernels prepared, memory planned, operands laid out. */
export class Plan {
  /** Bytes of the slots it uses of the workspace. */
  readonly workspaceBytes: number;
  /** Bytes of new memory for results, if no argument is donated. */
  readonly resultBytes: number;
  /** Bytes of constants it keeps. */
  readonly constantBytes: number;
  private readonly steps: Launches;
  private readonly slots: readonly (readonly [slot: number, bindings: readonly Binding[]])[];
  private readonly inputs: readonly (readonly Binding[])[];
  private readonly results: readonly ResultPlan[];
  private readonly releases: (() => void)[] = [];
  /** Values computed once, when the plan was made. */
  private readonly constants: ReadonlyMap<GraphBuffer, Tensor>;
  private readonly numbers: DeviceBuffer | undefined;
  private readonly workspace: Workspace;
  private version = -1;

  /** @param donated layouts of tensor arguments, by index, whose memory results may take. */
  constructor(
    readonly graph: Graph,
    donated: ReadonlyMap<number, Layout> = new Map(),
  ) {
    const { steps, constants } = foldConstants(graph.device.backend.fuses ? fuse(graph) : graph);
    this.constants = constants;
    this.constantBytes = sumOf([...constants.keys()].map(({ bytes }) => bytes));
    this.releases.push(() => {
      for (const constant of constants.values()) constant.dispose();
    });
    const { slots, sizes } = planMemory(steps, graph.results);
    this.workspaceBytes = sumOf(sizes);
    this.workspace = workspaceOf(graph.device);
    try {
      this.numbers = this.takeMemory(sizes);
      this.steps = new Launches(graph.device, steps);
      this.releases.push(() => this.steps.release());
    } catch (error) {
      this.dispose();
      throw error;
    }
    this.results = this.planResults(steps, donated);
    this.resultBytes = sumOf(this.results.map(({ buffer }) => buffer.bytes));
    this.inputs = graph.inputs.map((buffer) => this.steps.bindingsOf(buffer));
    this.slots = [...slots].map(([buffer, slot]) => [slot, this.steps.bindingsOf(buffer)] as const);
    for (const [buffer, { storage }] of constants) this.bindAll(buffer, storage.memory());
    for (const [buffer, storage] of graph.captured) this.bindAll(buffer, storage.memory());
    if (this.numbers) this.bindAll(graph.numbers, this.numbers);
  }

  /** Room in the workspace, and a buffer for the number arguments. */
  private takeMemory(sizes: readonly number[]): DeviceBuffer | undefined {
    const { device, numbers } = this.graph;
    this.workspace.reserve(sizes);
    this.releases.push(() => this.workspace.leave());
    if (numbers.bytes === 0) return undefined;
    const purpose = { fn: 'jit', argument: 'its number arguments' };
    const buffer = device.backend.allocate(numbers.bytes, purpose);
    this.releases.push(() => device.free(buffer));
    return buffer;
  }

  /** What each call makes anew, and which argument may lend its memory. */
  private planResults(steps: readonly GraphNode[], donated: ReadonlyMap<number, Layout>): ResultPlan[] {
    const { results } = this.graph;
    const made = [...new Set(results.map(({ buffer }) => buffer))].filter(
      (buffer) => buffer.source.kind === 'node' && !this.constants.has(buffer),
    );
    const donors = planDonation(this.graph, steps, donated, made);
    return made.map((buffer) => ({
      buffer,
      bindings: this.steps.bindingsOf(buffer),
      donor: donors.get(buffer),
    }));
  }

  private bindAll(buffer: GraphBuffer, memory: DeviceBuffer): void {
    for (const binding of this.steps.bindingsOf(buffer)) binding.bind(memory, 0);
  }

  get launches(): readonly Launch[] {
    return this.steps.list;
  }

  /**
   * Enqueues the launches for these arguments and returns the results.
   * @param numbers the number arguments, one after the other, as words.
   */
  run(tensors: readonly Tensor[], numbers: Int32Array): Tensor[] {
    const { device } = this.graph;
    const { backend } = device;
    if (this.version !== this.workspace.version) this.bindWorkspace();
    for (let i = 0; i < tensors.length; i++) {
      const { buffer, byteOffset } = tensors[i]!.operand();
      for (const binding of this.inputs[i]!) binding.bind(buffer, byteOffset);
    }
    const made = this.takeResults(tensors);
    if (this.numbers)
      for (let at = 0; at < numbers.length; at += maxWords)
        backend.write(this.numbers, 4 * at, numbers.subarray(at, at + maxWords));
    this.steps.enqueue();
    return this.graph.results.map(({ buffer, layout }) => {
      if (buffer.source.kind !== 'input') return Tensor.over(this.storageOf(buffer, made), layout, 'jit');
      const argument = tensors[buffer.source.index]!;
      return argument.view({ ...layout, offset: layout.offset + argument.offset }, 'jit');
    });
  }

  private storageOf(buffer: GraphBuffer, made: ReadonlyMap<GraphBuffer, Storage>): Storage {
    return (made.get(buffer) ?? this.constants.get(buffer)?.storage ?? this.graph.captured.get(buffer))!;
  }

  private bindWorkspace(): void {
    for (const [slot, bindings] of this.slots)
      for (const binding of bindings) binding.bind(this.workspace.buffers[slot]!, 0);
    this.version = this.workspace.version;
  }

  /** Memory for the results: of donated arguments where nothing else uses it, else new. */
  private takeResults(tensors: readonly Tensor[]): Map<GraphBuffer, Storage> {
    const { device, captured } = this.graph;
    const made = new Map<GraphBuffer, Storage>();
    const fresh: DeviceBuffer[] = [];
    const surrendered: Tensor[] = [];
    try {
      for (const { buffer, bindings, donor } of this.results) {
        let memory: DeviceBuffer;
        if (donor !== undefined && isSpare(tensors, donor, buffer.bytes, captured.values())) {
          memory = tensors[donor]!.storage.memory();
          surrendered.push(tensors[donor]!);
        } else {
          memory = device.backend.allocate(buffer.bytes, { fn: 'jit', argument: 'a result' });
          fresh.push(memory);
        }
        for (const binding of bindings) binding.bind(memory, 0);
        made.set(buffer, new Storage(device, memory));
      }
    } catch (error) {
      for (const memory of fresh) device.free(memory);
      throw error;
    }
    for (const tensor of surrendered) tensor.surrender();
    return made;
  }

  /** Frees everything but the results handed out. */
  dispose(): void {
    for (const release of this.releases.splice(0)) release();
  }
}
