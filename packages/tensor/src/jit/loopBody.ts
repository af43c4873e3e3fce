import type { Device } from '../device.js';
import { withTracer } from '../dispatch.js';
import { TraceError } from '../errors.js';
import { scope } from '../scope.js';
import { type TensorType, typeKey } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { fuse } from './fusion.js';
import { type Graph, type GraphBuffer, type GraphNode, wholeLayout } from './graph.js';
import { graphText } from './graphText.js';
import { Launches } from './launches.js';
import { type MemoryPlan, planMemory } from './memoryPlan.js';
import { Tracer } from './tracer.js';

/** Types of what one step of a loop reads. */
export interface LoopTypes {
  /** What a step hands to the next. */
  readonly carry: readonly TensorType[];
  /** What every step has for itself. */
  readonly each: readonly TensorType[];
  /** What all steps read. */
  readonly shared: readonly TensorType[];
}

/** One step, written with ops on nothing but these tensors; `k` is a 0-d i32 tensor, the number of the step. */
export type LoopStep = (
  carry: readonly Tensor[],
  each: readonly Tensor[],
  shared: readonly Tensor[],
  k: Tensor,
) => LoopMade<readonly Tensor[]>;

/** What a step makes: the next carry, and what is handed out beside it. */
export interface LoopMade<T> {
  readonly carry: T;
  readonly each: T;
}

/** A step of a loop, compiled: shared by all loops over it. */
export class LoopBody {
  /** Types of what a step hands out beside the carry. */
  readonly made: readonly TensorType[];
  readonly counts: boolean;
  readonly memory: MemoryPlan;
  private readonly steps: readonly GraphNode[];
  private prepared: Launches | undefined;
  private users = 0;

  /** @param key equal for equal steps. */
  constructor(
    readonly key: string,
    readonly graph: Graph,
    readonly types: LoopTypes,
    made: LoopMade<readonly TensorType[]>,
  ) {
    const { nodes } = graph.device.backend.fuses ? fuse(graph) : graph;
    this.steps = nodes;
    this.made = made.each;
    this.memory = planMemory(nodes, graph.results);
    this.counts = nodes.some(({ inputs }) => inputs.some(({ buffer }) => buffer === this.counter));
  }

  /** The buffer of the number of the step. */
  get counter(): GraphBuffer {
    return this.graph.inputs.at(-1)!;
  }

  /** The launches of a step; give them back with `release`. */
  acquire(): Launches {
    this.prepared ??= new Launches(this.graph.device, this.steps);
    this.users++;
    return this.prepared;
  }

  release(): void {
    if (--this.users > 0) return;
    this.prepared?.release();
    this.prepared = undefined;
  }
}

/** Planned steps kept per device; the one that was not used for longest goes first. They hold no device memory. */
const cacheLimit = 256;
const caches = new WeakMap<Device, Map<string, LoopBody>>();

/** The compiled form of a graph: planning costs more than tracing, and loops that run eagerly come again. */
function known(graph: Graph, types: LoopTypes, made: LoopMade<readonly TensorType[]>): LoopBody {
  let cache = caches.get(graph.device);
  if (!cache) caches.set(graph.device, (cache = new Map()));
  const inputs = [types.carry, types.each, types.shared].map((list) => list.map(typeKey).join());
  // no tensor is captured, so the text says everything
  const text = graphText(
    graph,
    () => false,
    () => 0,
  );
  const key = [...inputs, ...text].join(';');
  const body = cache.get(key) ?? new LoopBody(key, graph, types, made);
  cache.delete(key);
  cache.set(key, body);
  if (cache.size > cacheLimit) cache.delete(cache.keys().next().value!);
  return body;
}

/** Traces and plans one step of a loop. */
export function loopBody(device: Device, types: LoopTypes, step: LoopStep): LoopBody {
  const tracer = new Tracer(device, { shape: [0], dtype: 'f32' });
  try {
    return scope(() =>
      withTracer(tracer, () => {
        const standIns = (list: readonly TensorType[]): Tensor[] =>
          list.map((type) => tracer.input(wholeLayout(type)));
        const [carry, each, shared] = [types.carry, types.each, types.shared].map(standIns);
        const k = tracer.input(wholeLayout({ shape: [], dtype: 'i32' }));
        const next = step(carry!, each!, shared!, k);
        const typesOf = (list: readonly Tensor[]): TensorType[] =>
          list.map(({ shape, dtype }) => ({ shape, dtype }));
        const made = { carry: typesOf(next.carry), each: typesOf(next.each) };
        const graph = tracer.finishApart([...next.carry, ...next.each]);
        if (tracer.captured.size > 0) throw captures();
        return known(graph, types, made);
      }),
    );
  } finally {
    for (const alias of tracer.captured.values()) alias.dispose();
    tracer.state.open = false;
  }
}

const captures = (): TraceError =>
  new TraceError({
    fn: 'loopBody',
    argument: 'the step',
    expected: 'a function of its arguments alone',
    got: 'one that captures tensors',
    remedy: 'Pass them as shared values.',
  });
