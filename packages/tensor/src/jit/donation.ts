import { dtypeInfo } from '../dtype.js';
import { isContiguous, type Layout, sameShape } from '../shape.js';
import { bytesOf, type Graph, type GraphBuffer, type GraphNode } from './graph.js';
import { lastUses } from './memoryPlan.js';

/**
 * Which argument's memory a result may take: one of equal bytes that no step reads after the result is
 * written. The step that writes it may still read the argument if it works element by element, each from
 * its own place, and the backend can do that.
 *
 * @param donated layouts of the donated tensors, by index among the tensor arguments.
 * @param made buffers that are written for results.
 */
export function planDonation(
  { inputs, results, device }: Graph,
  steps: readonly GraphNode[],
  donated: ReadonlyMap<number, Layout>,
  made: readonly GraphBuffer[],
): Map<GraphBuffer, number> {
  const last = lastUses(steps);
  const taken = new Map<GraphBuffer, number>();
  const open = new Map(
    [...donated].filter(
      ([index, layout]) => isWhole(layout) && results.every(({ buffer }) => buffer !== inputs[index]),
    ),
  );
  for (const result of made) {
    const written = steps.findIndex(({ outputs }) => outputs.includes(result));
    const writer = steps[written]!;
    for (const [index, layout] of open) {
      const input = inputs[index]!;
      const used = last.get(input) ?? -1;
      const isSafe =
        used < written ||
        (used === written &&
          device.backend.writesInPlace &&
          readsInPlace(writer, input, writer.outputs.indexOf(result)));
      if (!isSafe || bytesOf(layout) !== result.bytes) continue;
      taken.set(result, index);
      open.delete(index);
      break;
    }
  }
  return taken;
}

const isWhole = ({ shape, strides }: Layout): boolean => isContiguous(shape, strides);

/** Whether every element of the output depends on this input only through the element at the same address. */
function readsInPlace(node: GraphNode, input: GraphBuffer, output: number): boolean {
  const type = node.types[output]!;
  return (
    node.op.expression !== undefined &&
    node.inputs.every(
      ({ buffer, layout }) =>
        buffer !== input ||
        (sameShape(layout.shape, type.shape) &&
          isWhole(layout) &&
          layout.offset === 0 &&
          dtypeInfo[layout.dtype].bytes === dtypeInfo[type.dtype].bytes),
    )
  );
}
