import {
  AdjointError,
  add,
  formatType,
  identity,
  isDifferentiable,
  type Op,
  pushRecorder,
  type Recorder,
  removeRecorder,
  sameShape,
  scope,
  Tensor,
} from '@adjoint/tensor';
import { primitiveNode, type TapeNode } from './node.js';

/** Tapes that are watching, outermost first. */
const watching: Tape[] = [];

/**
 * How the tapes treat what runs inside a custom op: `silent` ignores it; `guarded` ignores it too, but
 * refuses a value that carries a gradient and was not passed to the op (its derivative would be lost).
 */
type Pause = { readonly kind: 'silent' } | { readonly kind: 'guarded'; readonly op: string };

/**
 * Records the operations that depend on its watched values, then runs them backwards. Values are known
 * by `tensor.id`, which aliases share. Tapes nest: while an inner tape runs backwards it does not
 * record, but every outer tape sees its pullbacks as ordinary operations, hence any order of derivative.
 */
export class Tape implements Recorder {
  private readonly nodes: TapeNode[] = [];
  private readonly tracked = new Set<number>();
  private pause: Pause | undefined;
  private spent = false;

  /** Runs `fn` and records what depends on `variables`. */
  watch<R>(variables: readonly Tensor[], fn: () => R): R {
    for (const { id } of variables) this.tracked.add(id);
    watching.push(this);
    pushRecorder(this);
    try {
      return fn();
    } catch (error) {
      this.dispose();
      throw error;
    } finally {
      removeRecorder(this);
      watching.splice(watching.lastIndexOf(this), 1);
    }
  }

  record<A>(op: Op<A>, inputs: readonly Tensor[], outputs: readonly Tensor[], attrs: A): void {
    if (op.stopsGradient || !this.wants(inputs)) return;
    const needs = inputs.map(({ id }) => this.tracked.has(id));
    this.push(primitiveNode(op, inputs, outputs, attrs, needs), outputs);
  }

  ignores(inputs: readonly Tensor[]): boolean {
    return this.pause !== undefined && !this.wants(inputs);
  }

  /** Whether a node with these inputs belongs on this tape now. */
  wants(inputs: readonly Tensor[]): boolean {
    if (this.pause?.kind === 'silent' || !inputs.some(({ id }) => this.tracked.has(id))) return false;
    if (this.pause) throw undeclared(this.pause.op, inputs.find(({ id }) => this.tracked.has(id))!);
    return true;
  }

  isTracked(value: Tensor): boolean {
    return this.tracked.has(value.id);
  }

  /** Appends a node; its floating and complex outputs carry gradients from now on. */
  push(node: TapeNode, outputs: readonly Tensor[]): void {
    const differentiable = outputs.filter(({ dtype }) => isDifferentiable(dtype));
    if (differentiable.length === 0) {
      for (const tensor of node.saved) tensor.dispose();
      return;
    }
    this.nodes.push(node);
    for (const { id } of differentiable) this.tracked.add(id);
  }

  /** Runs `fn` with every watching tape paused; tapes started inside record as usual. */
  static paused<R>(pause: Pause, fn: () => R): R {
    const before = watching.map((tape) => [tape, tape.pause] as const);
    for (const [tape] of before) tape.pause = pause;
    try {
      return fn();
    } finally {
      for (const [tape, old] of before) tape.pause = old;
    }
  }

  /** The tapes that want a node with these inputs. */
  static recordingFor(inputs: readonly Tensor[]): Tape[] {
    return watching.filter((tape) => tape.wants(inputs));
  }

  /**
   * Cotangents of `variables` given cotangents of results, by one reverse sweep. Saved values are freed
   * on the way unless `retain` is set. `undefined` means that nothing depends on the variable.
   */
  backward(
    seeds: readonly (readonly [id: number, cotangent: Tensor])[],
    variables: readonly Tensor[],
    { retain }: { retain: boolean },
  ): (Tensor | undefined)[] {
    if (this.spent)
      throw new AdjointError({
        fn: 'vjp',
        argument: 'the pullback',
        expected: 'called before dispose()',
        got: 'a call after it',
        remedy: 'Call vjp() again.',
      });
    const cotangents = new CotangentSums();
    try {
      for (const [id, cotangent] of seeds) cotangents.add(id, cotangent);
      for (let i = this.nodes.length - 1; i >= 0; i--) {
        sweep(this.nodes[i]!, cotangents);
        if (!retain) for (const tensor of this.nodes[i]!.saved) tensor.dispose();
      }
      // A sum is the tape's own handle; `identity` makes one that belongs to the caller.
      return variables.map(({ id }) => {
        const sum = cotangents.get(id);
        return sum && identity(sum);
      });
    } finally {
      cotangents.dispose();
      if (!retain) this.dispose();
    }
  }

  /** Frees saved values. */
  dispose(): void {
    this.spent = true;
    for (const { saved } of this.nodes) for (const tensor of saved) tensor.dispose();
    this.nodes.length = 0;
  }
}

/** Runs one node backwards, if a cotangent reached it. */
function sweep(node: TapeNode, cotangents: CotangentSums): void {
  const incoming = node.outputs.map((id) => cotangents.take(id));
  if (!incoming.some(Boolean)) return;
  try {
    scope(() => {
      const results = node.pullback(incoming);
      node.inputs.forEach((id, i) => {
        const result = results[i];
        if (!node.needs[i] || result === undefined) return;
        checkCotangent(node, i, result);
        cotangents.add(id, result);
      });
    });
  } finally {
    for (const cotangent of incoming) cotangent?.dispose();
  }
}

/** Running sums of cotangents by value id. Holds aliases, so that scopes do not free them. */
class CotangentSums {
  private readonly sums = new Map<number, Tensor>();

  add(id: number, cotangent: Tensor): void {
    const old = this.sums.get(id);
    if (!old) {
      this.sums.set(id, cotangent.alias());
      return;
    }
    const sum = add(old, cotangent);
    this.sums.set(id, sum.alias());
    sum.dispose();
    old.dispose();
  }

  get(id: number): Tensor | undefined {
    return this.sums.get(id);
  }

  take(id: number): Tensor | undefined {
    const sum = this.sums.get(id);
    this.sums.delete(id);
    return sum;
  }

  dispose(): void {
    for (const sum of this.sums.values()) sum.dispose();
    this.sums.clear();
  }
}

function undeclared(op: string, value: Tensor): AdjointError {
  return new AdjointError({
    fn: op,
    argument: `the ${formatType(value)} tensor that forward uses (made by ${value.origin})`,
    expected: 'passed to the op as an argument, because a gradient is taken with respect to it',
    got: 'one captured from outside',
    remedy: 'Declare it as an argument of the custom op, or wrap it in stopGradient() before the op.',
  });
}

/** A rule that returns the wrong type would corrupt every gradient behind it. */
function checkCotangent(node: TapeNode, i: number, cotangent: Tensor): void {
  const type = node.inputTypes[i]!;
  const fn = `pullback of ${node.name}`;
  if (
    !(cotangent instanceof Tensor) ||
    cotangent.dtype !== type.dtype ||
    !sameShape(cotangent.shape, type.shape)
  )
    throw new AdjointError({
      fn,
      argument: `the cotangent of input ${i}`,
      expected: `of the input's type ${formatType(type)}`,
      got: cotangent instanceof Tensor ? formatType(cotangent) : String(cotangent),
    });
  cotangent.check(fn, `the cotangent of input ${i}`);
}
