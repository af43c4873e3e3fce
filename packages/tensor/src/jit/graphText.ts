import { callKey } from '../device.js';
import type { Storage } from '../tensor.js';
import { accessKey, type Graph } from './graph.js';

/** One line per node and result, equal for graphs that compute the same. */
export function graphText(
  graph: Graph,
  isCaptured: (storage: Storage) => boolean,
  idOf: (object: object) => number,
): string[] {
  // tensors made while tracing are new each time; their values are not compared
  const captured = [...graph.captured].map(
    ([buffer, storage]) => `captured ${buffer.id}${isCaptured(storage) ? ` is tensor ${idOf(storage)}` : ''}`,
  );
  const nodes = graph.nodes.map(
    ({ op, attrs, inputs, outputs }) =>
      `${outputs.map(({ id }) => id)} = ${callKey(op, attrs)}(${inputs.map(accessKey).join(', ')})`,
  );
  return [...captured, ...nodes, ...graph.results.map((access) => `result ${accessKey(access)}`)];
}
