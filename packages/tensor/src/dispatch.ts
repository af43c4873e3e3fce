import type { Device } from './device.js';
import { isDifferentiable } from './dtype.js';
import { ArgumentError, DeviceError, DTypeError, describe, UseAfterDisposeError } from './errors.js';
import type { Op } from './op.js';
import { copyOp } from './ops/elementwise/copy.js';
import { currentDevice } from './runtime.js';
import type { TensorType } from './shape.js';
import { Tensor } from './tensor.js';

/** Watches every op that runs: how a tape sees the program. */
export interface Recorder {
  record<A>(op: Op<A>, inputs: readonly Tensor[], outputs: readonly Tensor[], attrs: A): void;
  /**
   * Whether it does not look at what is computed from these tensors now, so that a compiled function may be
   * replayed; throws where such a computation is not allowed. Default: it looks.
   */
  ignores?(inputs: readonly Tensor[]): boolean;
}

const recorders: Recorder[] = [];

/** Starts showing ops to `recorder`; recorders nest. @internal */
export function pushRecorder(recorder: Recorder): void {
  recorders.push(recorder);
}

/** Stops showing ops to `recorder`. @internal */
export function removeRecorder(recorder: Recorder): void {
  const index = recorders.lastIndexOf(recorder);
  if (index >= 0) recorders.splice(index, 1);
}

/** Whether a tape or another recorder looks at what is computed from these tensors. @internal */
export const isRecording = (inputs: readonly Tensor[]): boolean =>
  recorders.some((recorder) => !recorder.ignores?.(inputs));

/** Takes the place of the device: notes what would be computed. */
export interface Tracer {
  trace<A>(
    op: Op<A>,
    inputs: readonly Tensor[],
    types: readonly TensorType[],
    attrs: A,
    device: Device,
  ): Tensor[];
  /** Runs `fn` such that nothing it applies is found equal to what was traced before. */
  apart<R>(fn: () => R): R;
}

let tracer: Tracer | undefined;

/** Whether ops are traced now instead of run. @internal */
export const isTracing = (): boolean => tracer !== undefined;

/**
 * Runs `fn`, which computes something again on purpose: a trace keeps it apart from the first time, so that the
 * first results need not stay in memory. For those who write derivative rules.
 */
export const recompute = <R>(fn: () => R): R => (tracer ? tracer.apart(fn) : fn());

/** Hands every op that `fn` applies to `next` instead of the device. Traces nest. @internal */
export function withTracer<R>(next: Tracer, fn: () => R): R {
  const outer = tracer;
  tracer = next;
  try {
    return fn();
  } finally {
    tracer = outer;
  }
}

/**
 * Runs an op: checks operands, asks for the result types, makes the view or launches the kernels, and
 * shows the result to the recorders. The one way to compute anything.
 *
 * @param device where an op without inputs runs; default the current device.
 */
export function apply<A>(op: Op<A>, inputs: readonly Tensor[], attrs: A, device?: Device): Tensor[] {
  const target = deviceOf(op.name, inputs) ?? device ?? currentDevice(op.name);
  const types = op.infer(inputs, attrs);
  const outputs = tracer
    ? tracer.trace(op, inputs, types, attrs, target)
    : runNow(op, inputs, types, attrs, target);
  for (const recorder of recorders) recorder.record(op, inputs, outputs, attrs);
  return outputs;
}

function runNow<A>(
  op: Op<A>,
  inputs: readonly Tensor[],
  types: readonly TensorType[],
  attrs: A,
  target: Device,
): Tensor[] {
  return op.view
    ? [inputs[0]!.view(op.view(inputs[0]!, attrs), op.name)]
    : launch(op, inputs, types, attrs, target);
}

/** `apply` for the many ops with one result. */
export const apply1 = <A>(op: Op<A>, inputs: readonly Tensor[], attrs: A, device?: Device): Tensor =>
  apply(op, inputs, attrs, device)[0]!;

function launch<A>(
  op: Op<A>,
  inputs: readonly Tensor[],
  types: readonly TensorType[],
  attrs: A,
  device: Device,
): Tensor[] {
  if (op.strided || inputs.every((input) => input.isContiguous))
    return device.execute(op, inputs, types, attrs);
  const copies: Tensor[] = [];
  try {
    const ready = inputs.map((input) => {
      if (input.isContiguous) return input;
      const copy = compact(input);
      copies.push(copy);
      return copy;
    });
    return device.execute(op, ready, types, attrs);
  } finally {
    for (const copy of copies) copy.dispose();
  }
}

/** A contiguous copy that no tape sees. @internal */
export const compact = (x: Tensor): Tensor => x.device.execute(copyOp, [x], [x], undefined)[0]!;

/** The common device of the operands, each checked to be a live tensor. */
export function deviceOf(fn: string, inputs: readonly Tensor[]): Device | undefined {
  let device: Device | undefined;
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i]!;
    checkTensor(fn, inputs.length === 1 ? 'the argument' : `argument ${i + 1}`, input);
    device ??= input.device;
    if (input.device !== device)
      throw new DeviceError({
        fn,
        argument: 'the tensors',
        expected: 'on one device',
        got: `${device.name} and ${input.device.name}`,
        remedy: 'Move one with toDevice().',
      });
  }
  return device;
}

/** Requires a live tensor on a live device. */
export function checkTensor(fn: string, argument: string, value: unknown): Tensor {
  if (!(value instanceof Tensor))
    throw new ArgumentError({ fn, argument, expected: 'a Tensor', got: describe(value) });
  value.check(fn, argument);
  if (value.device.isDisposed)
    throw new UseAfterDisposeError(
      `${fn}: ${argument} lives on a device that was disposed. Call init() and make it again.`,
    );
  return value;
}

/** A live floating or complex tensor. */
export function checkFloating(fn: string, argument: string, value: unknown): Tensor {
  const x = checkTensor(fn, argument, value);
  if (!isDifferentiable(x.dtype))
    throw new DTypeError({
      fn,
      argument,
      expected: 'floating or complex',
      got: x.dtype,
      remedy: "Use cast(x, 'f32').",
    });
  return x;
}
