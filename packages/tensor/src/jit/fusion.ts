import type { Graph, GraphNode } from './graph.js';
import { Group, mostOperands } from './group.js';
import { Kernel } from './kernel.js';
import { isElementwise, Links } from './links.js';

/**
 * Joins element-wise ops: a value that only one group of element-wise ops reads is computed where it is used and
 * never stored, whatever view it is read through. Values that cost next to nothing are computed again by
 * every reader. A group has one result; its members broadcast to that result's shape.
 *
 * A group whose result only a kernel of another kind reads is computed where that kernel loads it, and one that
 * continues what such a kernel makes is computed before that is stored, as far as the kernel's op `fuses` it.
 */
export function fuse(graph: Graph): Graph {
  const links = new Links(graph);
  // from the end, so that all that still reads a node is known when its turn comes
  const needed = new Set(graph.results.map(({ buffer }) => buffer));
  const nodes: GraphNode[] = [];
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i]!;
    if (!node.outputs.some((output) => needed.has(output))) continue;
    const kept = isElementwise(node) ? fuseGroup(node, links) : new Kernel(node, links).node();
    for (const { buffer } of kept.inputs) needed.add(buffer);
    nodes.push(kept);
  }
  return { ...graph, nodes: nodes.reverse() };
}

/** The kernel of an element-wise node and its producers: that of one of them where the rest can go into its store. */
function fuseGroup(root: GraphNode, links: Links): GraphNode {
  const group = new Group(root, links, { room: mostOperands - 1 });
  const makers = (group.body?.operands ?? []).flatMap(({ buffer }) => links.maker.get(buffer) ?? []);
  // the last one first: everything else the store reads has been computed by then anyway
  for (const maker of makers.sort((a, b) => b.id - a.id)) {
    const kernel = new Kernel(maker, links);
    if (kernel.takeStore(group)) return kernel.node();
  }
  return group.fused();
}
