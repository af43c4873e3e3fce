import { constI32, type I32, i32 } from '../../backend/wasm/assembler.js';
import { maxArgs } from '../../backend/wasm/layout.js';
import type { WasmArg, WasmStep, WasmTarget } from '../../backend/wasm/plan.js';
import { floatBits } from '../../backend/wasm/target.js';
import { type DType, dtypeInfo } from '../../dtype.js';
import type { Shape } from '../../shape.js';
import { type Complex, linearise, type Node } from './expression.js';
import { KernelEmitter, type KernelFrame } from './kernel.wasm.js';
import { costOf } from './nodes.wasm.js';
import { planWalk } from './walk.wasm.js';

/** Where an operand lies, seen along the shape that is walked: broadcast axes have stride 0. */
export interface Place {
  readonly dtype: DType;
  /** In elements. */
  readonly strides: readonly number[];
  readonly address: WasmArg;
}

export interface Assignment extends Place {
  /** What is stored: f32 for f32, i32 for i32 and u8, a mask for bool, a pair of f32 for c64. */
  readonly value: Node | Complex<Node>;
}

/**
 * The step that computes expressions for every element of a shape and stores them. Elements of a row
 * are done four at a time; an incomplete vector is computed in full and stored lane by lane, so that a
 * value never depends on where it lies or how the work was split.
 */
export function elementwiseStep(
  target: WasmTarget,
  shape: Shape,
  inputs: readonly Place[],
  outputs: readonly Assignment[],
): WasmStep {
  const expressions = outputs.map(({ value }) => ('re' in value ? [value.re, value.im] : [value]));
  const program = linearise(expressions.flat());
  const operands = [...inputs, ...outputs];
  const walk = planWalk(
    shape,
    operands.map(({ dtype, strides }) => ({ strides, bytes: dtypeInfo[dtype].bytes })),
    program.nodes.every(({ node }) => node.kind !== 'index'),
  );
  const chunk = costOf(program) > 40 ? 8192 : 32768;
  const numbers = [walk.size, ...walk.dims, ...walk.strides.flat()];
  const parameters = program.nodes
    .filter(({ node }) => node.kind === 'parameter')
    .map(({ node }) => (node.type === 'i32' ? node.value : floatBits(node.value)));
  // Rarely, with many operands of high rank, the strides become part of the code.
  const isBaked = operands.length + numbers.length + parameters.length > maxArgs;
  const types = operands.map(({ dtype }, k) => `${dtype}${k < inputs.length ? '<' : '>'}${walk.access[k]}`);
  const key = `elementwise|${types}|${walk.dims.length}|${chunk}|${isBaked ? numbers : ''}|${program.key}`;
  const code = target.kernel(key, (f, scope) => {
    const rank = walk.dims.length;
    const first = operands.length + parameters.length;
    const number = (i: number): I32 => (isBaked ? constI32(numbers[i]!) : scope.arg(first + i));
    const frame: KernelFrame = {
      scratch: scope.scratch,
      words: { dim: (axis) => number(1 + axis), stride: (k, axis) => number(1 + rank + k * rank + axis) },
      parameter: (i) => scope.arg(operands.length + i),
    };
    const bases = operands.map((_, k) => f.let(scope.arg(k)));
    new KernelEmitter(f, frame, target, program, walk, inputs, outputs).emit(bases, (run) => {
      const start = f.let(i32.mul(scope.task, chunk));
      run(start, i32.minS(f.let(i32.add(start, chunk)), f.let(number(0))));
    });
  });
  return {
    code,
    tasks: Math.ceil(walk.size / chunk),
    args: [...operands.map(({ address }) => address), ...parameters, ...(isBaked ? [] : numbers)],
  };
}
