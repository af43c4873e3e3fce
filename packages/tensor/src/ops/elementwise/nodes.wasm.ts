import { f32x4, type I32, i32, i32x4, select, type V128, v128 } from '../../backend/wasm/assembler.js';
import { boundsOf } from './bounds.js';
import type { Node, NodeKind, Program } from './expression.js';
import * as math from './math.wasm.js';

type MathScope = math.MathScope;
type One = (a: V128) => V128;
type Two = (a: V128, b: V128) => V128;

/** Nodes that are one instruction. */
const unary: Partial<Record<NodeKind, One>> = {
  abs: f32x4.abs,
  sqrt: f32x4.sqrt,
  floor: f32x4.floor,
  ceil: f32x4.ceil,
  round: f32x4.nearest,
  trunc: f32x4.trunc,
  ineg: i32x4.neg,
  iabs: i32x4.abs,
  not: v128.not,
  toFloat: f32x4.convertI32x4S,
  toInt: i32x4.truncSatF32x4S,
  floatBits: (a) => a,
  bitsFloat: (a) => a,
  maskInt: (a) => i32x4.shrU(a, 31),
};

const binary: Partial<Record<NodeKind, Two>> = {
  add: f32x4.add,
  sub: f32x4.sub,
  mul: f32x4.mul,
  div: f32x4.div,
  min: f32x4.min,
  max: f32x4.max,
  iadd: i32x4.add,
  isub: i32x4.sub,
  imul: i32x4.mul,
  imin: i32x4.minS,
  imax: i32x4.maxS,
  and: v128.and,
  or: v128.or,
  xor: v128.xor,
  eq: f32x4.eq,
  lt: f32x4.lt,
  le: f32x4.le,
  ieq: i32x4.eq,
  ilt: i32x4.ltS,
  iltU: i32x4.ltU,
};

const shifts: Partial<Record<NodeKind, (a: V128, bits: number) => V128>> = {
  ishl: i32x4.shl,
  ishrU: i32x4.shrU,
  ishrS: i32x4.shrS,
};

/** Nodes that are programs of their own, and about how many instructions they take. */
const heavy: Partial<Record<NodeKind, number>> = {
  exp: 22,
  expm1: 26,
  log: 30,
  log1p: 40,
  sin: 45,
  cos: 45,
  tanh: 32,
  atan2: 40,
  hypot: 20,
  powAbs: 90,
  idiv: 30,
  irem: 30,
  div: 4,
  sqrt: 4,
};

/** About the number of instructions for one vector. */
export const costOf = (program: Program): number =>
  program.nodes.reduce((sum, { node }) => sum + (heavy[node.kind] ?? 1), 0);

/** The lanes of one node. `angle` is the reduced first argument, computed once for sine and cosine. */
export function lowerNode(
  m: MathScope,
  node: Node,
  args: readonly V128[],
  angle: () => math.ReducedAngle,
): V128 {
  const a = args[0]!;
  const b = args[1]!;
  const cheap = lowerBesideConstant(m, node, args);
  if (cheap) return cheap;
  const one = unary[node.kind];
  if (one) return one(a);
  const two = binary[node.kind];
  if (two) return two(a, b);
  const shift = shifts[node.kind];
  if (shift) return shift(a, node.value);
  return lowerComposite(m, node, args, angle);
}

/**
 * Minimum, maximum and selection take one or two instructions, not nine or four, beside some constants,
 * and none where the other operand's bounds settle them.
 */
function lowerBesideConstant(m: MathScope, { kind, args }: Node, values: readonly V128[]): V128 | undefined {
  if (kind === 'select') {
    if (isNever(args[0]!)) return values[2];
    if (isZero(args[1]!)) return v128.andnot(values[2]!, values[0]!);
    return isZero(args[2]!) ? v128.and(values[1]!, values[0]!) : undefined;
  }
  if (kind !== 'min' && kind !== 'max') return undefined;
  const k = args[0]!.kind === 'constant' ? 0 : 1;
  const bound = args[k]!;
  if (bound.kind !== 'constant' || Number.isNaN(bound.value)) return undefined;
  const x = values[1 - k]!;
  if (bound.value !== 0) {
    const { low, high } = boundsOf(args[1 - k]!);
    const { low: limit } = boundsOf(bound);
    if (kind === 'min') return high <= limit ? x : f32x4.pmin(x, values[k]!);
    return low >= limit ? x : f32x4.pmax(x, values[k]!);
  }
  if (kind === 'min' || !isZero(bound)) return undefined;
  // The maximum of −0 and 0 is 0.
  const named = m.f.let(x);
  return v128.andnot(named, f32x4.le(named, values[k]!));
}

const isZero = ({ kind, value }: Node): boolean => kind === 'constant' && Object.is(value, 0);

/** A comparison that is false whatever the operands are, NaN too. */
const isNever = ({ kind, args }: Node): boolean =>
  kind === 'lt' && boundsOf(args[0]!).low >= boundsOf(args[1]!).high;

function lowerComposite(
  m: MathScope,
  node: Node,
  args: readonly V128[],
  angle: () => math.ReducedAngle,
): V128 {
  const a = args[0]!;
  const b = args[1]!;
  const local = (value: V128) => m.f.let(value);
  switch (node.kind) {
    case 'neg':
      return v128.xor(a, m.intConstant(0x80000000));
    case 'select':
      return v128.bitselect(b, args[2]!, a);
    case 'irotl': {
      const x = local(a);
      return v128.or(i32x4.shl(x, node.value), i32x4.shrU(x, 32 - node.value));
    }
    case 'copysign':
      return v128.bitselect(b, a, m.intConstant(0x80000000));
    case 'exp':
      return math.exp(m, local(a), boundsOf(node.args[0]!));
    case 'expm1':
      return math.expm1(m, local(a));
    case 'log':
      return math.log(m, local(a));
    case 'log1p':
      return math.log1p(m, local(a));
    case 'sin':
      return math.sin(m, local(a), angle());
    case 'cos':
      return math.cos(m, angle());
    case 'tanh':
      return math.tanh(m, local(a));
    case 'atan2':
      return math.atan2(m, local(a), local(b));
    case 'hypot':
      return math.hypot(m, local(a), local(b));
    case 'powAbs':
      return math.powAbs(m, local(a), local(b));
    case 'idiv':
    case 'irem':
      return divideLanes(m, node.kind, a, b);
    default:
      throw new TypeError(`lowerNode: no lowering for ${node.kind}`);
  }
}

/** Lane by lane, because SIMD has no integer division; without the traps of division by 0 and −1. */
function divideLanes(m: MathScope, kind: 'idiv' | 'irem', a: V128, b: V128): V128 {
  const { f } = m;
  const dividend = f.let(a);
  const divisor = f.let(b);
  const result = f.let(i32x4.const(0));
  for (let lane = 0; lane < 4; lane++) {
    const x = f.let(i32x4.extract(dividend, lane));
    const y = f.let(i32x4.extract(divisor, lane));
    const isPlain = f.let(i32.gtU(i32.add(y, 1), 1));
    const safe = select(isPlain, y as I32, i32.const(1));
    // y = 0 gives 0, y = −1 gives −x (wrapping) or remainder 0
    const special = kind === 'idiv' ? i32.mul(x, y) : i32.const(0);
    const plain = kind === 'idiv' ? i32.divS(x, safe) : i32.remS(x, safe);
    result.set(i32x4.replace(result, lane, select(isPlain, plain, special)));
  }
  return result;
}
