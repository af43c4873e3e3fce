import { grad } from '@adjoint/autograd';
import { reshape, sub, type Tensor, tensor } from '@adjoint/tensor';
import { cropCentre } from '../../packages/mri/src/cropCentre.js';
import { mse, nmse, psnr, ssim, ssimLoss, ssimMap } from '../../packages/mri/src/metrics/index.js';
import { GoldenError, type Group, type Stored } from './h5.js';
import { type AsyncRun, isProse, place, type Result, type Suite } from './suite.js';

/** Scores are computed in double precision from the tensors' values, whatever the device. */
const scoreLimit = 1e-10;
/** Of the loss in single precision, where E[x²] − E[x]² cancels: 5e-6 measured. */
const lossLimit = 2e-5;
/** Of its gradient: 6e-5 measured. */
const gradientLimit = 3e-4;
/** A map is stored in single precision. */
const mapLimit = 1e-7;

const numbers = (values: ArrayLike<number>, shape: readonly number[] = []): Stored => ({
  shape,
  dtype: 'f64',
  data: Float64Array.from(values),
});

/** Attributes that describe the one SSIM there is. */
function checkDefinition(group: Group): void {
  group.only('ssim_window', 7);
  group.only('ssim_border', 3);
  group.only('ssim_k1', 0.01);
  group.only('ssim_k2', 0.03);
  group.only('ssim_data_range', 'maxval');
  if (!group.text('ssim_covariance').startsWith('sample: 49/48'))
    throw new GoldenError('has another covariance');
}

async function compareScores(group: Group, gt: Tensor, pred: Tensor, dataRange: number): Promise<Result[]> {
  const results: Result[] = [];
  const score = (name: string, value: number) =>
    results.push({ name, got: numbers([value]), expected: group.dataset(name), limit: scoreLimit });
  score('mse', await mse(gt, pred));
  score('nmse', await nmse(gt, pred));
  score('ssim', await ssim(gt, pred, { dataRange }));
  if (group.flag('psnr_present')) score('psnr', await psnr(gt, pred, { dataRange }));
  const { shape, data } = await ssimMap(gt, pred, { dataRange });
  const windows = shape[1]! * shape[2]!;
  const slices = Array.from({ length: shape[0]! }, (_, k) => {
    const scores = data.subarray(k * windows, (k + 1) * windows);
    return scores.reduce((sum, value) => sum + value, 0) / windows;
  });
  return [
    ...results,
    {
      name: 'ssim_slices',
      got: numbers(slices, [slices.length]),
      expected: group.dataset('ssim_slices'),
      limit: scoreLimit,
    },
    {
      name: 'ssim_map_slice0_valid',
      got: numbers(data.subarray(0, windows), shape.slice(1)),
      expected: group.dataset('ssim_map_slice0_valid'),
      limit: mapLimit,
    },
  ];
}

function compareLoss(group: Group, gt: Tensor, pred: Tensor, dataRange: number): Result[] {
  const loss = (image: Tensor) => ssimLoss(gt, image, { dataRange });
  const error = sub(loss(pred), group.dataset('ssim_loss').data[0]!);
  const stored = group.dataset('grad_ssim_loss_pred');
  // of equal images it is 0; what is stored there are rounding errors
  const gradient = group.flag('psnr_present')
    ? stored
    : { ...stored, data: new Float32Array(stored.data.length) };
  return [
    // against 0, so that the error is absolute: losses and scores near 0 have no relative one to speak of
    { name: 'ssim_loss', got: error, expected: numbers([0]), limit: lossLimit },
    { name: 'grad_ssim_loss_pred', got: grad(loss)(pred), expected: gradient, limit: gradientLimit },
  ];
}

function comparePair(group: Group): AsyncRun {
  return {
    start: async () => {
      checkDefinition(group);
      const stored = group.dataset('maxval').data[0]!;
      const [gt, pred] = [place(group.dataset('gt')), place(group.dataset('pred'))];
      const losses = compareLoss(group, gt, pred, stored);
      return [...losses, ...(await compareScores(group, gt, pred, stored))];
    },
  };
}

/** Every dataset is a crop of 0 … n − 1; attributes of the dataset repeat what its name and shape say. */
function compareCrops(group: Group): Result[] {
  return group.datasetNames().map((name) => {
    const sizes = name
      .match(/^(\d+)x(\d+)_to_(\d+)x(\d+)$/)
      ?.slice(1)
      .map(Number);
    if (!sizes) throw new GoldenError(`dataset ${name} does not say what is cropped to what`);
    const [height, width, h, w] = sizes as [number, number, number, number];
    const image = tensor(Int32Array.from({ length: height * width }, (_, i) => i));
    const got = cropCentre(reshape(image, [height, width]), [h, w]);
    return { name, got, expected: group.dataset(name), limit: Number.MIN_VALUE };
  });
}

export const metricsSuite: Suite = {
  file: 'metrics',
  ignored: (name) => isProse(name) || name === 'rule' || name === 'input',
  plan(group) {
    if (group.path === 'center_crop') return () => compareCrops(group);
    if (group.parts[0] === 'pairs' && group.parts.length === 2) return comparePair(group);
    throw new GoldenError('is not a kind of case this suite knows');
  },
};
