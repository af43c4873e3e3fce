import type { DType } from '../dtype.js';
import type { HostValue } from '../op.js';
import { type Draw, type FunctionRow, functionRow } from '../ops/row.js';
import type { Tensor } from '../tensor.js';
import { type LossOptions, l1Loss, mseLoss, smoothL1Loss } from './losses.js';

type Reduction = NonNullable<LossOptions['reduction']>;

interface LossParams {
  reduction: Reduction;
}

/** Loss of |x − y| entry by entry, then reduced. */
function lossFormula(
  [x, y]: readonly HostValue[],
  reduction: Reduction,
  of: (distance: number) => number,
): HostValue {
  const parts = (value: HostValue) => (value.dtype === 'c128' ? 2 : 1);
  const at = (value: HostValue, i: number, part: number) =>
    part < parts(value) ? value.data[i * parts(value) + part]! : 0;
  const count = x!.data.length / parts(x!);
  const losses = Float64Array.from({ length: count }, (_, i) =>
    of(Math.hypot(at(x!, i, 0) - at(y!, i, 0), at(x!, i, 1) - at(y!, i, 1))),
  );
  if (reduction === 'none') return { shape: x!.shape, dtype: 'f64', data: losses };
  const total = losses.reduce((a, b) => a + b, 0);
  return { shape: [], dtype: 'f64', data: Float64Array.of(reduction === 'sum' ? total : total / count) };
}

const sampleLoss = (draw: Draw) => {
  const reduction = draw.pick<Reduction>(['mean', 'sum', 'none']);
  // the mean of nothing is NaN by definition, which says nothing about the loss
  const shape = draw.shape({ empty: reduction !== 'mean' });
  return { inputs: [{ shape }, { shape }], params: { reduction } };
};

const anyDType: DType[][] = [
  ['f32', 'f32'],
  ['c64', 'c64'],
  ['c64', 'f32'],
  ['f32', 'c64'],
];

type Loss = (x: Tensor, y: Tensor, options?: LossOptions) => Tensor;

const badCalls = (loss: Loss): FunctionRow['bad'] => [
  { what: 'shapes that differ', call: ([x, y]) => loss(x!, y!.reshape([1, ...y!.shape])) },
  { what: 'an unknown reduction', call: ([x, y]) => loss(x!, y!, { reduction: 'average' as never }) },
  { what: 'a misspelt option', call: ([x, y]) => loss(x!, y!, { reduce: 'mean' } as never) },
  { what: 'options that are no object', call: ([x, y]) => loss(x!, y!, 'mean' as never) },
];

export const lossRows: FunctionRow[] = [
  functionRow<LossParams>({
    name: 'l1Loss',
    dtypes: anyDType,
    call: ([x, y], { reduction }) => l1Loss(x!, y!, { reduction }),
    reference: (inputs, { reduction }) => lossFormula(inputs, reduction, (d) => d),
    sample: sampleLoss,
    bad: badCalls(l1Loss),
  }),
  functionRow<LossParams>({
    name: 'mseLoss',
    dtypes: anyDType,
    call: ([x, y], { reduction }) => mseLoss(x!, y!, { reduction }),
    reference: (inputs, { reduction }) => lossFormula(inputs, reduction, (d) => d * d),
    sample: sampleLoss,
    bad: badCalls(mseLoss),
  }),
  functionRow<LossParams & { beta: number }>({
    name: 'smoothL1Loss',
    dtypes: [['f32', 'f32']],
    call: ([x, y], { reduction, beta }) => smoothL1Loss(x!, y!, { reduction, beta }),
    reference: (inputs, { reduction, beta }) =>
      lossFormula(inputs, reduction, (d) => (d < beta ? (d * d) / (2 * beta) : d - beta / 2)),
    sample: (draw) => {
      const { inputs, params } = sampleLoss(draw);
      return { inputs, params: { ...params, beta: draw.pick([0, 0.5, 1, 2]) } };
    },
    bad: [
      ...badCalls(smoothL1Loss)!,
      { what: 'a negative beta', call: ([x, y]) => smoothL1Loss(x!, y!, { beta: -1 }) },
    ],
  }),
];
