import { ssimLoss } from '@adjoint/mri';
import { add, checkChoice, l1Loss, max, mseLoss, mul, type Tensor } from '@adjoint/tensor';

/** Examples of a step, each tensor with a batch axis in front. */
export interface Batch {
  readonly input: Tensor;
  readonly target: Tensor;
  readonly [name: string]: Tensor;
}

/** A real scalar of what the network gave, what it was to give, and all that the examples hold. Traceable. */
export type LossFunction = (output: Tensor, target: Tensor, batch: Batch) => Tensor;

export const lossNames = ['l1', 'mse', 'ssim'] as const;
export type LossName = (typeof lossNames)[number];

/** 1 − SSIM of images in their own units, each with the maximum of its target as data range. */
function imageSsimLoss(output: Tensor, target: Tensor, { mean, std }: Batch): Tensor {
  const image = (x: Tensor): Tensor => (mean && std ? add(mul(x, std), mean) : x);
  const reference = image(target);
  return ssimLoss(reference, image(output), { dataRange: max(reference, { axes: [-2, -1] }) });
}

const named: Readonly<Record<LossName, LossFunction>> = {
  l1: (output, target) => l1Loss(output, target),
  mse: (output, target) => mseLoss(output, target),
  ssim: imageSsimLoss,
};

/** A loss by its name, or the function itself. */
export const lossOf = (fn: string, loss: LossName | LossFunction): LossFunction =>
  typeof loss === 'function' ? loss : named[checkChoice(fn, 'option loss', loss, lossNames)];
