import { isByte, KernelText } from '../../backend/webgpu/kernelText.js';
import type { WgslPlan } from '../../backend/webgpu/plan.js';
import { type Layout, sizeOf, type TensorType } from '../../shape.js';
import { broadcastStrides } from './broadcast.js';
import type { Value } from './convert.js';

const workgroupSize = 256;
/** From this many elements on an invocation computes several: fewer groups, more loads under way at once. */
const largeSize = 1 << 20;
const elementsPerInvocation = 4;

/**
 * The plan that computes an expression for every element of `y`, in one pass over its operands. Operands are
 * the inputs of the launch and broadcast to the shape of `y`.
 */
export function elementwisePlan(
  name: string,
  operands: readonly Layout[],
  y: TensorType,
  value: Value,
): WgslPlan {
  const text = new KernelText();
  const laidOut = operands.map((layout, input) => ({
    layout: { ...layout, shape: y.shape, strides: broadcastStrides(layout, y.shape) },
    input,
  }));
  text.expressionFunction('element', y.dtype, y.shape, value, laidOut);
  const output = text.bind({ output: 0 }, isByte(y.dtype) ? 'i32' : y.dtype, 'write');
  const size = sizeOf(y.shape);
  text.word('size', { type: 'u32', value: size });
  const { body, items } = isByte(y.dtype) ? byteBody(output.name, y, size) : plainBody(output.name, size);
  return {
    steps: [
      text.step({
        name: `elementwise/${name}`,
        about: `${name}: y[i] = f(operands at i); 1 pass over each operand and y`,
        workgroupSize,
        groups: Math.ceil(items / workgroupSize),
        body,
      }),
    ],
  };
}

interface Body {
  readonly body: string;
  /** Invocations. */
  readonly items: number;
}

/** Neighbouring invocations compute neighbouring elements. */
function plainBody(name: string, size: number): Body {
  if (size < largeSize)
    return {
      items: size,
      body: `let i = group * ${workgroupSize}u + local;
if (i < p.size) { ${name}[i] = element(i); }`,
    };
  return {
    items: Math.ceil(size / elementsPerInvocation),
    body: `let first = group * ${workgroupSize * elementsPerInvocation}u + local;
for (var k = 0u; k < ${elementsPerInvocation}u; k++) {
let i = first + k * ${workgroupSize}u;
if (i < p.size) { ${name}[i] = element(i); }
}`,
  };
}

/** An invocation computes the four elements of a word; nobody else writes it. */
function byteBody(name: string, { dtype }: TensorType, size: number): Body {
  const byte = dtype === 'bool' ? 'select(0u, 1u, element(i))' : 'bitcast<u32>(element(i)) & 255u';
  return {
    items: Math.ceil(size / 4),
    body: `let at = group * ${workgroupSize}u + local;
if (4u * at < p.size) {
var word = 0u;
for (var k = 0u; k < 4u; k++) {
let i = 4u * at + k;
if (i < p.size) { word |= (${byte}) << (8u * k); }
}
${name}[at] = bitcast<i32>(word);
}`,
  };
}
