import { type DType, dtypeInfo, isDifferentiable } from '../../dtype.js';
import type { HostValue } from '../../op.js';
import { scope } from '../../scope.js';
import type { Tensor } from '../../tensor.js';
import { type BadCall, type Draw, type FunctionRow, functionRow, type ValueRule } from '../row.js';
import { leakyRelu, softplus } from './activation.js';
import { add, mul, sub } from './arithmetic.js';
import { cast } from './cast.js';
import { call, type ElementwiseOp, type Operand } from './define.js';
import { elementwiseOps } from './elementwise.pullback.js';
import { clamp, maximum } from './extremum.js';
import { full, iota } from './full.js';
import { complex } from './parts.js';
import { pow } from './pow.js';
import { where } from './select.js';

// biome-ignore lint/suspicious/noExplicitAny: attributes differ from row to row
type Call = (inputs: readonly Tensor[], attrs: any) => Tensor;

/** Functions that check parameters before they call their op. */
const withParameters: Record<string, Call> = {
  leakyRelu: ([x], { slope }) => leakyRelu(x!, slope),
  softplus: ([x], options) => softplus(x!, options),
  clamp: ([x], { min, max }) => clamp(x!, min, max),
  integerPower: ([x], { exponent }) => pow(x!, exponent),
};

/** Rows of ops that stand behind a function of another name. */
const functionNames: Record<string, string> = { integerPower: 'pow:integer exponent' };

/** The value rule of input `k`. */
const ruleOf = (values: ValueRule | readonly ValueRule[] | undefined, k: number): ValueRule =>
  (Array.isArray(values) ? values[k] : (values as ValueRule | undefined)) ?? 'normal';

/**
 * The rows of an op. A sum with a constant integer operand is affine, so combinations with integers stand apart
 * from the linear ones.
 */
function functionRowsOf(row: ElementwiseOp): FunctionRow[] {
  const { dtypes, linear, ...rest } = row.samples;
  const name = functionNames[row.name] ?? row.name;
  if (!linear) return [toFunctionRow(row, name)];
  const isMixed = (list: readonly DType[]): boolean => {
    const operands = list.slice(row.conditions ?? 0);
    return operands.some(isDifferentiable) && !operands.every(isDifferentiable);
  };
  const mixed = dtypes.filter(isMixed);
  const pure = { ...rest, linear, dtypes: dtypes.filter((list) => !isMixed(list)) };
  const rows = [toFunctionRow({ ...row, samples: pure }, name)];
  if (mixed.length > 0)
    rows.push(toFunctionRow({ ...row, samples: { ...rest, dtypes: mixed } }, `${name}:with integers`));
  return rows;
}

function toFunctionRow(row: ElementwiseOp, name: string): FunctionRow {
  const { samples } = row;
  const plain: Call = withParameters[row.name] ?? ((inputs, attrs) => call(row, inputs, attrs));
  const scaled: Call = (inputs, attrs) =>
    scope(() =>
      plain(
        inputs.map((x) => (isScalable(x) ? mul(x, samples.scale!) : x)),
        attrs,
      ),
    );
  const run = samples.scale === undefined ? plain : scaled;
  return functionRow({
    name,
    call: run,
    dtypes: samples.dtypes,
    sample: (draw) => ({
      inputs: shapesFor(draw, row.arity).map((shape, k) => ({ shape, values: ruleOf(samples.values, k) })),
      params: samples.attrs ? draw.pick(samples.attrs) : {},
    }),
    gradient: row.pullbacks ? true : (row.why ?? 'integer result'),
    ...(samples.linear && { linear: samples.linear }),
    ...(samples.tolerance && { tolerance: samples.tolerance }),
    bad: badCalls(row, plain),
  });
}

const isScalable = (x: unknown): x is Tensor =>
  x !== null && typeof x === 'object' && 'dtype' in x && !(x as Tensor).isDisposed;

const shapesFor = (draw: Draw, arity: number): number[][] =>
  arity === 1 ? [draw.shape()] : draw.broadcastable(arity);

/** Shapes that do not broadcast; complex operands where only real ones have a meaning. */
function badCalls(row: ElementwiseOp, run: Call): BadCall[] {
  const bad: BadCall[] = [];
  const formulas = typeof row.formulas === 'function' ? row.formulas(row.samples.attrs![0]) : row.formulas;
  const filled = (shapes: readonly number[][], dtype: DType) =>
    shapes.map((shape) => full(shape, 1, { dtype }));
  const shapes = Array.from({ length: row.arity }, (_, k) => [2, 3 + k]);
  if (row.arity > 1)
    bad.push({
      what: 'shapes that do not broadcast',
      call: (_, params) => run(filled(shapes, 'f32'), params),
    });
  if (!formulas.complex && formulas.float)
    bad.push({
      what: 'complex operands',
      call: (_, params) => run(filled(Array(row.arity).fill([2]), 'c64'), params),
    });
  return bad;
}

/** Weak scalars: f(x) for host values, entry by entry. */
function mapped(x: HostValue, dtype: DType, f: (re: number, im: number) => readonly number[]): HostValue {
  const [from, to] = [dtypeInfo[x.dtype].parts, dtypeInfo[dtype].parts];
  const count = x.data.length / from;
  const data = new Float64Array(count * to);
  for (let i = 0; i < count; i++)
    f(x.data[i * from]!, from === 2 ? x.data[2 * i + 1]! : 0).forEach((value, part) => {
      if (part < to) data[i * to + part] = value;
    });
  return { shape: x.shape, dtype, data };
}

const oneInput = (draw: Draw) => ({ inputs: [{ shape: draw.shape() }], params: {} });

const scalarRows: FunctionRow[] = [
  functionRow({
    name: 'add:number',
    call: ([x]) => add(x!, 2.5),
    reference: ([x]) => mapped(x!, x!.dtype, (re, im) => [re + 2.5, im]),
    dtypes: [['f32'], ['c64']],
    sample: oneInput,
  }),
  functionRow({
    name: 'sub:number on the left',
    call: ([x]) => sub(1, x!),
    reference: ([x]) => mapped(x!, x!.dtype, (re, im) => [1 - re, -im]),
    dtypes: [['f32'], ['c64']],
    sample: oneInput,
  }),
  functionRow({
    name: 'mul:imaginary unit',
    call: ([x]) => mul(x!, { re: 0, im: 1 }),
    reference: ([x]) => mapped(x!, 'c128', (re, im) => [-im, re]),
    dtypes: [['f32'], ['c64']],
    sample: oneInput,
  }),
  functionRow({
    name: 'maximum:number',
    call: ([x]) => maximum(x!, 0.25),
    reference: ([x]) => mapped(x!, x!.dtype, (re) => [Math.max(re, 0.25)]),
    dtypes: [['f32']],
    sample: oneInput,
  }),
  functionRow({
    name: 'where:numbers',
    call: ([condition]) => where(condition!, 2, -1),
    reference: ([condition]) => mapped(condition!, 'f64', (c) => [c !== 0 ? 2 : -1]),
    dtypes: [['bool'], ['i32']],
    sample: oneInput,
  }),
  functionRow<{ operand: Operand }>({
    name: 'pow:number',
    call: ([x], { operand }) => pow(x!, operand),
    dtypes: [['f32'], ['c64']],
    sample: (draw) => ({
      inputs: [{ shape: draw.shape(), values: 'positive' }],
      params: { operand: draw.pick([0.5, -0.5, -1, 2, 1.7, -2]) },
    }),
  }),
];

const castTargets: readonly (readonly [DType, readonly DType[]])[] = [
  ['f32', ['f32', 'c64']],
  ['f32', ['i32', 'u8', 'bool']],
  ['c64', ['c64']],
  ['c64', ['bool']],
  ['i32', ['f32', 'c64', 'i32', 'u8', 'bool']],
  ['u8', ['f32', 'i32', 'bool']],
  ['bool', ['f32', 'i32', 'u8']],
];

const castRows = castTargets.map(([from, targets]) => {
  const isSmooth = isDifferentiable(from) && targets.every(isDifferentiable);
  return functionRow<{ dtype: DType }>({
    name: `cast:${from} to ${targets.join(', ')}`,
    call: ([x], { dtype }) => cast(x!, precisionOf(x!, dtype)),
    dtypes: [[from]],
    sample: (draw) => ({ inputs: [{ shape: draw.shape() }], params: { dtype: draw.pick(targets) } }),
    ...(isSmooth ? { linear: 'real' } : { gradient: 'integer or bool on one side' }),
    bad: [
      { what: 'complex to real', call: ([x]) => cast(complex(cast(x!, 'bool'), 0), 'f32') },
      { what: 'an unknown dtype', call: ([x]) => cast(x!, 'f16' as DType) },
    ],
  });
});

/** f64 runs cast to double precision, where derivatives are checked. */
function precisionOf(x: Tensor | undefined, dtype: DType): DType {
  if (x?.dtype !== 'f64' && x?.dtype !== 'c128') return dtype;
  return dtype === 'f32' ? 'f64' : dtype === 'c64' ? 'c128' : dtype;
}

const creationRows: FunctionRow[] = [
  functionRow<{ shape: readonly number[]; dtype: DType; value: Operand }>({
    name: 'full',
    call: (_, { shape, dtype, value }) => full(shape, value as number, { dtype }),
    dtypes: [[]],
    sample: (draw) => {
      const dtype = draw.pick(['f32', 'c64', 'i32', 'u8', 'bool'] as const);
      return {
        inputs: [],
        params: { shape: draw.shape(), dtype, value: dtype === 'c64' ? { re: 1, im: -2 } : { re: 3, im: 0 } },
      };
    },
    gradient: 'no inputs',
    bad: [
      { what: 'a negative size', call: () => full([-1], 0) },
      { what: 'a complex value in a real dtype', call: () => full([1], { re: 0, im: 1 }, { dtype: 'f32' }) },
      { what: 'a text as value', call: () => full([1], 'one' as unknown as number) },
    ],
  }),
  functionRow<{ count: number }>({
    name: 'iota',
    call: (_, { count }) => iota(count),
    dtypes: [[]],
    sample: (draw) => ({ inputs: [], params: { count: draw.int(0, 40) } }),
    gradient: 'no inputs',
  }),
];

export const elementwiseRows: readonly FunctionRow[] = [
  ...elementwiseOps.flatMap(functionRowsOf),
  ...scalarRows,
  ...castRows,
  ...creationRows,
];
