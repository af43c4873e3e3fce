import type { Device } from '../device.js';
import { deviceOf, isRecording, isTracing } from '../dispatch.js';
import { AdjointError } from '../errors.js';
import { full } from '../ops/elementwise/full.js';
import { currentDevice } from '../runtime.js';
import type { Layout } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { graphText } from './graphText.js';
import { Plan } from './plan.js';
import { replaceLeaves, type Signature, signatureOf } from './signature.js';
import { numberDType, type Trace, trace } from './trace.js';

const ids = new WeakMap<object, number>();
let nextId = 0;

/** A number per object: part of keys. */
function idOf(object: object): number {
  let id = ids.get(object);
  if (id === undefined) ids.set(object, (id = nextId++));
  return id;
}

const deviceFor = (fn: string, tensors: readonly Tensor[]): Device =>
  deviceOf(fn, tensors) ?? currentDevice(fn);

/** The number arguments as words of the buffer they are written to. */
function wordsOf(numbers: readonly number[], tensors: readonly Tensor[]): Int32Array {
  const values = numberDType(tensors) === 'f32' ? new Float32Array(numbers) : new Float64Array(numbers);
  return new Int32Array(values.buffer);
}

/** Traces kept per function; the one that was not used for longest goes first. */
const cacheLimit = 32;

interface Compiled {
  readonly trace: Trace;
  readonly plan: Plan;
}

/** The traces of one function, by signature. */
export class Compiler {
  private readonly cache = new Map<string, Compiled>();

  constructor(
    readonly f: (...args: never[]) => unknown,
    private readonly donate: ReadonlySet<number>,
    private readonly check: boolean,
  ) {}

  call(args: readonly unknown[]): unknown {
    const signature = signatureOf('jit', args);
    const { tensors, numbers } = signature;
    const device = deviceFor('jit', tensors);
    if (isTracing() || isRecording(tensors)) return this.inline(args, signature, device);
    const { plan, trace } = this.compiled(args, signature, device);
    const results = plan.run(tensors, wordsOf(numbers, tensors));
    for (const i of this.donate) replaceLeaves(args[i], (leaf) => leaf.dispose());
    let next = 0;
    return replaceLeaves(trace.resultTree, () => results[next++]);
  }

  /** The trace and plan that serve a call. */
  private compiled(args: readonly unknown[], signature: Signature, device: Device): Compiled {
    const key = `${idOf(device)}|${signature.key}`;
    let known = this.cache.get(key);
    if (known?.trace.captured.some((tensor) => tensor.isDisposed)) {
      this.drop(key, known);
      known = undefined;
    }
    if (known && this.check) this.compare(known.trace, args, signature, device);
    if (known) this.cache.delete(key);
    else if (this.cache.size >= cacheLimit) this.drop(...this.cache.entries().next().value!);
    const compiled = known ?? this.compile(args, signature, device);
    this.cache.set(key, compiled);
    return compiled;
  }

  /** The plan for a call, on behalf of `fn`. */
  planFor(fn: string, args: readonly unknown[]): Plan {
    const signature = signatureOf(fn, args);
    return this.compiled(args, signature, deviceFor(fn, signature.tensors)).plan;
  }

  private compile(args: readonly unknown[], signature: Signature, device: Device): Compiled {
    const made = trace(device, this.f, args, signature);
    try {
      return { trace: made, plan: new Plan(made.graph, this.donatedLayouts(args)) };
    } catch (error) {
      for (const tensor of made.kept) tensor.dispose();
      throw error;
    }
  }

  /** The donated tensors by their index among all tensors of the arguments. */
  private donatedLayouts(args: readonly unknown[]): Map<number, Layout> {
    const layouts = new Map<number, Layout>();
    let index = 0;
    args.forEach((arg, i) => {
      replaceLeaves(arg, (leaf) => {
        if (this.donate.has(i)) layouts.set(index, leaf);
        index++;
      });
    });
    return layouts;
  }

  private compare(known: Trace, args: readonly unknown[], signature: Signature, device: Device): void {
    const again = trace(device, this.f, args, signature);
    for (const tensor of again.kept) tensor.dispose();
    const textOf = ({ graph, captured }: Trace): string[] =>
      graphText(graph, (storage) => captured.some((tensor) => tensor.storage === storage), idOf);
    const [before, now] = [textOf(known), textOf(again)];
    const at = before.findIndex((line, i) => line !== now[i]);
    if (at < 0 && before.length === now.length) return;
    throw new AdjointError({
      fn: 'jit',
      argument: 'the function',
      expected: 'one that computes the same at every call with arguments of these types',
      got: `step "${now[at] ?? 'none'}" where "${before[at] ?? 'none'}" was`,
      remedy: 'Pass what changes (numbers, tensors, keys) as an argument instead of closing over it.',
    });
  }

  /** Runs the function itself: an outer trace or tape sees its operations. */
  private inline(args: readonly unknown[], { tensors }: Signature, device: Device): unknown {
    const dtype = numberDType(tensors);
    const inner = replaceLeaves(
      args,
      (leaf) => leaf,
      (number) => full([], number, { dtype, device }),
    );
    return this.f(...(inner as never[]));
  }

  private drop(key: string, { plan, trace: { kept } }: Compiled): void {
    this.cache.delete(key);
    plan.dispose();
    for (const tensor of kept) tensor.dispose();
  }

  dispose(): void {
    for (const [key, compiled] of this.cache) this.drop(key, compiled);
  }
}
