import { apply } from '../dispatch.js';
import { defineOp } from '../op.js';
import type { Tensor } from '../tensor.js';
import type { LoopBody } from './loopBody.js';
import { type LoopAttrs, type LoopSpec, loopParts, outputTypes } from './loopLayout.js';
import { LoopRoutine } from './loopRoutine.js';

/** Values that a loop reads. */
export interface LoopInputs {
  readonly carry: readonly Tensor[];
  /** A list per step. */
  readonly each: readonly (readonly Tensor[])[];
  readonly shared: readonly Tensor[];
}

/** Values that it makes. */
export interface LoopOutputs {
  /** After the last step. */
  readonly carry: readonly Tensor[];
  /** What the steps handed out, a list per step. */
  readonly each: readonly (readonly Tensor[])[];
  /** The carry after every `keepEvery` steps, but not after the last. */
  readonly kept: readonly (readonly Tensor[])[];
}

/** A loop as one op. Inputs: the carry, what every step has for itself, what all share. */
export const loopOp = defineOp<LoopAttrs>({
  name: 'scan',
  key: ({ body, n, from, by, keepEvery }) => `${n},${from},${by},${keepEvery};${body.key}`,
  infer: (_, attrs) => outputTypes(attrs),
  routine: (_, attrs) => new LoopRoutine(attrs),
});

/** Runs a loop: now, or as one node of a trace. Tapes know no derivative of it. */
export function runLoop(body: LoopBody, spec: LoopSpec, { carry, each, shared }: LoopInputs): LoopOutputs {
  // loops that do not ask for the number of the step share kernels, wherever they start
  const attrs = { ...spec, ...(body.counts ? {} : { from: 0, by: 1 }), body };
  const outputs = apply(loopOp, [...carry, ...each.flat(), ...shared], attrs, body.graph.device);
  const { last, kept, made, spare, slots, counter } = loopParts(attrs, outputs);
  for (const work of [...spare, ...slots, counter]) work.dispose();
  return { carry: last, each: made, kept };
}
