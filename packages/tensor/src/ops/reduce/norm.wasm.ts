import { type Expr, f64, f64x2, v128 } from '../../backend/wasm/assembler.js';
import type { WasmPlan, WasmTarget } from '../../backend/wasm/plan.js';
import { isComplex } from '../../dtype.js';
import type { KernelCall } from '../../op.js';
import type { Fold } from './fold.wasm.js';
import { foldPlan } from './foldPlan.wasm.js';
import { extentsOf, type Span } from './span.js';
import { readingOf } from './staging.wasm.js';
import { sumF32 } from './sum.wasm.js';

type F64 = Expr<'f64'>;

/** Squares are formed and added in f64, where those of f32 neither overflow nor vanish. */
const sumOfSquares: Fold = {
  ...sumF32,
  name: 'norm-f32',
  load: (f, address, offset, group) =>
    sumF32.load(f, address, offset, group).map((wide) => {
      const value = f.let(wide);
      return f64x2.mul(value, value);
    }),
  loadOne: (f, address, offset) => {
    const value = f.let(sumF32.loadOne(f, address, offset) as F64);
    return f64.mul(value, value);
  },
  sink: {
    bytes: 4,
    one: (f, address, value, offset) => sumF32.sink.one(f, address, f64.sqrt(value as F64), offset),
    four: (f, address, values, offset) => sumF32.sink.four(f, address, values.map(f64x2.sqrt), offset),
  },
};

/** re² + im² of complex elements. */
const sumOfComplexSquares: Fold = {
  ...sumOfSquares,
  name: 'norm-c64',
  bytes: 8,
  load: (f, address, offset, group) =>
    [0, 16].map((half) => {
      const [a, b] = sumOfSquares.load(f, address, offset + half, group).map((square) => f.let(square));
      return f64x2.add(v128.shuffle(a!, b!, [0, 1, 4, 5]), v128.shuffle(a!, b!, [2, 3, 6, 7]));
    }),
  loadOne: (f, address, offset) =>
    f64.add(
      sumOfSquares.loadOne(f, address, offset) as F64,
      sumOfSquares.loadOne(f, address, offset + 4) as F64,
    ),
};

export function normWasm(call: KernelCall<Span>, target: WasmTarget): WasmPlan {
  const { shape, dtype } = call.inputs[0]!;
  const { outer, n, inner } = extentsOf(shape, call.attrs);
  const reading = readingOf(call);
  if (!isComplex(dtype)) return foldPlan(target, sumOfSquares, { outer, n, inner }, reading);
  // Along contiguous complex numbers, real and imaginary parts are just more elements.
  return inner === 1
    ? foldPlan(target, sumOfSquares, { outer, n: 2 * n, inner }, reading)
    : foldPlan(target, sumOfComplexSquares, { outer, n, inner }, reading);
}
