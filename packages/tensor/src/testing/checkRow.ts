import type { Device } from '../device.js';
import type { DType } from '../dtype.js';
import type { HostValue } from '../op.js';
import type { Draw, FunctionRow } from '../ops/row.js';
import { read } from '../read.js';
import { withDevice } from '../runtime.js';
import { scope } from '../scope.js';
import { formatType } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { expectClose } from './compare.js';
import { type MemoryOrder, memoryOrders, place, sampleValues, widen } from './values.js';

/** One drawn call of a row. */
export interface Sample {
  readonly values: readonly HostValue[];
  readonly orders: readonly MemoryOrder[];
  readonly params: unknown;
  readonly dtypes: readonly DType[];
  /** Op, shapes, dtypes, parameters: how a failure names it. */
  readonly label: string;
}

/** Draws shapes, parameters, values and memory orders for a row. */
export function drawSample(row: FunctionRow, dtypes: readonly DType[], draw: Draw): Sample {
  const { inputs, params } = row.sample(draw, dtypes);
  const values = inputs.map((input, i) =>
    sampleValues(input, dtypes[i] ?? dtypes.at(-1) ?? 'f32', draw.int(0, 2 ** 30)),
  );
  const orders = inputs.map(() => draw.pick(memoryOrders));
  const types = values.map((value, i) => `${formatType(value)} ${orders[i]}`).join(', ');
  const single = inputs.map((_, i) => dtypes[i] ?? dtypes.at(-1) ?? 'f32');
  return { values, orders, params, dtypes: single, label: `${row.name}(${types}; ${paramText(params)})` };
}

const paramText = (params: unknown): string =>
  JSON.stringify(params, (_, value) => (ArrayBuffer.isView(value) ? '…' : value)) ?? '';

/** The inputs of a sample on a device; in f64 where `wide`. */
export const placeInputs = (sample: Sample, device: Device, wide: boolean): Tensor[] =>
  scope(() =>
    sample.values.map((value, i) =>
      place(value, wide ? widen(sample.dtypes[i]!) : sample.dtypes[i]!, device, sample.orders[i]!),
    ),
  );

export const listOf = <T>(value: T | readonly T[]): readonly T[] =>
  Array.isArray(value) ? value : [value as T];

/** Runs a row's function on a device and reads the results. */
export async function callRow(
  row: FunctionRow,
  sample: Sample,
  device: Device,
  wide = false,
): Promise<HostValue[]> {
  const inputs = placeInputs(sample, device, wide);
  const alive = new Set(inputs);
  try {
    const outputs = listOf(withDevice(device, () => row.call(inputs, sample.params)));
    for (const output of outputs) alive.add(output);
    const results: HostValue[] = [];
    for (const output of outputs)
      results.push({ shape: output.shape, dtype: output.dtype, data: await read(output) });
    return results;
  } finally {
    for (const tensor of alive) tensor.dispose();
  }
}

export const defaultTolerance = 2e-6;

/** What a sample must give: the row's formula, checked against the function in f64, or that alone. */
export async function expectedValues(
  row: FunctionRow,
  sample: Sample,
  reference: Device,
): Promise<readonly HostValue[]> {
  const wide = await callRow(row, sample, reference, true);
  if (!row.reference) return wide;
  const formula = listOf(row.reference(sample.values, sample.params));
  compareAll(wide, formula, 1e-10, `${sample.label} on reference against its formula`);
  return formula;
}

function compareAll(
  got: readonly HostValue[],
  expected: readonly HostValue[],
  tolerance: number,
  context: string,
): number {
  if (got.length !== expected.length)
    throw new Error(`${context}: ${got.length} results, expected ${expected.length}`);
  return Math.max(
    0,
    ...got.map((value, i) => expectClose(value, expected[i]!, tolerance, `${context}, result ${i}`)),
  );
}

/** Value of a drawn call on `device` against f64; returns the error. */
export async function checkValue(
  row: FunctionRow,
  dtypes: readonly DType[],
  draw: Draw,
  device: Device,
  reference: Device,
): Promise<number> {
  const sample = drawSample(row, dtypes, draw);
  const expected = await expectedValues(row, sample, reference);
  const got = await callRow(row, sample, device);
  return compareAll(
    got,
    expected,
    row.tolerance ?? defaultTolerance,
    `${sample.label} on ${device.backend.description}`,
  );
}
