/**
 * Scalar expressions over the elements of tensors: what one output element is made of. They are data,
 * so that backends lower them (`lower.wasm.ts`) and fusion can compose them.
 *
 * Lanes have one of three types: `f32`, `i32` and `mask` (a truth value). A complex number is a pair of
 * f32 nodes. Double precision never appears here: the reference device has its own f64 formulas.
 */
export type LaneType = 'f32' | 'i32' | 'mask';

const floatUnary = ['neg', 'abs', 'sqrt', 'floor', 'ceil', 'round', 'trunc'] as const;
const floatBinary = ['add', 'sub', 'mul', 'div', 'min', 'max', 'copysign'] as const;
const transcendental = ['exp', 'expm1', 'log', 'log1p', 'sin', 'cos', 'tanh'] as const;
const transcendentalBinary = ['atan2', 'hypot', 'powAbs'] as const;
const intUnary = ['ineg', 'iabs'] as const;
const intBinary = ['iadd', 'isub', 'imul', 'idiv', 'irem', 'imin', 'imax'] as const;
const shifts = ['ishl', 'ishrU', 'ishrS', 'irotl'] as const;
const bitwise = ['and', 'or', 'xor'] as const;
const comparisons = ['eq', 'lt', 'le', 'ieq', 'ilt', 'iltU'] as const;
const converts = ['toFloat', 'toInt', 'floatBits', 'bitsFloat', 'maskInt'] as const;

export type FloatKind =
  | (typeof floatUnary)[number]
  | (typeof floatBinary)[number]
  | (typeof transcendental)[number]
  | (typeof transcendentalBinary)[number];
export type IntKind = (typeof intUnary)[number] | (typeof intBinary)[number] | (typeof shifts)[number];
export type NodeKind =
  | 'operand'
  | 'constant'
  | 'parameter'
  | 'index'
  | 'not'
  | 'select'
  | FloatKind
  | IntKind
  | (typeof bitwise)[number]
  | (typeof comparisons)[number]
  | (typeof converts)[number];

/** An expression; sharing a node shares its value. */
export interface Node {
  readonly kind: NodeKind;
  readonly type: LaneType;
  readonly args: readonly Node[];
  /** Operand number, constant, parameter value or shift count. */
  readonly value: number;
  /** Of a complex operand: 0 the real part, 1 the imaginary part. */
  readonly part: 0 | 1;
}

/** A pair of expressions, or of numbers in reference formulas. */
export interface Complex<T> {
  readonly re: T;
  readonly im: T;
}

const node = (kind: NodeKind, type: LaneType, args: readonly Node[], value = 0, part: 0 | 1 = 0): Node => ({
  kind,
  type,
  args,
  value,
  part,
});
const unary = (kind: NodeKind, type: LaneType) => (a: Node) => node(kind, type, [a]);
const binary = (kind: NodeKind, type: LaneType) => (a: Node, b: Node) => node(kind, type, [a, b]);
const shift = (kind: NodeKind) => (a: Node, bits: number) => node(kind, 'i32', [a], bits);

/** Element of operand `k`; its lane type follows from its dtype (f32 for either part of a c64). */
export const operand = (k: number, type: LaneType, part: 0 | 1 = 0): Node =>
  node('operand', type, [], k, part);
/** A constant that is part of the kernel. */
export const constant = (value: number): Node => node('constant', 'f32', [], value);
export const intConstant = (value: number): Node => node('constant', 'i32', [], value | 0);
/** A number that is passed to the kernel at each run: other values need no other kernel. */
export const parameter = (value: number): Node => node('parameter', 'f32', [], value);
export const intParameter = (value: number): Node => node('parameter', 'i32', [], value | 0);
/** Row-major index of the output element. */
export const linearIndex: Node = node('index', 'i32', []);

/** `condition ? a : b`, lane by lane; both sides are computed. */
export const select = (condition: Node, a: Node, b: Node): Node => node('select', a.type, [condition, a, b]);

/** Operations on f32 lanes. */
export const float = {
  add: binary('add', 'f32'),
  sub: binary('sub', 'f32'),
  mul: binary('mul', 'f32'),
  div: binary('div', 'f32'),
  neg: unary('neg', 'f32'),
  abs: unary('abs', 'f32'),
  sqrt: unary('sqrt', 'f32'),
  floor: unary('floor', 'f32'),
  ceil: unary('ceil', 'f32'),
  /** To the nearest integer, ties to even. */
  round: unary('round', 'f32'),
  trunc: unary('trunc', 'f32'),
  /** NaN if either is NaN. */
  min: binary('min', 'f32'),
  max: binary('max', 'f32'),
  /** Magnitude of the first, sign of the second. */
  copysign: binary('copysign', 'f32'),
  exp: unary('exp', 'f32'),
  expm1: unary('expm1', 'f32'),
  log: unary('log', 'f32'),
  log1p: unary('log1p', 'f32'),
  sin: unary('sin', 'f32'),
  cos: unary('cos', 'f32'),
  tanh: unary('tanh', 'f32'),
  atan2: binary('atan2', 'f32'),
  /** sqrt(a² + b²) without overflow. */
  hypot: binary('hypot', 'f32'),
  /** |a|^b. */
  powAbs: binary('powAbs', 'f32'),
  eq: binary('eq', 'mask'),
  lt: binary('lt', 'mask'),
  le: binary('le', 'mask'),
  isNan: (a: Node): Node => mask.not(node('eq', 'mask', [a, a])),
  /** The bits as i32. */
  bits: unary('floatBits', 'i32'),
  /** Towards zero, saturating; NaN gives 0. */
  toInt: unary('toInt', 'i32'),
};

/** Operations on i32 lanes; they wrap. */
export const int = {
  add: binary('iadd', 'i32'),
  sub: binary('isub', 'i32'),
  mul: binary('imul', 'i32'),
  /** Towards zero; 0 where the divisor is 0. */
  div: binary('idiv', 'i32'),
  /** Sign of the dividend; 0 where the divisor is 0. */
  rem: binary('irem', 'i32'),
  neg: unary('ineg', 'i32'),
  abs: unary('iabs', 'i32'),
  min: binary('imin', 'i32'),
  max: binary('imax', 'i32'),
  and: binary('and', 'i32'),
  or: binary('or', 'i32'),
  xor: binary('xor', 'i32'),
  not: unary('not', 'i32'),
  shl: shift('ishl'),
  shrU: shift('ishrU'),
  shrS: shift('ishrS'),
  rotl: shift('irotl'),
  eq: binary('ieq', 'mask'),
  lt: binary('ilt', 'mask'),
  ltU: binary('iltU', 'mask'),
  toFloat: unary('toFloat', 'f32'),
  /** The bits as f32. */
  asFloat: unary('bitsFloat', 'f32'),
};

/** Operations on truth values. */
export const mask = {
  and: binary('and', 'mask'),
  or: binary('or', 'mask'),
  xor: binary('xor', 'mask'),
  not: unary('not', 'mask'),
  /** 1 or 0. */
  toInt: unary('maskInt', 'i32'),
};

/** An expression list with equal subexpressions found: `nodes` in order of evaluation. */
export interface Program {
  /** Each node's arguments are indices of earlier nodes. */
  readonly nodes: readonly { readonly node: Node; readonly args: readonly number[] }[];
  /** Index in `nodes` of each expression given. */
  readonly results: readonly number[];
  /** Equal for programs that do the same with other parameter values. */
  readonly key: string;
}

/** Numbers the nodes of expressions, each distinct computation once. */
export function linearise(expressions: readonly Node[]): Program {
  const nodes: { node: Node; args: number[] }[] = [];
  let parameters = 0;
  const byNode = new Map<Node, number>();
  const byKey = new Map<string, number>();
  const visit = (node: Node): number => {
    const seen = byNode.get(node);
    if (seen !== undefined) return seen;
    const args = node.args.map(visit);
    // Parameters are told apart by position: two with equal values today may differ tomorrow.
    const value =
      node.kind === 'parameter' ? `#${parameters}` : Object.is(node.value, -0) ? '-0' : node.value;
    const key = `${node.kind}:${node.type}:${value}:${node.part}:${args}`;
    let index = byKey.get(key);
    if (index === undefined) {
      index = nodes.push({ node, args }) - 1;
      byKey.set(key, index);
      if (node.kind === 'parameter') parameters++;
    }
    byNode.set(node, index);
    return index;
  };
  const results = expressions.map(visit);
  return { nodes, results, key: `${[...byKey.keys()].join(';')}>${results}` };
}
