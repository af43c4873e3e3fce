import { dtypeInfo, isComplex } from '../../dtype.js';
import type { HostValue } from '../../op.js';
import { contiguousStrides, sizeOf } from '../../shape.js';
import { broadcastStrides } from './broadcast.js';
import type { Kind } from './convert.js';
import type { Complex } from './expression.js';

type HostNumber = number | Complex<number>;
type Formula = (...operands: never[]) => number | boolean | Complex<number>;

/** y[i] = formula(a[i], b[i], …), one element after the other, in double precision. */
export function elementwiseReference(
  formula: Formula,
  kind: Kind,
  conditions: number,
  inputs: readonly HostValue[],
  output: HostValue,
): void {
  const strides = inputs.map(({ shape }) =>
    broadcastStrides({ shape, strides: contiguousStrides(shape) }, output.shape),
  );
  const steps = contiguousStrides(output.shape);
  const count = sizeOf(output.shape);
  for (let i = 0; i < count; i++) {
    const operands = inputs.map((input, k) => {
      let at = 0;
      output.shape.forEach((n, axis) => {
        at += (Math.floor(i / steps[axis]!) % n) * strides[k]![axis]!;
      });
      return readAs(kind, k < conditions, input, at);
    });
    write(output, i, (formula as (...x: HostNumber[]) => HostNumber | boolean)(...operands));
  }
}

/** Element `at` as a number, or as a pair in a complex formula; conditions are 0 or 1. */
function readAs(kind: Kind, isCondition: boolean, { data, dtype }: HostValue, at: number): HostNumber {
  const { parts } = dtypeInfo[dtype];
  let re = data[at * parts]!;
  let im = parts === 2 ? data[at * parts + 1]! : 0;
  if (isCondition || kind === 'bool') {
    re = Number(re !== 0 || im !== 0);
    im = 0;
  }
  return kind === 'complex' ? { re, im } : re;
}

function write({ data, dtype }: HostValue, at: number, value: HostNumber | boolean): void {
  if (!isComplex(dtype)) {
    data[at] = Number(value);
    return;
  }
  data[2 * at] = typeof value === 'object' ? value.re : Number(value);
  data[2 * at + 1] = typeof value === 'object' ? value.im : 0;
}
