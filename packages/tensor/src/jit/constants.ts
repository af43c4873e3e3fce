import { keep, scope } from '../scope.js';
import { Tensor } from '../tensor.js';
import type { Graph, GraphBuffer, GraphNode } from './graph.js';

/** Larger constants are computed at every call: they would cost memory between calls. */
const largestConstant = 65536;

/**
 * Runs the nodes that depend on no argument and no captured tensor, and keeps what they give as far as it
 * is used. `steps` are the other nodes.
 */
export function foldConstants(graph: Graph): { steps: GraphNode[]; constants: Map<GraphBuffer, Tensor> } {
  const constants = new Map<GraphBuffer, Tensor>();
  const steps: GraphNode[] = [];
  for (const node of graph.nodes) {
    const isConstant = node.inputs.every(({ buffer }) => constants.has(buffer));
    if (!isConstant || node.outputs.some(({ bytes }) => bytes > largestConstant)) steps.push(node);
    else
      compute(graph, node, constants).forEach((value, i) => {
        constants.set(node.outputs[i]!, value);
      });
  }
  const used = new Set(
    [...steps.flatMap(({ inputs }) => inputs), ...graph.results].map(({ buffer }) => buffer),
  );
  for (const [buffer, value] of constants)
    if (!used.has(buffer)) {
      value.dispose();
      constants.delete(buffer);
    }
  return { steps, constants };
}

function compute(
  { device }: Graph,
  { op, attrs, inputs, types }: GraphNode,
  constants: ReadonlyMap<GraphBuffer, Tensor>,
): Tensor[] {
  return scope(() => {
    const operands = inputs.map(({ buffer, layout }) =>
      Tensor.over(constants.get(buffer)!.storage, layout, op.name),
    );
    return keep(device.execute(op, operands, types, attrs));
  });
}
