import {
  type Device,
  type LoopBody,
  type LoopMade,
  type LoopStep,
  type LoopTypes,
  loopBody,
  type Tensor,
  type TensorType,
} from '@adjoint/tensor';
import { type Captured, Program } from './program.js';

/** Cuts a list into parts of these lengths. */
export function cut<T>(list: readonly T[], ...lengths: readonly number[]): T[][] {
  let at = 0;
  return lengths.map((length) => list.slice(at, (at += length)));
}

/** The step of a loop, as a program: what all loops over it and their derivatives are made from. */
export class LoopProgram {
  private compiled: LoopBody | undefined;

  private constructor(
    readonly device: Device,
    readonly types: LoopTypes,
    /** Types of what a step hands out beside the carry. */
    readonly made: readonly TensorType[],
    private readonly program: Program,
    private readonly declared: number,
  ) {}

  /** Runs `step` on stand-ins. What it captures goes behind the other shared values. */
  static of(device: Device, types: LoopTypes, step: LoopStep): { loop: LoopProgram; captured: Captured } {
    const { carry, each, shared } = types;
    let made: TensorType[] = [];
    const { program, captured } = Program.of(
      device,
      [...carry, ...each, ...shared, { shape: [], dtype: 'i32' }],
      (inputs) => {
        const [c, e, s, [k]] = cut(inputs, carry.length, each.length, shared.length, 1);
        const next = step(c!, e!, s!, k!);
        made = next.each.map(({ shape, dtype }) => ({ shape, dtype }));
        return [...next.carry, ...next.each];
      },
    );
    const all = {
      carry,
      each,
      shared: [...shared, ...captured.tensors.map(({ shape, dtype }) => ({ shape, dtype }))],
    };
    return { loop: new LoopProgram(device, all, made, program, shared.length), captured };
  }

  /** One step, on tensors. */
  readonly step = (
    carry: readonly Tensor[],
    each: readonly Tensor[],
    shared: readonly Tensor[],
    k: Tensor,
  ): LoopMade<readonly Tensor[]> => {
    const inputs = [...carry, ...each, ...shared.slice(0, this.declared), k];
    const results = this.program.replay(inputs, shared.slice(this.declared));
    const [next, made] = cut(results, carry.length, this.made.length);
    return { carry: next!, each: made! };
  };

  get body(): LoopBody {
    this.compiled ??= loopBody(this.device, this.types, this.step);
    return this.compiled;
  }
}
