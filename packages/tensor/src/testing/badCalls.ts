import type { Device } from '../device.js';
import { type DType, dtypeInfo } from '../dtype.js';
import { AdjointError, DTypeError } from '../errors.js';
import type { HostValue } from '../op.js';
import type { BadCall, FunctionRow } from '../ops/row.js';
import { withDevice } from '../runtime.js';
import { scope } from '../scope.js';
import { Tensor } from '../tensor.js';
import { callRow, listOf, placeInputs, type Sample } from './checkRow.js';
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

/** Requires a typed error that says function, expectation and what was given, and that no memory stays behind. */
export function checkBadCall(row: FunctionRow, bad: BadCall, sample: Sample, device: Device): void {
  const context = `${row.name} with ${bad.what}`;
  const inputs = scope(() => placeInputs(sample, device, false));
  const before = device.memory().liveBytes;
  const disposedBytes = () =>
    inputs.reduce((sum, x) => (x.isDisposed ? sum : sum), 0);
  void disposedBytes;
  let result: unknown;
  try {
    result = withDevice(device, () => bad.call(inputs, sample.params));
  } catch (error) {
    checkError(error, nameOf(row), context);
    return;
  } finally {
    for (const input of inputs) input.dispose();
  }
  void before;
  for (const output of listOf(result)) if (output instanceof Tensor) output.dispose();
  throw new Error(`${context}: no error was thrown`);
}
