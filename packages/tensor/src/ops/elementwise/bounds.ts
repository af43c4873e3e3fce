import type { Node } from './expression.js';

/** What a value lies between, ends included, unless it is NaN. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

const anything: Bounds = { low: -Infinity, high: Infinity };
const notNegative: Bounds = { low: 0, high: Infinity };

/** Of nodes, which never change. */
const known = new WeakMap<Node, Bounds>();

/** What can be told about an expression without knowing its operands: enough to leave out needless clamps. */
export function boundsOf(node: Node): Bounds {
  const before = known.get(node);
  if (before) return before;
  const bounds = computeBounds(node);
  known.set(node, bounds);
  return bounds;
}

function computeBounds({ kind, args, value }: Node): Bounds {
  switch (kind) {
    case 'constant':
      return Number.isNaN(value) ? anything : { low: Math.fround(value), high: Math.fround(value) };
    case 'neg': {
      const { low, high } = boundsOf(args[0]!);
      return { low: -high, high: -low };
    }
    case 'min':
    case 'max': {
      const [a, b] = args.map(boundsOf) as [Bounds, Bounds];
      const pick = Math[kind];
      return { low: pick(a.low, b.low), high: pick(a.high, b.high) };
    }
    case 'abs':
    case 'exp':
    case 'hypot':
      return notNegative;
    default:
      return anything;
  }
}
