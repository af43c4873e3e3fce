import { add, isDifferentiable, type Tensor } from '@adjoint/tensor';
import { cut, LoopProgram } from './loopProgram.js';
import type { Captured } from './program.js';
import { vjpNamed } from './vjp.js';

/** Positions of the values of a loop that take part in its backward sweep. */
export interface Active {
  readonly carry: readonly number[];
  readonly each: readonly number[];
  readonly shared: readonly number[];
  /** Of what the steps hand out: those with a cotangent. */
  readonly made: readonly number[];
}

export const pick = <T>(list: readonly T[], positions: readonly number[]): T[] =>
  positions.map((i) => list[i]!);

/** A copy of the list with other values at these positions. */
function put<T>(list: readonly T[], positions: readonly number[], values: readonly T[]): T[] {
  const copy = [...list];
  positions.forEach((position, i) => {
    copy[position] = values[i]!;
  });
  return copy;
}

/**
 * The step of the backward sweep. Its carry: cotangents of the carry, and sums of those of the shared values.
 * What it has for itself: the carry before the step and the step's own values, cotangents of what the step
 * handed out and, with `injects`, of the carry after it where that is a result itself. It hands out the
 * cotangents of the step's own values.
 */
export function backwardProgram(
  loop: LoopProgram,
  active: Active,
  injects: boolean,
): { loop: LoopProgram; captured: Captured } {
  const { device, types, made } = loop;
  const carryTypes = pick(types.carry, active.carry);
  const sizes = [types.carry.length, types.each.length, active.made.length, injects ? carryTypes.length : 0];
  return LoopProgram.of(
    device,
    {
      carry: [...carryTypes, ...pick(types.shared, active.shared)],
      each: [...types.carry, ...types.each, ...pick(made, active.made), ...(injects ? carryTypes : [])],
      shared: types.shared,
    },
    (bars, each, shared, k) => {
      const [carryBar, sums] = cut(bars, carryTypes.length, active.shared.length);
      const [carry, own, madeBar, injected] = cut(each, ...sizes);
      const bar = injects ? carryBar!.map((one, i) => add(one, injected![i]!)) : carryBar!;
      const found = pullBackStep(loop, active, { carry: carry!, each: own!, shared, k }, [
        ...bar,
        ...madeBar!,
      ]);
      return {
        carry: [...found.carry, ...sums!.map((sum, i) => add(sum, found.shared[i]!))],
        each: found.each,
      };
    },
  );
}

interface StepInputs {
  readonly carry: readonly Tensor[];
  readonly each: readonly Tensor[];
  readonly shared: readonly Tensor[];
  readonly k: Tensor;
}

/** Cotangents of the active inputs of one step, from those of its active results. */
function pullBackStep(
  loop: LoopProgram,
  active: Active,
  { carry, each, shared, k }: StepInputs,
  cotangents: Tensor[],
): Omit<StepInputs, 'k'> {
  const parts = <T>(list: readonly T[]): T[][] =>
    cut(list, active.carry.length, active.each.length, active.shared.length);
  const step = (...variables: Tensor[]): Tensor[] => {
    const [c, e, s] = parts(variables);
    const next = loop.step(
      put(carry, active.carry, c!),
      put(each, active.each, e!),
      put(shared, active.shared, s!),
      k,
    );
    return [...pick(next.carry, active.carry), ...pick(next.each, active.made)];
  };
  const variables = [
    ...pick(carry, active.carry),
    ...pick(each, active.each),
    ...pick(shared, active.shared),
  ];
  using at = vjpNamed('scan', step, variables);
  const [carryBar, eachBar, sharedBar] = parts(at.pullback(cotangents));
  return { carry: carryBar!, each: eachBar!, shared: sharedBar! };
}

/** Positions of the floating and complex ones. */
export const differentiableAt = (types: readonly { dtype: Tensor['dtype'] }[]): number[] =>
  types.flatMap(({ dtype }, i) => (isDifferentiable(dtype) ? [i] : []));
