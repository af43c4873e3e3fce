import type { HostValue } from '../op.js';
import { type Draw, type FunctionRow, functionRow, type InputSample } from '../ops/row.js';
import { sizeOf } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { batchNorm } from './batchNorm.js';
import { dropout } from './dropout.js';
import { linear } from './linear.js';
import { groupNorm, instanceNorm, layerNorm, type NormOptions } from './norms.js';
import { logSoftmax, softmax } from './softmax.js';

/** Cancellation in x − mean, and the division by a standard deviation that can be well below 1. */
const normTolerance = 1e-5;

type Place = (index: number) => number;

const real = (shape: readonly number[], data: ArrayLike<number>): HostValue => ({
  shape,
  dtype: 'f64',
  data: Float64Array.from(data),
});

/** Channel of a flat index into `[N, C, …]`. */
const channelOf =
  ([, channels, ...pixels]: readonly number[]): Place =>
  (i) =>
    Math.floor(i / sizeOf(pixels)) % channels!;

/** Mean and biased variance of the entries that share a group. */
function statistics(
  data: ArrayLike<number>,
  groupOf: Place,
): Map<number, { mean: number; variance: number; count: number }> {
  const members = new Map<number, number[]>();
  for (let i = 0; i < data.length; i++) {
    const group = groupOf(i);
    if (!members.has(group)) members.set(group, []);
    members.get(group)!.push(data[i]!);
  }
  return new Map(
    [...members].map(([group, values]) => {
      const mean = values.reduce((total, value) => total + value, 0) / values.length;
      const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length;
      return [group, { mean, variance, count: values.length }];
    }),
  );
}

/** (x − m) / √(v + eps) · w + b, entry by entry: statistics by `groupOf`, parameters by `parameterOf`. */
function normalised(
  [x, weight, bias]: readonly HostValue[],
  groupOf: Place,
  parameterOf: Place,
  eps: number,
): HostValue {
  const byGroup = statistics(x!.data, groupOf);
  const values = Array.from(x!.data, (value, i) => {
    const { mean, variance } = byGroup.get(groupOf(i))!;
    const k = parameterOf(i);
    return ((value - mean) / Math.sqrt(variance + eps)) * (weight?.data[k] ?? 1) + (bias?.data[k] ?? 0);
  });
  return real(x!.shape, values);
}

interface NormParams {
  eps: number;
}

/** Options with weight and bias where a sample has them. */
const affineOf = ([, weight, bias]: readonly Tensor[], { eps }: NormParams): NormOptions =>
  weight ? { weight, bias, eps } : { eps };

const parameters = (draw: Draw, shape: readonly number[]): InputSample[] =>
  draw.bool() ? [{ shape }, { shape }] : [];

/** Values a network sees: distinct, so that no variance is close to 0. */
const input = (shape: readonly number[]): InputSample => ({ shape, values: 'distinct' });

const sampleEps = (draw: Draw): number => draw.pick([1e-5, 1e-3, 0.5]);

const normRows: FunctionRow[] = [
  functionRow<NormParams>({
    name: 'instanceNorm',
    dtypes: [['f32']],
    tolerance: normTolerance,
    call: (inputs, params) => instanceNorm(inputs[0]!, affineOf(inputs, params)),
    reference: (inputs, { eps }) => {
      const pixels = sizeOf(inputs[0]!.shape.slice(2));
      return normalised(inputs, (i) => Math.floor(i / pixels), channelOf(inputs[0]!.shape), eps);
    },
    sample: (draw) => {
      const pixels = draw.pick([[3], [2, 3], [1, 4], [2, 1, 3], [7, 5]]);
      const channels = draw.int(1, 3);
      const inputs = [input([draw.int(0, 3), channels, ...pixels]), ...parameters(draw, [channels])];
      return { inputs, params: { eps: sampleEps(draw) } };
    },
    bad: [
      {
        what: 'one pixel',
        call: ([x]) => instanceNorm(x!.slice([null, null, ...x!.shape.slice(2).map(() => [0, 1] as const)])),
      },
      { what: 'rank 2', call: ([x]) => instanceNorm(x!.reshape([x!.size, 1])) },
      { what: 'a weight of another size', call: ([x]) => instanceNorm(x!, { weight: x! }) },
      { what: 'a misspelt option', call: ([x]) => instanceNorm(x!, { epsilon: 1 } as never) },
      { what: 'a negative eps', call: ([x]) => instanceNorm(x!, { eps: -1 }) },
    ],
  }),
  functionRow<NormParams & { groups: number }>({
    name: 'groupNorm',
    dtypes: [['f32']],
    tolerance: normTolerance,
    call: (inputs, params) => groupNorm(inputs[0]!, params.groups, affineOf(inputs, params)),
    reference: (inputs, { eps, groups }) => {
      const perGroup = sizeOf(inputs[0]!.shape.slice(1)) / groups;
      return normalised(inputs, (i) => Math.floor(i / perGroup), channelOf(inputs[0]!.shape), eps);
    },
    sample: (draw) => {
      const [groups, perGroup] = [draw.int(1, 3), draw.int(1, 3)];
      const shape = [draw.int(0, 3), groups * perGroup, ...draw.pick([[3], [2, 3], [7, 5]])];
      return {
        inputs: [input(shape), ...parameters(draw, [shape[1]!])],
        params: { groups, eps: sampleEps(draw) },
      };
    },
    bad: [
      { what: 'groups that do not divide', call: ([x]) => groupNorm(x!, x!.shape[1]! + 1) },
      { what: 'no groups', call: ([x]) => groupNorm(x!, 0) },
    ],
  }),
  functionRow<NormParams & { last: number[] }>({
    name: 'layerNorm',
    dtypes: [['f32']],
    tolerance: normTolerance,
    call: (inputs, params) => layerNorm(inputs[0]!, params.last, affineOf(inputs, params)),
    reference: (inputs, { eps, last }) => {
      const count = sizeOf(last);
      return normalised(
        inputs,
        (i) => Math.floor(i / count),
        (i) => i % count,
        eps,
      );
    },
    sample: (draw) => {
      const last = draw.pick([[3], [2, 3], [7, 1, 5]]);
      const shape = [...draw.shape({ maxRank: 2, maxSize: 3 }), ...last];
      return { inputs: [input(shape), ...parameters(draw, last)], params: { last, eps: sampleEps(draw) } };
    },
    bad: [
      { what: 'other last axes', call: ([x]) => layerNorm(x!, [x!.shape.at(-1)! + 1]) },
      { what: 'no axes', call: ([x]) => layerNorm(x!, []) },
    ],
  }),
];

interface BatchNormParams extends NormParams {
  momentum: number;
}

/** Inputs x, running mean, running variance, and perhaps weight and bias. */
function sampleBatchNorm(draw: Draw): { inputs: InputSample[]; params: BatchNormParams } {
  const channels = draw.int(1, 3);
  const shape = draw.pick([
    [3, channels],
    [2, channels, 4],
    [1, channels, 3, 2],
    [3, channels, 1, 2],
  ]);
  const running: InputSample[] = [{ shape: [channels] }, { shape: [channels], values: 'positive' }];
  const params = { eps: sampleEps(draw), momentum: draw.pick([0.1, 0.5, 1]) };
  return { inputs: [input(shape), ...running, ...parameters(draw, [channels])], params };
}

function callBatchNorm(training: boolean) {
  return (
    [x, runningMean, runningVar, weight, bias]: readonly Tensor[],
    params: BatchNormParams,
  ): Tensor[] => {
    const result = batchNorm(x!, { ...params, training, runningMean, runningVar, weight, bias });
    // in evaluation the running statistics are the inputs themselves
    return training ? [result.output, result.runningMean!, result.runningVar!] : [result.output];
  };
}

const batchNormRows: FunctionRow[] = [
  functionRow<BatchNormParams>({
    name: 'batchNorm:training',
    dtypes: [['f32']],
    tolerance: normTolerance,
    // the new running statistics carry no gradient: see batchNorm:output
    gradient: 'running statistics are constants to a tape; the row batchNorm:output checks the rest',
    call: callBatchNorm(true),
    reference: ([x, runningMean, runningVar, weight, bias], { eps, momentum }) => {
      const channel = channelOf(x!.shape);
      const output = normalised([x!, weight!, bias!], channel, channel, eps);
      const batch = statistics(x!.data, channel);
      const blend = (running: HostValue, of: (group: number) => number) =>
        real(
          running.shape,
          Array.from(running.data, (old, c) => (1 - momentum) * old + momentum * of(c)),
        );
      const unbiased = (c: number) => {
        const { variance, count } = batch.get(c)!;
        return (variance * count) / (count - 1);
      };
      return [output, blend(runningMean!, (c) => batch.get(c)!.mean), blend(runningVar!, unbiased)];
    },
    sample: sampleBatchNorm,
    bad: [
      {
        what: 'one value per channel',
        call: ([x]) => batchNorm(x!.slice([[0, 1], null]).reshape([1, -1]), { training: true }),
      },
      {
        what: 'one of the running statistics',
        call: ([x, runningMean]) => batchNorm(x!, { training: true, runningMean }),
      },
      { what: 'a momentum above 1', call: ([x]) => batchNorm(x!, { training: true, momentum: 2 }) },
      { what: 'training that is no boolean', call: ([x]) => batchNorm(x!, { training: 1 as never }) },
    ],
  }),
  functionRow<NormParams>({
    name: 'batchNorm:output',
    dtypes: [['f32']],
    tolerance: normTolerance,
    call: ([x, weight, bias], { eps }) => batchNorm(x!, { training: true, weight, bias, eps }).output,
    reference: ([x, weight, bias], { eps }) =>
      normalised([x!, weight!, bias!], channelOf(x!.shape), channelOf(x!.shape), eps),
    sample: (draw) => {
      const { inputs, params } = sampleBatchNorm(draw);
      return { inputs: inputs.filter((_, i) => i !== 1 && i !== 2), params: { eps: params.eps } };
    },
  }),
  functionRow<BatchNormParams>({
    name: 'batchNorm:evaluation',
    dtypes: [['f32']],
    tolerance: normTolerance,
    call: callBatchNorm(false),
    reference: ([x, runningMean, runningVar, weight, bias], { eps }) => {
      const channel = channelOf(x!.shape);
      const values = Array.from(x!.data, (value, i) => {
        const c = channel(i);
        const y = (value - runningMean!.data[c]!) / Math.sqrt(runningVar!.data[c]! + eps);
        return y * (weight?.data[c] ?? 1) + (bias?.data[c] ?? 0);
      });
      return real(x!.shape, values);
    },
    sample: sampleBatchNorm,
    bad: [{ what: 'no running statistics', call: ([x]) => batchNorm(x!, {}) }],
  }),
];

/** exp(x) over their sum, for every line along an axis. */
function softmaxFormula(x: HostValue, axis: number): Float64Array {
  const inner = sizeOf(x.shape.slice(axis + 1));
  const lineOf = (i: number) => Math.floor(i / (inner * x.shape[axis]!)) * inner + (i % inner);
  const sums = new Map<number, number>();
  x.data.forEach((value: number, i: number) => {
    sums.set(lineOf(i), (sums.get(lineOf(i)) ?? 0) + Math.exp(value));
  });
  return Float64Array.from(x.data, (value, i) => Math.exp(value) / sums.get(lineOf(i))!);
}

const softmaxRow = (
  name: string,
  call: typeof softmax,
  of: (probability: number) => number,
): FunctionRow<{ axis: number }> => ({
  name,
  dtypes: [['f32']],
  call: ([x], { axis }) => call(x!, { axis }),
  reference: ([x], { axis }) => {
    const positive = axis < 0 ? axis + x!.shape.length : axis;
    return real(x!.shape, softmaxFormula(x!, positive).map(of));
  },
  sample: (draw) => {
    const shape = draw.shape({ minRank: 1 });
    return {
      inputs: [{ shape, values: 'distinct' }],
      params: { axis: draw.int(-shape.length, shape.length - 1) },
    };
  },
  bad: [
    { what: 'an axis out of range', call: ([x]) => call(x!, { axis: x!.rank }) },
    { what: 'a misspelt option', call: ([x]) => call(x!, { axes: 0 } as never) },
  ],
});

export const networkRows: FunctionRow[] = [
  functionRow({
    name: 'linear',
    dtypes: [
      ['f32', 'f32', 'f32'],
      ['c64', 'c64', 'c64'],
      ['c64', 'f32', 'f32'],
    ],
    call: ([x, weight, bias]) => linear(x!, weight!, bias),
    reference: ([x, weight, bias]) => {
      const complex = [x, weight, bias].some((value) => value?.dtype === 'c128');
      const [outputs, inputs] = weight!.shape as [number, number];
      const rows = sizeOf(x!.shape.slice(0, -1));
      const at = (value: HostValue, i: number): [number, number] =>
        value.dtype === 'c128' ? [value.data[2 * i]!, value.data[2 * i + 1]!] : [value.data[i]!, 0];
      const values: number[] = [];
      for (let row = 0; row < rows; row++)
        for (let o = 0; o < outputs; o++) {
          let [re, im] = bias ? at(bias, o) : [0, 0];
          for (let k = 0; k < inputs; k++) {
            const [a, b] = at(x!, row * inputs + k);
            const [c, d] = at(weight!, o * inputs + k);
            re += a * c - b * d;
            im += a * d + b * c;
          }
          values.push(...(complex ? [re, im] : [re]));
        }
      const shape = [...x!.shape.slice(0, -1), outputs];
      return { shape, dtype: complex ? 'c128' : 'f64', data: Float64Array.from(values) };
    },
    sample: (draw) => {
      const [inputs, outputs] = [draw.int(0, 6), draw.int(1, 5)];
      const x = [...draw.shape({ maxRank: 2, maxSize: 4 }), inputs];
      const bias = draw.bool() ? [{ shape: [outputs] }] : [];
      return { inputs: [{ shape: x }, { shape: [outputs, inputs] }, ...bias], params: {} };
    },
    bad: [
      { what: 'a weight of another size', call: ([x, weight]) => linear(x!, weight!.reshape([-1])) },
      { what: 'a bias of another size', call: ([x, weight]) => linear(x!, weight!, weight!) },
      { what: 'a scalar', call: ([x, weight]) => linear(x!.sum(), weight!) },
    ],
  }),
  functionRow<{ rate: number }>({
    name: 'dropout',
    dtypes: [
      ['f32', 'i32'],
      ['c64', 'i32'],
    ],
    gradient: [0],
    // no formula: which entries stay is the generator's business, whose own rows have known answers
    call: ([x, key], { rate }) => dropout(x!, key!, rate),
    sample: (draw) => {
      const key: InputSample = { shape: [2], values: { low: -1000, high: 1000 } };
      return { inputs: [{ shape: draw.shape() }, key], params: { rate: draw.pick([0, 0.25, 0.9]) } };
    },
    bad: [
      { what: 'a rate of 1', call: ([x, key]) => dropout(x!, key!, 1) },
      { what: 'a negative rate', call: ([x, key]) => dropout(x!, key!, -0.1) },
      { what: 'a float key', call: ([x]) => dropout(x!, x!, 0.5) },
    ],
  }),
  ...normRows,
  ...batchNormRows,
  softmaxRow('softmax', softmax, (p) => p),
  softmaxRow('logSoftmax', logSoftmax, Math.log),
];
