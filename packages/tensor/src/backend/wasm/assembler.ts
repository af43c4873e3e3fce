/**
 * A small WebAssembly assembler. Kernels are written as TypeScript that builds expressions; shapes,
 * strides and constants become immediates; `assemble` returns the bytes of a module.
 *
 * An expression is a tree; using it twice emits it twice, so name what is used twice with `f.let`.
 * Integer addresses are i32 bytes; comparison results are i32 0 or 1, lane masks are v128.
 */
export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';
const typeCode: Record<ValueType, number> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };

/** Bytes, possibly nested: flattened once, when the function is finished. */
type Code = readonly (number | Code)[];

export class Expr<T extends ValueType = ValueType> {
  constructor(
    readonly type: T,
    readonly code: Code,
  ) {}
}
export type I32 = Expr<'i32'>;
export type F32 = Expr<'f32'>;
export type F64 = Expr<'f64'>;
export type V128 = Expr<'v128'>;
/** An i32 operand: numbers become constants. */
export type Int = I32 | number;

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest ? low | 0x80 : low);
  } while (rest);
  return bytes;
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && !(low & 0x40)) || (rest === -1 && low & 0x40)) {
      bytes.push(low);
      return bytes;
    }
    bytes.push(low | 0x80);
  }
}

const floatBytes = (value: number): number[] => [...new Uint8Array(new Float32Array([value]).buffer)];
const doubleBytes = (value: number): number[] => [...new Uint8Array(new Float64Array([value]).buffer)];

export const constI32 = (value: number): I32 => new Expr('i32', [0x41, ...signed(value)]);
const int = (value: Int): I32 => (typeof value === 'number' ? constI32(value) : value);

const unary =
  <A extends ValueType, R extends ValueType>(op: readonly number[], result: R) =>
  (a: Expr<A>): Expr<R> =>
    new Expr(result, [a.code, ...op]);
const binary =
  <A extends ValueType, R extends ValueType>(op: readonly number[], result: R) =>
  (a: Expr<A>, b: Expr<A>): Expr<R> =>
    new Expr(result, [a.code, b.code, ...op]);
const integer =
  (op: number) =>
  (a: Int, b: Int): I32 =>
    new Expr('i32', [int(a).code, int(b).code, op]);
const simd = (op: number): number[] => [0xfd, ...unsigned(op)];

/** Loads take an address, a constant byte offset and the alignment exponent's default. */
const load =
  <R extends ValueType>(op: readonly number[], result: R, align: number) =>
  (address: I32, offset = 0): Expr<R> =>
    new Expr(result, [address.code, ...op, align, unsigned(offset)]);

export const i32 = {
  const: constI32,
  add: integer(0x6a),
  sub: integer(0x6b),
  mul: integer(0x6c),
  divS: integer(0x6d),
  divU: integer(0x6e),
  remS: integer(0x6f),
  remU: integer(0x70),
  and: integer(0x71),
  or: integer(0x72),
  xor: integer(0x73),
  shl: integer(0x74),
  shrS: integer(0x75),
  shrU: integer(0x76),
  rotl: integer(0x77),
  eq: integer(0x46),
  ne: integer(0x47),
  ltS: integer(0x48),
  ltU: integer(0x49),
  gtS: integer(0x4a),
  gtU: integer(0x4b),
  leS: integer(0x4c),
  leU: integer(0x4d),
  geS: integer(0x4e),
  geU: integer(0x4f),
  eqz: (a: Int): I32 => new Expr('i32', [int(a).code, 0x45]),
  load: load([0x28], 'i32', 2),
  load8U: load([0x2d], 'i32', 0),
  load8S: load([0x2c], 'i32', 0),
  truncSatF32: unary<'f32', 'i32'>([0xfc, 0], 'i32'),
  truncSatF64: unary<'f64', 'i32'>([0xfc, 2], 'i32'),
  reinterpretF32: unary<'f32', 'i32'>([0xbc], 'i32'),
  /** The smaller of two signed integers; both operands are evaluated twice. */
  minS: (a: Int, b: Int): I32 =>
    new Expr('i32', [int(a).code, int(b).code, int(a).code, int(b).code, 0x48, 0x1b]),
};

export const f32 = {
  const: (value: number): F32 => new Expr('f32', [0x43, ...floatBytes(value)]),
  add: binary<'f32', 'f32'>([0x92], 'f32'),
  sub: binary<'f32', 'f32'>([0x93], 'f32'),
  mul: binary<'f32', 'f32'>([0x94], 'f32'),
  div: binary<'f32', 'f32'>([0x95], 'f32'),
  min: binary<'f32', 'f32'>([0x96], 'f32'),
  max: binary<'f32', 'f32'>([0x97], 'f32'),
  abs: unary<'f32', 'f32'>([0x8b], 'f32'),
  neg: unary<'f32', 'f32'>([0x8c], 'f32'),
  floor: unary<'f32', 'f32'>([0x8e], 'f32'),
  sqrt: unary<'f32', 'f32'>([0x91], 'f32'),
  eq: binary<'f32', 'i32'>([0x5b], 'i32'),
  ne: binary<'f32', 'i32'>([0x5c], 'i32'),
  lt: binary<'f32', 'i32'>([0x5d], 'i32'),
  gt: binary<'f32', 'i32'>([0x5e], 'i32'),
  le: binary<'f32', 'i32'>([0x5f], 'i32'),
  ge: binary<'f32', 'i32'>([0x60], 'i32'),
  load: load([0x2a], 'f32', 2),
  convertI32S: unary<'i32', 'f32'>([0xb2], 'f32'),
  demoteF64: unary<'f64', 'f32'>([0xb6], 'f32'),
  reinterpretI32: unary<'i32', 'f32'>([0xbe], 'f32'),
};

export const f64 = {
  const: (value: number): F64 => new Expr('f64', [0x44, ...doubleBytes(value)]),
  add: binary<'f64', 'f64'>([0xa0], 'f64'),
  sub: binary<'f64', 'f64'>([0xa1], 'f64'),
  mul: binary<'f64', 'f64'>([0xa2], 'f64'),
  div: binary<'f64', 'f64'>([0xa3], 'f64'),
  abs: unary<'f64', 'f64'>([0x99], 'f64'),
  floor: unary<'f64', 'f64'>([0x9c], 'f64'),
  nearest: unary<'f64', 'f64'>([0x9e], 'f64'),
  sqrt: unary<'f64', 'f64'>([0x9f], 'f64'),
  lt: binary<'f64', 'i32'>([0x63], 'i32'),
  gt: binary<'f64', 'i32'>([0x64], 'i32'),
  load: load([0x2b], 'f64', 3),
  promoteF32: unary<'f32', 'f64'>([0xbb], 'f64'),
  convertI32S: unary<'i32', 'f64'>([0xb7], 'f64'),
};

const v1 = (op: number) => unary<'v128', 'v128'>(simd(op), 'v128');
const v2 = (op: number) => binary<'v128', 'v128'>(simd(op), 'v128');
const vShift =
  (op: number) =>
  (a: V128, bits: Int): V128 =>
    new Expr('v128', [a.code, int(bits).code, ...simd(op)]);
const vLane =
  <T extends ValueType>(op: number, result: T) =>
  (a: V128, lane: number): Expr<T> =>
    new Expr(result, [a.code, ...simd(op), lane]);
const vReplace =
  <T extends ValueType>(op: number) =>
  (a: V128, lane: number, value: Expr<T>): V128 =>
    new Expr('v128', [a.code, value.code, ...simd(op), lane]);

export const v128 = {
  load: load(simd(0), 'v128', 2),
  /** One 32-bit value to all four lanes. */
  load32Splat: load(simd(9), 'v128', 2),
  load64Splat: load(simd(10), 'v128', 2),
  /** One 32-bit (64-bit) value to the low lanes, zero above. */
  load32Zero: load(simd(92), 'v128', 2),
  load64Zero: load(simd(93), 'v128', 2),
  /** Eight u8 at the address, widened to u16. */
  load8x8U: load(simd(2), 'v128', 0),
  not: v1(77),
  and: v2(78),
  andnot: v2(79),
  or: v2(80),
  xor: v2(81),
  /** Bits of `a` where `mask` is set, of `b` elsewhere. */
  bitselect: (a: V128, b: V128, mask: V128): V128 =>
    new Expr('v128', [a.code, b.code, mask.code, ...simd(82)]),
  anyTrue: unary<'v128', 'i32'>(simd(83), 'i32'),
  /** Sixteen byte indices: 0-15 from `a`, 16-31 from `b`. */
  shuffle8: (a: V128, b: V128, bytes: readonly number[]): V128 =>
    new Expr('v128', [a.code, b.code, ...simd(13), ...bytes]),
  /** Four 32-bit lane indices: 0-3 from `a`, 4-7 from `b`. */
  shuffle: (a: V128, b: V128, lanes: readonly [number, number, number, number]): V128 =>
    new Expr('v128', [
      a.code,
      b.code,
      ...simd(13),
      ...lanes.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]),
    ]),
};

export const f32x4 = {
  splat: unary<'f32', 'v128'>(simd(19), 'v128'),
  const: (value: number): V128 => new Expr('v128', [f32.const(value).code, ...simd(19)]),
  extract: vLane(31, 'f32'),
  replace: vReplace<'f32'>(32),
  eq: v2(65),
  ne: v2(66),
  lt: v2(67),
  gt: v2(68),
  le: v2(69),
  ge: v2(70),
  ceil: v1(103),
  floor: v1(104),
  trunc: v1(105),
  nearest: v1(106),
  abs: v1(224),
  neg: v1(225),
  sqrt: v1(227),
  add: v2(228),
  sub: v2(229),
  mul: v2(230),
  div: v2(231),
  /** IEEE minimum and maximum: NaN if either is NaN. */
  min: v2(232),
  max: v2(233),
  /** b < a ? b : a, and a < b ? b : a. */
  pmin: v2(234),
  pmax: v2(235),
  convertI32x4S: v1(250),
  convertI32x4U: v1(251),
  demoteF64x2Zero: v1(94),
};

export const f64x2 = {
  splat: unary<'f64', 'v128'>(simd(20), 'v128'),
  const: (value: number): V128 => new Expr('v128', [f64.const(value).code, ...simd(20)]),
  extract: vLane(33, 'f64'),
  replace: vReplace<'f64'>(34),
  /** The low two f32 lanes, widened. */
  promoteLowF32x4: v1(95),
  convertLowI32x4S: v1(254),
  nearest: v1(148),
  floor: v1(117),
  abs: v1(236),
  neg: v1(237),
  sqrt: v1(239),
  add: v2(240),
  sub: v2(241),
  mul: v2(242),
  div: v2(243),
  min: v2(244),
  max: v2(245),
  lt: v2(73),
  gt: v2(74),
};

export const i32x4 = {
  splat: (a: Int): V128 => new Expr('v128', [int(a).code, ...simd(17)]),
  const: (value: number): V128 => new Expr('v128', [constI32(value).code, ...simd(17)]),
  extract: vLane(27, 'i32'),
  replace: vReplace<'i32'>(28),
  eq: v2(55),
  ne: v2(56),
  ltS: v2(57),
  ltU: v2(58),
  gtS: v2(59),
  gtU: v2(60),
  leS: v2(61),
  leU: v2(62),
  geS: v2(63),
  geU: v2(64),
  abs: v1(160),
  neg: v1(161),
  allTrue: unary<'v128', 'i32'>(simd(163), 'i32'),
  bitmask: unary<'v128', 'i32'>(simd(164), 'i32'),
  shl: vShift(171),
  shrS: vShift(172),
  shrU: vShift(173),
  add: v2(174),
  sub: v2(177),
  mul: v2(181),
  minS: v2(182),
  maxS: v2(184),
  truncSatF32x4S: v1(248),
  truncSatF32x4U: v1(249),
  truncSatF64x2SZero: v1(252),
  /** The low four u16 lanes, widened. */
  extendLowI16x8U: v1(169),
};

export const i8x16 = {
  /** Sixteen i16 (eight of each operand) narrowed to u8 with saturation. */
  narrowI16x8U: v2(102),
};
export const i16x8 = {
  narrowI32x4U: v2(134),
};

/** A local variable: an expression that can also be assigned. */
export class Local<T extends ValueType = ValueType> extends Expr<T> {
  constructor(
    private readonly body: FunctionBuilder,
    readonly index: number,
    type: T,
  ) {
    super(type, [0x20, ...unsigned(index)]);
  }

  set(value: Expr<T> | (T extends 'i32' ? number : never)): void {
    const expr = typeof value === 'number' ? (constI32(value) as unknown as Expr<T>) : (value as Expr<T>);
    if (expr.type !== this.type) throw new TypeError(`assembler: ${expr.type} assigned to ${this.type}`);
    this.body.emit([expr.code, 0x21, ...unsigned(this.index)]);
  }

  /** Adds to an i32 local: `pointer.add(16)`. */
  increase(this: Local<'i32'>, step: Int): void {
    this.set(i32.add(this, step));
  }
}

type StoreKind = 'i32' | 'i32_8' | 'f32' | 'f64' | 'v128' | 'v128_32' | 'v128_64';
const storeCode: Record<StoreKind, readonly number[]> = {
  i32: [0x36, 2],
  i32_8: [0x3a, 0],
  f32: [0x38, 2],
  f64: [0x39, 3],
  v128: [...simd(11), 2],
  // 32 or 64 bits of one lane; the lane index follows the offset
  v128_32: [...simd(90), 2],
  v128_64: [...simd(91), 2],
};

/** Builds the body of one function. Statements are emitted in the order of the calls. */
export class FunctionBuilder {
  private code: (number | Code)[] = [];
  private readonly locals: ValueType[] = [];

  constructor(private readonly parameters: readonly ValueType[]) {}

  parameter<T extends ValueType>(index: number): Local<T> {
    return new Local(this, index, this.parameters[index] as T);
  }

  emit(code: Code): void {
    this.code.push(code);
  }

  local<T extends ValueType>(type: T): Local<T> {
    this.locals.push(type);
    return new Local(this, this.parameters.length + this.locals.length - 1, type);
  }

  /** A new local holding the value of an expression now. Numbers are i32. */
  let<T extends ValueType>(value: Expr<T>): Local<T>;
  let(value: Int): Local<'i32'>;
  let(value: Expr | number): Local {
    const expr = typeof value === 'number' ? constI32(value) : value;
    const local = this.local(expr.type);
    local.set(expr);
    return local;
  }

  store(kind: StoreKind, address: I32, value: Expr, offset = 0, lane?: number): void {
    const tail = lane === undefined ? [] : [lane];
    this.emit([address.code, value.code, ...storeCode[kind], unsigned(offset), tail]);
  }

  private capture(build: () => void): Code {
    const outer = this.code;
    this.code = [];
    build();
    const inner = this.code;
    this.code = outer;
    return inner;
  }

  /** A place in the code that is filled later: for what the code after it turns out to need. */
  hole(): (build: () => void) => void {
    const code: (number | Code)[] = [];
    this.emit(code);
    return (build) => code.push(...this.capture(build));
  }

  if(condition: I32, then: () => void, otherwise?: () => void): void {
    const tail = otherwise ? [0x05, this.capture(otherwise)] : [];
    this.emit([condition.code, 0x04, 0x40, this.capture(then), tail, 0x0b]);
  }

  /** Repeats while the condition holds; the condition is evaluated before each round. */
  while(condition: () => I32, body: () => void): void {
    const inner = this.capture(body);
    this.emit([0x02, 0x40, 0x03, 0x40, condition().code, 0x45, 0x0d, 1, inner, 0x0c, 0, 0x0b, 0x0b]);
  }

  /** for (let i = start; i < end; i += step); signed compare, `end` evaluated each round. */
  for(start: Int, end: Int, step: number, body: (i: Local<'i32'>) => void): void {
    const i = this.let(int(start));
    this.while(
      () => i32.ltS(i, end),
      () => {
        body(i);
        i.increase(step);
      },
    );
  }

  /** Runs the body at least once, while the condition holds after it: one branch a round, for hot loops. */
  doWhile(body: () => void, condition: () => I32): void {
    const inner = this.capture(body);
    this.emit([0x03, 0x40, inner, condition().code, 0x0d, 0, 0x0b]);
  }

  return(): void {
    this.emit([0x0f]);
  }

  /** Calls a function of the same module that returns nothing. */
  call(target: FunctionHandle, args: readonly (Expr | number)[]): void {
    this.emit([
      args.map((arg) => (typeof arg === 'number' ? constI32(arg) : arg).code),
      0x10,
      ...unsigned(target.index),
    ]);
  }

  finish(): number[] {
    const bytes: number[] = [];
    const groups = this.locals.flatMap((type) => [1, typeCode[type]]);
    bytes.push(...unsigned(this.locals.length), ...groups);
    flatten(this.code, bytes);
    bytes.push(0x0b);
    return bytes;
  }
}

function flatten(code: Code, out: number[]): void {
  for (const item of code) {
    if (typeof item === 'number') out.push(item);
    else flatten(item, out);
  }
}

/** `condition ? a : b` without a branch. */
export const select = <T extends ValueType>(condition: I32, a: Expr<T>, b: Expr<T>): Expr<T> =>
  a.type === 'v128'
    ? new Expr(a.type, [a.code, b.code, condition.code, 0x1c, 1, typeCode.v128])
    : new Expr(a.type, [a.code, b.code, condition.code, 0x1b]);

/** A value-returning call of a function of the same module. */
export const callExpr = <T extends ValueType>(
  target: FunctionHandle,
  result: T,
  args: readonly Expr[],
): Expr<T> => new Expr(result, [args.map((arg) => arg.code), 0x10, ...unsigned(target.index)]);

export interface FunctionHandle {
  readonly index: number;
}

/** relaxed_madd: a·b + c, rounded once where the hardware fuses. Validated before use. */
export const relaxedMadd = (a: V128, b: V128, c: V128): V128 =>
  new Expr('v128', [a.code, b.code, c.code, ...simd(0x105)]);
/** relaxed_nmadd: c − a·b. */
export const relaxedNmadd = (a: V128, b: V128, c: V128): V128 =>
  new Expr('v128', [a.code, b.code, c.code, ...simd(0x106)]);

interface FunctionSpec {
  parameters: ValueType[];
  results: ValueType[];
  bytes: number[];
}

const section = (id: number, content: readonly number[]): number[] => [
  id,
  ...unsigned(content.length),
  ...content,
];
const text = (value: string): number[] => [value.length, ...[...value].map((c) => c.charCodeAt(0))];

/** A module under construction: imports `env.memory`, exports `run`. */
export class ModuleBuilder {
  private readonly functions: FunctionSpec[] = [];

  constructor(private readonly sharedMemory: boolean) {}

  /** Adds a function; `build` returns the expression of its result, if the function has one. */
  function(parameters: ValueType[], build: (f: FunctionBuilder) => unknown): FunctionHandle {
    const f = new FunctionBuilder(parameters);
    const result = build(f);
    if (result instanceof Expr) f.emit(result.code);
    this.functions.push({
      parameters,
      results: result instanceof Expr ? [result.type] : [],
      bytes: f.finish(),
    });
    return { index: this.functions.length - 1 };
  }

  /** Adds the functions of a module to this one, which has none yet: so their calls of each other stay right. */
  include({ functions }: ModuleBuilder): void {
    if (this.functions.length > 0) throw new TypeError('assembler: include comes before other functions');
    this.functions.push(...functions);
  }

  /** The finished module; the function added last is exported as `run`. */
  assemble(): Uint8Array {
    const types: number[] = unsigned(this.functions.length);
    const indices: number[] = unsigned(this.functions.length);
    const bodies: number[] = [];
    this.functions.forEach((f, i) => {
      types.push(
        0x60,
        f.parameters.length,
        ...f.parameters.map((t) => typeCode[t]),
        f.results.length,
        ...f.results.map((t) => typeCode[t]),
      );
      indices.push(...unsigned(i));
      bodies.push(...unsigned(f.bytes.length));
      for (const byte of f.bytes) bodies.push(byte);
    });
    // min 1 page, max 65,536: what any memory handed in satisfies
    const limits = this.sharedMemory ? [3, 1, ...unsigned(65536)] : [1, 1, ...unsigned(65536)];
    const head = [
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, types),
      section(2, [1, ...text('env'), ...text('memory'), 2, ...limits]),
      section(3, indices),
      section(7, [1, ...text('run'), 0, ...unsigned(this.functions.length - 1)]),
    ].flat();
    const count = unsigned(this.functions.length);
    const code = [10, ...unsigned(count.length + bodies.length), ...count];
    const bytes = new Uint8Array(head.length + code.length + bodies.length);
    bytes.set(head);
    bytes.set(code, head.length);
    bytes.set(bodies, head.length + code.length);
    return bytes;
  }
}
