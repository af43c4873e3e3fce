import type { Device } from '../device.js';
import { type Tracer as DispatchTracer, withTracer } from '../dispatch.js';
import type { Op } from '../op.js';
import { scope } from '../scope.js';
import type { TensorType } from '../shape.js';
import { Tensor } from '../tensor.js';
import { bytesOf, wholeLayout } from './graph.js';
import { SymbolicStorage, type TraceState } from './symbolic.js';

/** Gives every op a result of the right type and notes nothing. */
class Sketch implements DispatchTracer {
  readonly state: TraceState = { open: true };
  private nextId = 0;

  constructor(private readonly device: Device) {}

  standIn(type: TensorType, origin: string): Tensor {
    const buffer = { id: this.nextId++, bytes: bytesOf(type), source: { kind: 'node' } as const };
    return Tensor.over(new SymbolicStorage(this.device, buffer, this.state), wholeLayout(type), origin);
  }

  trace<A>(op: Op<A>, inputs: readonly Tensor[], types: readonly TensorType[], attrs: A): Tensor[] {
    const [x] = inputs;
    if (op.view) return [x!.view(op.view(x!, attrs), op.name)];
    return types.map((type) => this.standIn(type, op.name));
  }

  apart<R>(fn: () => R): R {
    return fn();
  }
}

/**
 * Runs `fn` on stand-ins for tensors of these types: shapes are checked and recorders see the ops, but nothing is
 * computed. The tensors made inside end with it.
 */
export function sketch<R>(
  device: Device,
  types: readonly TensorType[],
  fn: (...standIns: readonly Tensor[]) => R,
): R {
  const tracer = new Sketch(device);
  try {
    return scope(() =>
      withTracer(tracer, () => fn(...types.map((type) => tracer.standIn(type, 'an argument')))),
    );
  } finally {
    tracer.state.open = false;
  }
}
