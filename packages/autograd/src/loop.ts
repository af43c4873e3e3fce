import {
  add,
  full,
  identity,
  type LoopInputs,
  type LoopOutputs,
  runLoop,
  scope,
  type Tensor,
  type TensorType,
} from '@adjoint/tensor';
import { type CustomRule, customFunction } from './customOp.js';
import { type Active, backwardProgram, differentiableAt, pick } from './loopBackward.js';
import { cut, type LoopProgram } from './loopProgram.js';
import type { Cotangents } from './node.js';
import { asStep } from './program.js';
import { Tape } from './tape.js';

/** A run of a loop. */
export interface LoopRun {
  readonly loop: LoopProgram;
  readonly n: number;
  /** Number of the first step, and what is added for the next. */
  readonly from: number;
  readonly by: number;
  /** The carry is kept after every so many steps, if it is kept: for a tape, or as a result. */
  readonly checkpointEvery: number;
  readonly keeps: boolean;
}

/** Steps between two kept carries: as many segments as steps in each. */
export const defaultSpacing = (n: number): number => Math.ceil(Math.sqrt(n));

/** Whether a tape wants the derivative of what is computed from these. */
const isWatched = ({ carry, each, shared }: LoopInputs): boolean =>
  Tape.recordingFor([...carry, ...each.flat(), ...shared]).length > 0;

/** Runs a loop that tapes can differentiate, to any order. */
export function runSteps(run: LoopRun, inputs: LoopInputs): LoopOutputs {
  // a program that notes the loop must know every value that a pullback reads, and get it again
  const fixed = { ...run, keeps: run.keeps || isWatched(inputs) };
  const call = asStep(
    (values: LoopInputs) => scope(() => differentiableLoop(fixed, values)),
    (values) => runSteps(fixed, values),
  );
  return call(inputs);
}

function differentiableLoop(run: LoopRun, { carry, each, shared }: LoopInputs): LoopOutputs {
  const keepEvery = run.keeps ? run.checkpointEvery : 0;
  return customFunction(loopRule(run, keepEvery), false)(...carry, ...each.flat(), ...shared);
}

function loopRule(run: LoopRun, keepEvery: number): CustomRule<Tensor[], LoopOutputs> {
  const { loop, n, from, by } = run;
  const { carry, each, shared } = loop.types;
  const inputsFrom = (flat: readonly Tensor[]): LoopInputs => {
    const [first, own, rest] = cut(flat, carry.length, n * each.length, shared.length);
    return { carry: first!, each: cut(own!, ...new Array<number>(n).fill(each.length)), shared: rest! };
  };
  return {
    name: 'scan',
    forward: (...flat) => runLoop(loop.body, { n, from, by, keepEvery }, inputsFrom(flat)),
    pullback: (cotangent, { args, output, needs }) => {
      const [, own, rest] = cut(needs, carry.length, n * each.length, shared.length);
      const isWanted = (j: number): boolean => own!.some((need, i) => need && i % each.length === j);
      const active: Active = {
        carry: differentiableAt(carry),
        each: differentiableAt(each).filter(isWanted),
        shared: differentiableAt(shared).filter((j) => rest![j]),
        made: differentiableAt(loop.made).filter((j) => cotangent.each.some((list) => list[j])),
      };
      return new BackwardSweep(run, keepEvery, active, inputsFrom(args), output.kept, cotangent).run();
    },
  };
}

/** The pullback of a loop: from the last segment to the first, its carries again and its steps backwards. */
class BackwardSweep {
  /** As long as the steps between two carries that are at hand; of all steps if all are. */
  private readonly segment: number;
  /** Whether the carries in between have cotangents, and enter step by step. */
  private readonly injects: boolean;

  constructor(
    private readonly loopRun: LoopRun,
    private readonly keepEvery: number,
    private readonly active: Active,
    private readonly inputs: LoopInputs,
    private readonly kept: LoopOutputs['kept'],
    private readonly cotangent: LoopOutputs,
  ) {
    this.segment = keepEvery === 1 ? loopRun.n : keepEvery;
    this.injects = keepEvery === 1 && cotangent.kept.some((carry) => carry.some(Boolean));
  }

  /** Cotangents of the inputs of the loop, one after the other. */
  run(): Cotangents {
    const { loop, n } = this.loopRun;
    const { active } = this;
    const { carry, each, shared } = loop.types;
    const backward = backwardProgram(loop, active, this.injects);
    let bars = this.firstBars();
    const eachBars: (readonly Tensor[])[] = [];
    try {
      for (let start = n - 1 - ((n - 1) % this.segment); start >= 0; start -= this.segment) {
        const done = scope(() =>
          this.sweepSegment(start, backward.loop, [...bars], backward.captured.tensors),
        );
        for (const bar of bars) bar.dispose();
        bars = done.carry;
        eachBars.push(...done.each);
      }
    } finally {
      backward.captured.dispose();
    }
    const [carryBar, sharedBar] = cut(bars, active.carry.length, active.shared.length);
    return [
      ...spread(carry.length, active.carry, carryBar!),
      ...eachBars.reverse().flatMap((list) => spread(each.length, active.each, list)),
      ...spread(shared.length, active.shared, sharedBar!),
    ];
  }

  /** Cotangents of the last carry, and empty sums for the shared values. */
  private firstBars(): readonly Tensor[] {
    const { carry, shared } = this.loopRun.loop.types;
    const { active, cotangent } = this;
    return [
      ...active.carry.map((j) => (cotangent.carry[j] ? identity(cotangent.carry[j]) : this.zero(carry[j]!))),
      ...pick(shared, active.shared).map((type) => this.zero(type)),
    ];
  }

  private zero({ shape, dtype }: TensorType): Tensor {
    return full(shape, 0, { dtype, device: this.loopRun.loop.device });
  }

  /** Goes back over the steps from `start` on. */
  private sweepSegment(
    start: number,
    loop: LoopProgram,
    bars: Tensor[],
    captured: readonly Tensor[],
  ): LoopOutputs {
    const { n, from, by } = this.loopRun;
    const count = Math.min(this.segment, n - start);
    const carries = this.carries(start, count);
    const each = carries.map((carry, i) => [...carry, ...this.ownOf(start + i)]).reverse();
    const shared = [...this.inputs.shared, ...captured];
    const last = from + by * (start + count - 1);
    const run = {
      loop,
      n: count,
      from: last,
      by: -by,
      checkpointEvery: defaultSpacing(count),
      keeps: false,
    };
    const made = runSteps(run, { carry: bars, each, shared });
    return { ...made, carry: this.withKept(start, made.carry) };
  }

  /** The carries before `count` steps from `start` on: known, or computed again. */
  private carries(start: number, count: number): (readonly Tensor[])[] {
    const { inputs, kept, keepEvery } = this;
    if (keepEvery === 1) return [inputs.carry, ...kept];
    const first = start === 0 ? inputs.carry : kept[start / keepEvery - 1]!;
    if (count === 1) return [first];
    const { loop, from, by } = this.loopRun;
    const run = { loop, n: count - 1, from: from + by * start, by, checkpointEvery: 1, keeps: true };
    const each = inputs.each.slice(start, start + count - 1);
    const again = runSteps(run, { carry: first, each, shared: inputs.shared });
    return [first, ...again.kept, again.carry];
  }

  /** What a step of the sweep has for itself, besides the carry. */
  private ownOf(step: number): Tensor[] {
    const { active, cotangent, inputs } = this;
    const { loop } = this.loopRun;
    const made = active.made.map((j) => cotangent.each[step]![j] ?? this.zero(loop.made[j]!));
    if (!this.injects) return [...inputs.each[step]!, ...made];
    const after = active.carry.map((j) => cotangent.kept[step]?.[j] ?? this.zero(loop.types.carry[j]!));
    return [...inputs.each[step]!, ...made, ...after];
  }

  /** Adds the cotangents of the carry that was kept before this step. */
  private withKept(start: number, bars: readonly Tensor[]): readonly Tensor[] {
    if (start === 0) return bars;
    const kept = this.cotangent.kept[start / this.keepEvery - 1]!;
    return bars.map((bar, i) => {
      const more = i < this.active.carry.length ? kept[this.active.carry[i]!] : undefined;
      return more ? add(bar, more) : bar;
    });
  }
}

/** A list of `length` with values at these positions. */
function spread(length: number, positions: readonly number[], values: readonly Tensor[]): Cotangents {
  const list = new Array<Tensor | undefined>(length).fill(undefined);
  positions.forEach((position, i) => {
    list[position] = values[i];
  });
  return list;
}
