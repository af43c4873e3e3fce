import type { DType } from '../../dtype.js';
import { isPair, type Value } from './convert.js';
import { linearise, type Node, type NodeKind } from './expression.js';
import { floatLiteral } from './library.wgsl.js';

/** What an expression is lowered with. */
export interface ProgramScope {
  /** WGSL that loads operand `k`: f32, vec2f, i32 or bool. */
  readonly operands: readonly { readonly dtype: DType; readonly load: string }[];
  /** WGSL of a number that is passed when the kernel runs. */
  parameter(type: 'f32' | 'i32', value: number): string;
  /** WGSL of the row-major index of the element, u32. */
  readonly index: string;
}

/** Statements, the WGSL of their result, and which functions of the library they call. */
export interface LoweredProgram {
  readonly statements: readonly string[];
  readonly result: string;
  readonly calls: readonly string[];
}

type Rule = (args: readonly string[], node: Node) => string;

const call =
  (name: string): Rule =>
  (args) =>
    `${name}(${args.join(', ')})`;
const infix =
  (operator: string): Rule =>
  ([a, b]) =>
    `${a} ${operator} ${b}`;
/** Bitwise on integers, logical on truth values. */
const logic = (onIntegers: string, onMasks: string): Rule => {
  const [integers, masks] = [infix(onIntegers), infix(onMasks)];
  return (args, node) => (node.type === 'mask' ? masks : integers)(args, node);
};

/** Nodes that are operators or functions of WGSL itself. */
const rules: Partial<Record<NodeKind, Rule>> = {
  neg: ([a]) => `-${a}`,
  abs: call('abs'),
  floor: call('floor'),
  ceil: call('ceil'),
  round: call('round'),
  trunc: call('trunc'),
  add: infix('+'),
  sub: infix('-'),
  mul: infix('*'),
  div: infix('/'),
  ineg: ([a]) => `-${a}`,
  iabs: call('abs'),
  iadd: infix('+'),
  isub: infix('-'),
  imul: infix('*'),
  imin: call('min'),
  imax: call('max'),
  ishl: ([a], { value }) => `${a} << ${value}u`,
  ishrS: ([a], { value }) => `${a} >> ${value}u`,
  ishrU: ([a], { value }) => `bitcast<i32>(bitcast<u32>(${a}) >> ${value}u)`,
  irotl: ([a], { value }) =>
    `(${a} << ${value}u) | bitcast<i32>(bitcast<u32>(${a}) >> ${(32 - value) % 32}u)`,
  and: logic('&', '&&'),
  or: logic('|', '||'),
  xor: logic('^', '!='),
  not: ([a], { type }) => (type === 'mask' ? `!${a}` : `~${a}`),
  lt: infix('<'),
  le: infix('<='),
  ieq: infix('=='),
  ilt: infix('<'),
  iltU: ([a, b]) => `bitcast<u32>(${a}) < bitcast<u32>(${b})`,
  toFloat: ([a]) => `f32(${a})`,
  floatBits: ([a]) => `bitcast<i32>(${a})`,
  bitsFloat: ([a]) => `bitcast<f32>(${a})`,
  maskInt: ([a]) => `select(0i, 1i, ${a})`,
  select: ([condition, a, b]) => `select(${b}, ${a}, ${condition})`,
};

/** Nodes that are functions of the library in `math.wgsl.ts`, by their names there. */
const libraryNames: Partial<Record<NodeKind, string>> = {
  sqrt: 'real_sqrt',
  min: 'real_min',
  max: 'real_max',
  copysign: 'real_copysign',
  exp: 'real_exp',
  expm1: 'real_expm1',
  log: 'real_log',
  log1p: 'real_log1p',
  sin: 'real_sin',
  cos: 'real_cos',
  tanh: 'real_tanh',
  atan2: 'real_atan2',
  hypot: 'real_hypot',
  powAbs: 'real_pow_abs',
  idiv: 'int_div',
  irem: 'int_rem',
  toInt: 'real_to_int',
};

/** WGSL of a value; every distinct node once, under a name that begins with `prefix`. */
export function lowerValue(value: Value, scope: ProgramScope, prefix = 'v'): LoweredProgram {
  const program = linearise(isPair(value) ? [value.re, value.im] : [value]);
  const statements: string[] = [];
  const calls = new Set<string>();
  const loaded = new Set<number>();
  const operandText = (k: number, part: 0 | 1): string => {
    const { dtype, load } = scope.operands[k]!;
    const name = `${prefix}_x${k}`;
    if (!loaded.has(k)) statements.push(`let ${name} = ${load};`);
    loaded.add(k);
    return dtype === 'c64' ? `${name}.${part === 0 ? 'x' : 'y'}` : name;
  };
  const names: string[] = [];
  for (const { node, args } of program.nodes) {
    const inputs = args.map((arg) => names[arg]!);
    const text =
      node.kind === 'operand'
        ? operandText(node.value, node.part)
        : nodeText(node, inputs, scope, (name) => calls.add(name));
    const name = `${prefix}${names.length}`;
    names.push(name);
    statements.push(`let ${name} = ${text};`);
  }
  const results = program.results.map((i) => names[i]!);
  return {
    statements,
    result: results.length === 2 ? `vec2f(${results.join(', ')})` : results[0]!,
    calls: [...calls],
  };
}

function nodeText(
  node: Node,
  inputs: readonly string[],
  scope: ProgramScope,
  uses: (name: string) => void,
): string {
  const { kind, type, value } = node;
  const library = (name: string): string => {
    uses(name);
    return call(name)(inputs, node);
  };
  if (kind === 'constant') {
    if (type === 'i32') return intLiteral(value);
    if (!Number.isFinite(value)) uses('real_of_bits');
    return floatLiteral(value);
  }
  if (kind === 'parameter') return scope.parameter(type === 'i32' ? 'i32' : 'f32', value);
  if (kind === 'index') return `bitcast<i32>(${scope.index})`;
  // compilers may take x == x for true
  if (kind === 'eq') {
    if (inputs[0] !== inputs[1]) return infix('==')(inputs, node);
    uses('is_nan');
    return `!is_nan(${inputs[0]})`;
  }
  const name = libraryNames[kind];
  if (name) return library(name);
  const rule = rules[kind];
  if (!rule) throw new TypeError(`lowerValue: no lowering for ${kind}`);
  return rule(inputs, node);
}

/** −2³¹ cannot be written as the negative of a literal. */
const intLiteral = (value: number): string => (value === -(2 ** 31) ? '(-2147483647i - 1i)' : `${value}i`);
