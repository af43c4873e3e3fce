import {
  apply,
  type Device,
  type Op,
  pushRecorder,
  type Recorder,
  removeRecorder,
  sketch,
  type Tensor,
  type TensorType,
} from '@adjoint/tensor';
import { Tape } from './tape.js';
import { rebuildTree, treeLeaves } from './tree.js';

/** Values are numbered in the order in which the program meets them. */
interface Step {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  run(inputs: readonly Tensor[]): readonly Tensor[];
}

/** The tensors that a program uses besides its inputs, held until `dispose`. */
export class Captured {
  private readonly held: { readonly handle: Tensor; readonly alias: Tensor }[] = [];

  add(handle: Tensor): void {
    this.held.push({ handle, alias: handle.alias() });
  }

  /** The handles that were used, because a trace watches these; others for those that ended with the function. */
  get tensors(): readonly Tensor[] {
    return this.held.map(({ handle, alias }) => (handle.isDisposed ? alias : handle));
  }

  dispose(): void {
    for (const { alias } of this.held) alias.dispose();
  }
}

/** The program that notes what runs now: only the innermost does. */
let current: Program | undefined;

/**
 * The ops of one run of a function, to be run again on other tensors, under tapes too. Where a loop needs the
 * derivative of its body, the JavaScript function must not run a second time: what it closes over may have changed
 * or ended by then.
 */
export class Program implements Recorder {
  private readonly steps: Step[] = [];
  private readonly known = new Map<number, number>();
  private readonly captured: number[] = [];
  private count = 0;
  private inputs: readonly number[] = [];
  private results: readonly number[] = [];

  private constructor(private readonly outside: Captured) {}

  /** Runs `fn` on stand-ins. The caller disposes of `captured`. */
  static of(
    device: Device,
    types: readonly TensorType[],
    fn: (inputs: readonly Tensor[]) => readonly Tensor[],
  ): { program: Program; captured: Captured } {
    const captured = new Captured();
    const program = new Program(captured);
    const outer = current;
    current = program;
    try {
      Tape.paused({ kind: 'silent' }, () => {
        sketch(device, types, (...inputs) => program.note(inputs, fn));
      });
    } catch (error) {
      captured.dispose();
      throw error;
    } finally {
      current = outer;
    }
    program.known.clear();
    return { program, captured };
  }

  /** Runs it again. @param captured stand for the captured tensors, in their order. */
  replay(inputs: readonly Tensor[], captured: readonly Tensor[]): Tensor[] {
    const values: Tensor[] = [];
    [...this.inputs, ...this.captured].forEach((number, i) => {
      values[number] = i < inputs.length ? inputs[i]! : captured[i - inputs.length]!;
    });
    const valuesOf = (numbers: readonly number[]): Tensor[] => numbers.map((number) => values[number]!);
    for (const { inputs: read, outputs, run } of this.steps) {
      const made = run(valuesOf(read));
      outputs.forEach((number, i) => {
        values[number] = made[i]!;
      });
    }
    return valuesOf(this.results);
  }

  private note(inputs: readonly Tensor[], fn: (inputs: readonly Tensor[]) => readonly Tensor[]): void {
    this.inputs = inputs.map((input) => this.add(input));
    pushRecorder(this);
    try {
      this.results = fn(inputs).map((result) => this.numberOf(result));
    } finally {
      removeRecorder(this);
    }
  }

  private add({ id }: Tensor): number {
    this.known.set(id, this.count);
    return this.count++;
  }

  /** The number of a value; one that was not seen before comes from outside. */
  private numberOf(value: Tensor): number {
    const known = this.known.get(value.id);
    if (known !== undefined) return known;
    const number = this.add(value);
    this.captured.push(number);
    this.outside.add(value);
    return number;
  }

  record<A>(op: Op<A>, inputs: readonly Tensor[], outputs: readonly Tensor[], attrs: A): void {
    if (current !== this) return;
    const { device } = outputs[0]!;
    this.addStep(inputs, outputs, (values) => apply(op, values, attrs, device));
  }

  /** Notes a call as a whole. */
  noteCall<A extends unknown[]>(call: (...args: A) => unknown, args: A, output: unknown): void {
    this.addStep(treeLeaves(args), treeLeaves(output), (values) =>
      treeLeaves(call(...rebuildTree(args, values))),
    );
  }

  private addStep(inputs: readonly Tensor[], outputs: readonly Tensor[], run: Step['run']): void {
    this.steps.push({
      inputs: inputs.map((input) => this.numberOf(input)),
      outputs: outputs.map((output) => this.add(output)),
      run,
    });
  }
}

/**
 * The same function; a program notes its call as one step, so that its own derivative rule is kept.
 * @param again what is called when the program runs again; of its result the first tensors are used.
 */
export function asStep<A extends unknown[], V>(
  run: (...args: A) => V,
  again?: (...args: A) => V,
): (...args: A) => V {
  const step = (...args: A): V => {
    const program = current;
    if (!program) return run(...args);
    current = undefined;
    try {
      const output = run(...args);
      program.noteCall(again ?? step, args, output);
      return output;
    } finally {
      current = program;
    }
  };
  return step;
}
