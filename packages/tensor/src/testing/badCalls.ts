import type { Device } from '../device.js';
import { type DType, dtypeInfo } from '../dtype.js';
import { AdjointError, DTypeError } from '../errors.js';
import type { HostValue } from '../op.js';
import type { BadCall, FunctionRow } from '../ops/row.js';
import { withDevice } from '../runtime.js';
import { scope } from '../scope.js';
import { Tensor } from '../tensor.js';
import { callRow, defaultTolerance, listOf, placeInputs, type Sample } from './checkRow.js';
import { expectClose } from './compare.js';

/**
 * Wrong calls that any row can get: disposed and foreign inputs, scalar parameters that are not finite
 * numbers, axes that do not exist, are fractions or are named twice.
 */
export function genericBadCalls(row: FunctionRow, sample: Sample, device: Device): BadCall[] {
  const bad = sample.values.flatMap((_, i) => badInputs(row, i));
  const { params } = sample;
  if (params === null || typeof params !== 'object' || Array.isArray(params)) return bad;
  const rank = largestRank(row, sample, device);
  for (const [name, value] of Object.entries(params))
    for (const wrong of [...wrongNumbers(value), ...wrongAxes(name, rank)])
      bad.push({
        what: `parameter ${name} is ${Array.isArray(wrong) ? `[${wrong}]` : String(wrong)}`,
        call: (inputs) => row.call(inputs, { ...params, [name]: wrong }),
      });
  return bad;
}

function badInputs(row: FunctionRow, i: number): BadCall[] {
  const disposed: BadCall = {
    what: `input ${i} disposed`,
    call: (inputs, params) => {
      inputs[i]!.dispose();
      return row.call(inputs, params);
    },
  };
  // null may stand for an operand left out, such as a bias; the first operand is never optional
  const foreign = ['text', {}, Symbol.iterator, ...(i === 0 ? [null] : [])];
  return [
    disposed,
    ...foreign.map((wrong) => ({
      what: `input ${i} is ${String(wrong)}`,
      call: (inputs: readonly Tensor[], params: unknown) =>
        row.call(inputs.map((input, k) => (k === i ? wrong : input)) as Tensor[], params),
    })),
  ];
}

const wrongNumbers = (value: unknown): unknown[] =>
  typeof value === 'number' ? [Number.NaN, Number.POSITIVE_INFINITY, 'text'] : [];

function wrongAxes(name: string, rank: number): unknown[] {
  if (name === 'axis') return [rank, -rank - 1, 0.5];
  return name === 'axes' ? [[rank], [-rank - 1], [0.5], ['0'], [0, 0]] : [];
}

/** Rank of the first input or of the result, whichever is larger: `stack` counts axes in its result. */
function largestRank(row: FunctionRow, sample: Sample, device: Device): number {
  return scope(() => {
    const inputs = placeInputs(sample, device, false);
    const outputs = listOf(withDevice(device, () => row.call(inputs, sample.params)));
    const ranks = [...inputs.slice(0, 1), ...outputs].map((x) => x.rank);
    for (const x of outputs) x.dispose();
    return Math.max(...ranks);
  });
}

/**
 * Requires a typed error that says function, expectation and what was given. Generic calls must also leave
 * no memory behind; a row's own may make tensors of their own.
 */
export function checkBadCall(row: FunctionRow, bad: BadCall, sample: Sample, device: Device): void {
  const context = `${row.name} with ${bad.what}`;
  const before = device.memory().liveBytes;
  const inputs = placeInputs(sample, device, false);
  const error = errorOf(() => withDevice(device, () => bad.call(inputs, sample.params)), context);
  for (const input of inputs) input.dispose();
  checkError(error, nameOf(row), context);
  const left = device.memory().liveBytes - before;
  if (left > 0 && !row.bad?.includes(bad)) throw new Error(`${context}: left ${left} bytes allocated`);
}

const nameOf = (row: FunctionRow): string => row.name.split(':')[0]!;

function errorOf(call: () => unknown, context: string): unknown {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    return error;
  }
  for (const output of listOf(result)) if (output instanceof Tensor) output.dispose();
  throw new Error(`${context}: no error was thrown`);
}

/** Requires an error of this library that names the function and says what was expected, or what was disposed. */
export function checkError(error: unknown, fn: string, context: string): void {
  if (!(error instanceof AdjointError))
    throw new Error(`${context}: threw ${String(error)}, not an error of this library`);
  const { message, parts } = error;
  if (!message.startsWith(`${fn}: `) && !message.startsWith(`${fn}.`))
    throw new Error(`${context}: the message does not name ${fn}: ${message}`);
  if (parts ? !parts.expected || !parts.got : !/ was disposed|no device is ready/.test(message))
    throw new Error(`${context}: the message does not say what was expected and given: ${message}`);
}

/**
 * Gives one input another dtype: the call works, on this device as on the reference, or throws a DTypeError.
 * Returns whether it works.
 */
export async function checkOtherDType(
  row: FunctionRow,
  sample: Sample,
  i: number,
  dtype: DType,
  device: Device,
  reference: Device,
): Promise<boolean> {
  const values = sample.values.map((value, k) => (k === i ? withDType(value, dtype) : value));
  const dtypes = sample.dtypes.map((old, k) => (k === i ? dtype : old));
  const changed: Sample = { ...sample, values, dtypes };
  const context = `${sample.label} with ${dtype} for input ${i}`;
  const [got, expected] = [await outcome(row, changed, device), await outcome(row, changed, reference)];
  if (got instanceof DTypeError && expected instanceof DTypeError) {
    checkError(got, nameOf(row), context);
    return false;
  }
  if (got instanceof Error || expected instanceof Error)
    throw new Error(`${context}: ${String(got)} on ${device.name}, ${String(expected)} on reference`);
  got.forEach((value, k) => {
    if (value.dtype !== expected[k]!.dtype)
      throw new Error(`${context}: ${value.dtype} on ${device.name}, ${expected[k]!.dtype} on reference`);
    expectClose(value, expected[k]!, row.tolerance ?? defaultTolerance, context);
  });
  return true;
}

const outcome = (row: FunctionRow, sample: Sample, device: Device): Promise<HostValue[] | Error> =>
  callRow(row, sample, device).catch((error: Error) => error);

/** Values in another dtype: real parts, whole numbers for integers, whether not 0 for bool. */
function withDType({ shape, dtype: old, data }: HostValue, dtype: DType): HostValue {
  const { parts, array, bytes, kind } = dtypeInfo[dtype];
  const step = dtypeInfo[old].parts;
  const count = data.length / step;
  const values = new array(new ArrayBuffer(count * bytes));
  for (let k = 0; k < count; k++) {
    const x = data[k * step]!;
    values[k * parts] = kind === 'bool' ? Number(x !== 0) : dtype === 'u8' ? Math.abs(x) : x;
  }
  return { shape, dtype, data: values };
}
