import {
  ArgumentError,
  checkFunction,
  checkInteger,
  checkOptions,
  checkTensor,
  describe,
  identity,
  refusePromise,
  scope,
  Tensor,
  type TensorType,
} from '@adjoint/tensor';
import { defaultSpacing, runSteps } from './loop.js';
import { LoopProgram } from './loopProgram.js';
import type { Captured } from './program.js';
import { checkSameType } from './recording.js';
import { isBranch, mapTree, pairLeaves, rebuildTree } from './tree.js';

export interface ScanOptions {
  /**
   * A gradient keeps the carry after every so many steps and computes the others again, once. 1 keeps all.
   * Default: about √n.
   */
  readonly checkpointEvery?: number;
}

/**
 * A loop with a fixed number of steps: carryₖ₊₁ = body(carryₖ, k) for k = 0 … n − 1; returns carryₙ. The body is
 * compiled once, whatever n is; inside `jit` the loop is one node of the graph.
 *
 * The gradient keeps every `checkpointEvery`-th carry and goes back segment by segment: carries again, then
 * the compiled pullback of the body step by step. It reaches the carry and every tensor that the body closes
 * over, and can be differentiated again. Memory: about n / checkpointEvery + checkpointEvery carries.
 * Griewank & Walther 2000.
 *
 * @param body runs once per call of `scan` (once per trace inside `jit`), on symbolic tensors: synchronous, reads no
 * values. Numbers it closes over are constants of the loop.
 * `k` is the number of the step, a 0-d i32 tensor: it indexes (`take`) and takes the dtype of what it meets.
 * @param n at least 0; 0 steps return the carry.
 * @param carry a tree of tensors. The body returns a tree of the same structure, shapes and dtypes.
 * @throws ArgumentError, ShapeError, DTypeError naming the part of the carry that the body changes; TraceError for a
 * value that is read.
 * @example
 * // 100 steps of gradient descent on f, differentiable in x0 and all that f closes over
 * const x = scan((v: Tensor) => sub(v, mul(grad(f)(v), 0.1)), 100, x0);
 */
export function scan<C>(body: (carry: C, k: Tensor) => C, n: number, carry: C, options: ScanOptions = {}): C {
  checkFunction('scan', 'the body', body);
  checkInteger('scan', 'n', n, { min: 0 });
  const { checkpointEvery = Math.max(1, defaultSpacing(n)) } = checkOptions('scan', options, [
    'checkpointEvery',
  ]);
  checkInteger('scan', 'option checkpointEvery', checkpointEvery, { min: 1 });
  const leaves = carryLeaves(carry);
  if (n === 0) return mapTree(carry, identity);
  return scope(() => {
    const { loop, captured } = bodyProgram(body, carry, leaves);
    const run = { loop, n, from: 0, by: 1, checkpointEvery, keeps: false };
    try {
      const each = new Array<Tensor[]>(n).fill([]);
      return rebuildTree(carry, runSteps(run, { carry: leaves, each, shared: captured.tensors }).carry);
    } finally {
      captured.dispose();
    }
  });
}

function bodyProgram<C>(
  body: (carry: C, k: Tensor) => C,
  carry: C,
  leaves: readonly Tensor[],
): { loop: LoopProgram; captured: Captured } {
  const types = leaves.map(({ shape, dtype }): TensorType => ({ shape, dtype }));
  return LoopProgram.of(
    leaves[0]!.device,
    { carry: types, each: [], shared: [] },
    (inner, _each, _shared, k) => {
      const argument = 'the result of the body';
      const next = refusePromise('scan', 'the body', body(rebuildTree(carry, inner), k));
      const pairs = pairLeaves('scan', argument, carry, next);
      for (const [leaf, made, path] of pairs) checkSameType('scan', argument + path, leaf, made);
      return { carry: pairs.map(([, made]) => made as Tensor), each: [] };
    },
  );
}

/** The tensors of the carry, which holds nothing else: a number would stay what it is through all steps. */
function carryLeaves(carry: unknown): Tensor[] {
  const leaves: Tensor[] = [];
  const walk = (value: unknown, path: string): void => {
    if (value instanceof Tensor) {
      leaves.push(checkTensor('scan', `the carry${path}`, value));
      return;
    }
    if (!isBranch(value)) throw notACarry(value, path);
    for (const [name, item] of Object.entries(value))
      walk(item, Array.isArray(value) ? `${path}[${name}]` : `${path}.${name}`);
  };
  walk(carry, '');
  if (leaves.length === 0) throw notACarry(carry, '');
  return leaves;
}

const notACarry = (value: unknown, path: string): ArgumentError =>
  new ArgumentError({
    fn: 'scan',
    argument: `the carry${path}`,
    expected: 'a tensor, or nested objects and arrays of tensors',
    got: describe(value),
    remedy: 'Make numbers that change tensors with tensor(value); close over what stays.',
  });
