import type { DType } from '../../dtype.js';
import type { KernelCall } from '../../op.js';
import type { Value } from '../../ops/elementwise/convert.js';
import { libraryText } from '../../ops/elementwise/math.wgsl.js';
import { lowerValue } from '../../ops/elementwise/program.wgsl.js';
import { contiguousStrides, isContiguous, type Layout, type Shape, sizeOf } from '../../shape.js';
import { entryPoint } from './entryPoint.js';
import { indexText, type NumberText } from './indexText.js';
import type { StoredType, WgslKernel, WgslOperand, WgslSource, WgslStep, WgslStepWord } from './plan.js';

/** Most work groups along one dimension of a dispatch. */
export const maxGroupsAcross = 65535;

const elementBytes: Partial<Record<StoredType, number>> = { f32: 4, i32: 4, c64: 8, u8: 1, bool: 1 };
const valueType: Partial<Record<StoredType, string>> = {
  f32: 'f32',
  f16: 'f32',
  i32: 'i32',
  c64: 'vec2f',
  u8: 'i32',
  bool: 'bool',
};
const seenAs = (dtype: StoredType): DType => (dtype === 'f16' ? 'f32' : dtype);
export const isByte = (dtype: StoredType): boolean => dtype === 'u8' || dtype === 'bool';

/** Elements up to which the numbers of a shape are parameters. */
const parameterSize = 1 << 16;
/** Parameters of a kernel before the numbers of its shapes become constants. */
const shapeWords = 40;

interface Binding {
  readonly source: WgslSource;
  readonly dtype: StoredType;
  readonly name: string;
  reads: boolean;
  writes: boolean;
}

const sourceKey = (source: WgslSource): string => {
  const [[kind, index]] = Object.entries(source) as [[string, number]];
  return `${kind}${index}`;
};

/** The operands of a fused expression, laid out along `shape`, and which inputs of the launch they are. */
export interface ExpressionOperand {
  readonly layout: Layout;
  /** Counted among the inputs of the launch. */
  readonly input: number;
}

/**
 * The parts of a kernel's source: bindings, parameters and functions that others call. The names of bindings
 * end in an underscore, those of the kernel's author need not.
 */
export class KernelText {
  private readonly bindings = new Map<string, Binding>();
  private readonly words = new Map<string, WgslStepWord>();
  private readonly functions: string[] = [];
  private readonly library = new Set<string>();

  /** The memory of a source, bound once however often it is named. */
  bind(source: WgslSource, dtype: StoredType, access: WgslOperand['access']): Binding {
    const key = sourceKey(source);
    let binding = this.bindings.get(key);
    if (!binding) {
      binding = { source, dtype, name: `${key}_`, reads: false, writes: false };
      this.bindings.set(key, binding);
    }
    if (binding.dtype !== dtype) throw new TypeError(`${key} is bound as ${binding.dtype} and as ${dtype}`);
    if (access !== 'write') binding.reads = true;
    if (access !== 'read') binding.writes = true;
    return binding;
  }

  /** WGSL of a parameter. */
  word(name: string, word: WgslStepWord): string {
    this.words.set(name, word);
    return `p.${name}`;
  }

  /** WGSL of where an input of the launch begins, in elements. */
  private offset(input: number, dtype: StoredType): string {
    return this.word(`offset${input}_`, { offsetOf: input, elementBytes: elementBytes[dtype]! });
  }

  /**
   * How lengths and steps of a shape are written: as parameters where there is little to compute, so that other
   * shapes need no other pipeline; as constants where the divisions would be felt, or parameters would not fit.
   */
  private numbersFor(shape: Shape, operands: number): NumberText {
    const isBaked =
      sizeOf(shape) > parameterSize || this.words.size + (operands + 1) * shape.length > shapeWords;
    return (value) =>
      isBaked ? `${value >>> 0}u` : this.word(`n${this.words.size}_`, { type: 'u32', value: value >>> 0 });
  }

  /** Takes in a function of the library. */
  use(name: string): void {
    this.library.add(name);
  }

  private addFunction(text: string): void {
    this.functions.push(text);
  }

  /** WGSL that reads element `at` (u32) of a binding. */
  private get({ source, dtype, name }: Binding, at: string): string {
    const index = 'input' in source ? `${this.offset(source.input, dtype)} + ${at}` : at;
    if (isByte(dtype)) return `get_${name}(${index})`;
    return dtype === 'f16' ? `f32(${name}[${index}])` : `${name}[${index}]`;
  }

  /** A function of an element's row-major index that loads an input of the launch, whatever its strides. */
  loadFunction(name: string, { shape, strides }: Pick<Layout, 'shape' | 'strides'>, binding: Binding): void {
    const isPlain = isContiguous(shape, strides);
    const { statements, places } = isPlain
      ? { statements: [], places: ['i'] }
      : indexText(shape, [strides], 'i', this.numbersFor(shape, 1));
    const body = [...statements, `return ${this.get(binding, places[0]!)};`];
    this.addFunction(`fn ${name}(i: u32) -> ${valueType[binding.dtype]} {\n${body.join('\n')}\n}`);
  }

  /** A function of an element's row-major index in `shape` that computes an expression. */
  expressionFunction(
    name: string,
    dtype: StoredType,
    shape: Shape,
    value: Value,
    operands: readonly ExpressionOperand[],
    given?: StoredType,
  ): void {
    const { statements, places } = indexText(
      shape,
      operands.map(({ layout }) => layout.strides),
      'i',
      this.numbersFor(shape, operands.length),
    );
    const loads = operands.map(({ layout, input }, k) => {
      const binding = this.bind({ input }, layout.dtype, 'read');
      return { dtype: layout.dtype, load: this.get(binding, parenthesised(places[k]!)) };
    });
    const lowered = lowerValue(
      value,
      {
        operands: given ? [{ dtype: seenAs(given), load: 'value' }, ...loads] : loads,
        parameter: (type, number) => this.word(`c${this.words.size}_`, { type, value: number }),
        index: 'i',
      },
      'v',
    );
    for (const called of lowered.calls) this.use(called);
    const argument = given ? `, value: ${valueType[given]}` : '';
    const body = [...statements, ...lowered.statements, `return ${lowered.result};`];
    this.addFunction(`fn ${name}(i: u32${argument}) -> ${valueType[dtype]} {\n${body.join('\n')}\n}`);
  }

  /** A function that stores a value at an element's index; what it stores is `text`, made from `i` and `value`. */
  storeFunction(name: string, binding: Binding, text = 'value'): void {
    const { dtype } = binding;
    const converted = dtype === 'f16' ? `f16(${text})` : text;
    const stored = isByte(dtype) ? `put_${binding.name}(i, ${text});` : `${binding.name}[i] = ${converted};`;
    this.addFunction(`fn ${name}(i: u32, value: ${valueType[dtype]}) { ${stored} }`);
  }

  /** The dispatch: all parts put together. */
  step(
    kernel: Pick<
      WgslKernel,
      'name' | 'about' | 'workgroupSize' | 'groups' | 'declarations' | 'usesSubgroups' | 'body'
    >,
  ): WgslStep {
    const isWide = kernel.groups > maxGroupsAcross;
    if (isWide) {
      const across = Math.ceil(kernel.groups / Math.ceil(kernel.groups / maxGroupsAcross));
      this.word('across_', { type: 'u32', value: across });
      this.word('groups_', { type: 'u32', value: kernel.groups });
    }
    const bindings = [...this.bindings.values()];
    if (bindings.length > 8)
      throw new TypeError(`${kernel.name}: ${bindings.length} buffers, at most 8 can be bound`);
    const source = [
      ...kernel.about.split('\n').map((line) => `// ${line}`),
      ...bindings.map(bindingText),
      this.parametersText(),
      ...bindings.map(byteAccess),
      libraryText(this.library),
      ...this.functions,
      kernel.declarations ?? '',
      entryPoint(kernel, isWide),
    ];
    return {
      name: kernel.name,
      source: source.filter((part) => part !== '').join('\n'),
      directives: [
        bindings.some(({ dtype }) => dtype === 'f16') ? 'enable f16;\n' : '',
        kernel.usesSubgroups ? 'enable subgroups;\nrequires subgroup_id;\n' : '',
      ].join(''),
      groups: kernel.groups,
      bindings: bindings.map(({ source, writes }) => ({ source, writes })),
      words: [...this.words.values()],
    };
  }

  /** The structure of the parameters; the device declares `p`, where it can be read fastest. */
  private parametersText(): string {
    const members = [...this.words].map(([name, word]) => `${name}: ${'type' in word ? word.type : 'u32'},`);
    return members.length > 0 ? `struct Parameters {\n${members.join('\n')}\n}` : '';
  }
}

const parenthesised = (text: string): string => (/^\w+$/.test(text) ? text : `(${text})`);

/** Bytes that are written are words that other invocations write parts of: atomic. */
function bindingText({ dtype, name, writes }: Binding, index: number): string {
  const element =
    dtype === 'f16' ? 'f16' : !isByte(dtype) ? valueType[dtype] : writes ? 'atomic<u32>' : 'u32';
  return `@group(0) @binding(${index}) var<storage, ${writes ? 'read_write' : 'read'}> ${name}: array<${element}>;`;
}

/** Functions that read and write one byte of a binding. */
function byteAccess({ dtype, name, reads, writes }: Binding): string {
  if (!isByte(dtype)) return '';
  const word = writes ? `atomicLoad(&${name}[i >> 2u])` : `${name}[i >> 2u]`;
  const byte = `(${word} >> ((i & 3u) * 8u)) & 255u`;
  const type = valueType[dtype];
  const get = `fn get_${name}(i: u32) -> ${type} { return ${dtype === 'bool' ? `(${byte}) != 0u` : `i32(${byte})`}; }`;
  const bits = dtype === 'bool' ? 'select(0u, 1u, value)' : 'bitcast<u32>(value) & 255u';
  const put = `fn put_${name}(i: u32, value: ${type}) {
let shift = (i & 3u) * 8u;
atomicAnd(&${name}[i >> 2u], ~(255u << shift));
atomicOr(&${name}[i >> 2u], (${bits}) << shift);
}`;
  return `${reads ? get : ''}${reads && writes ? '\n' : ''}${writes ? put : ''}`;
}

/** Where each input of an op begins among the inputs of the launch. */
function firstInputs<A>({ inputs, loads }: KernelCall<A>): number[] {
  const first: number[] = [];
  let next = 0;
  inputs.forEach((_, k) => {
    first.push(next);
    next += loads?.[k]?.operands.length ?? 1;
  });
  return [...first, next];
}

/**
 * Makes the dispatch of a kernel: its source and what is bound to it. Fused expressions become part of the
 * functions that load inputs and store output 0.
 */
export function wgslStep<A>(call: KernelCall<A>, kernel: WgslKernel): WgslStep {
  const text = new KernelText();
  const first = firstInputs(call);
  for (const [name, word] of Object.entries(kernel.words ?? {})) text.word(name, word);
  for (const [name, operand] of Object.entries(kernel.operands)) addOperand(text, call, first, name, operand);
  for (const name of kernel.library ?? []) text.use(name);
  return text.step(kernel);
}

function addOperand<A>(
  text: KernelText,
  call: KernelCall<A>,
  first: readonly number[],
  name: string,
  { source, dtype, access, byPlace }: WgslOperand,
): void {
  const load = 'input' in source ? call.loads?.[source.input] : undefined;
  if ('input' in source && load) {
    const operands = load.operands.map((layout, k) => ({ layout, input: first[source.input]! + k }));
    text.expressionFunction(`load_${name}`, dtype, call.inputs[source.input]!.shape, load.value, operands);
    return;
  }
  const binding = text.bind('input' in source ? { input: first[source.input]! } : source, dtype, access);
  if (access !== 'write') {
    const layout = 'input' in source && !byPlace ? call.inputs[source.input]! : flatLayout;
    text.loadFunction(`load_${name}`, layout, binding);
  }
  if (access === 'read') return;
  const store = 'output' in source && source.output === 0 ? call.store : undefined;
  if (!store) {
    text.storeFunction(`store_${name}`, binding);
    return;
  }
  const operands = store.operands.map((layout, k) => ({
    layout,
    input: first[call.inputs.length]! + k,
  }));
  text.expressionFunction(`fused_${name}`, dtype, call.outputs[0]!.shape, store.value, operands, dtype);
  text.storeFunction(`store_${name}`, binding, `fused_${name}(i, value)`);
}

/** What is not an input is dense from its first element. */
const flatLayout = { shape: [1], strides: contiguousStrides([1]) };
