import type { DType } from '@adjoint/tensor';
import { operandOf, type Value } from '../../packages/tensor/src/ops/elementwise/convert.js';
import {
  type Complex,
  float,
  int,
  type Node,
  parameter,
} from '../../packages/tensor/src/ops/elementwise/expression.js';

/** An expression of a complex value; `dtypes` of the operands it reads. */
export interface Formula {
  readonly name: string;
  readonly value: Value;
  readonly dtypes: readonly DType[];
  readonly arity: number;
}

type Build = (operands: Value[], own: Complex<Node>) => Value;

const times = (a: Complex<Node>, b: Complex<Node>): Complex<Node> => ({
  re: float.sub(float.mul(a.re, b.re), float.mul(a.im, b.im)),
  im: float.add(float.mul(a.re, b.im), float.mul(a.im, b.re)),
});

const rows: readonly { name: string; dtypes: readonly DType[]; build: Build }[] = [
  { name: 'none', dtypes: [], build: (_, own) => times(own, { re: parameter(0.5), im: parameter(-2) }) },
  { name: 'product', dtypes: ['c64'], build: ([a], own) => times(own, a as Complex<Node>) },
  {
    name: 'functions',
    dtypes: ['f32', 'c64', 'f32'],
    build: ([a, b, c], own) => ({
      re: float.sin(float.add(own.re, a as Node)),
      im: float.mul(float.exp((b as Complex<Node>).im), float.cos(c as Node)),
    }),
  },
  {
    name: 'bytes',
    dtypes: ['u8', 'i32'],
    build: ([a, b], own) => ({ re: int.toFloat(int.add(a as Node, b as Node)), im: own.re }),
  },
];

/** Formulas whose operands are numbered from `own`: 1 if operand 0 is the value that is replaced. */
export function formulas(own: 0 | 1): Formula[] {
  return rows.map(({ name, dtypes, build }) => {
    const listed: DType[] = own === 1 ? [...dtypes] : ['c64', ...dtypes];
    const [first, ...others] = ['c64' as const, ...dtypes].map((dtype, k) => operandOf(k, dtype));
    return { name, value: build(others, first as Complex<Node>), dtypes: listed, arity: listed.length };
  });
}
