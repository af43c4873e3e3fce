import { refusePromise } from '../check.js';
import type { Device } from '../device.js';
import { withTracer } from '../dispatch.js';
import { isDouble } from '../dtype.js';
import { scope } from '../scope.js';
import type { Tensor } from '../tensor.js';
import type { Graph } from './graph.js';
import { replaceLeaves, type Signature } from './signature.js';
import { Tracer } from './tracer.js';

/** A function run once with symbolic arguments. */
export interface Trace {
  readonly graph: Graph;
  /** What the function returned: a tree whose tensors are replaced by those of a call. */
  readonly resultTree: unknown;
  /** Tensors from outside that it used, still alive: while they are, the trace holds. */
  readonly captured: readonly Tensor[];
  /** Handles that keep tensors made while tracing. */
  readonly kept: readonly Tensor[];
}

/** f32; f64 beside a tensor of double precision. */
export const numberDType = (tensors: readonly Tensor[]): 'f32' | 'f64' =>
  tensors.some(({ dtype }) => isDouble(dtype)) ? 'f64' : 'f32';

/** Runs `f` with stand-ins for the arguments and notes what it computes. */
export function trace(
  device: Device,
  f: (...args: never[]) => unknown,
  args: readonly unknown[],
  { tensors, numbers }: Signature,
): Trace {
  const tracer = new Tracer(device, { shape: [numbers.length], dtype: numberDType(tensors) });
  const found: { graph?: Graph; resultTree?: unknown } = {};
  try {
    scope(() =>
      withTracer(tracer, () => {
        let next = 0;
        const inner = replaceLeaves(
          args,
          (leaf) => tracer.input(leaf),
          () => tracer.number(next++),
        ) as never[];
        const result = refusePromise('jit', 'the function', f(...inner));
        const leaves: Tensor[] = [];
        found.resultTree = replaceLeaves(result, (leaf) => {
          leaf.check('jit', 'a tensor in the result of the function');
          leaves.push(leaf);
          return leaf;
        });
        found.graph = tracer.finish(leaves);
      }),
    );
  } catch (error) {
    for (const alias of tracer.captured.values()) alias.dispose();
    throw error;
  } finally {
    tracer.state.open = false;
  }
  const kept: Tensor[] = [];
  const captured: Tensor[] = [];
  for (const [handle, alias] of tracer.captured)
    if (handle.isDisposed) kept.push(alias);
    else {
      captured.push(handle);
      alias.dispose();
    }
  return { graph: found.graph!, resultTree: found.resultTree, captured, kept };
}
