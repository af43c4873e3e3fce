import { cgSense, l1, type Measurement, type Scores, scores, totalVariation, zeroFilled } from '@adjoint/mri';
import type { Tensor } from '@adjoint/tensor';
import type { Bart } from './bart.js';

/** A method with the weights it is tried with. */
export interface Method {
  readonly name: string;
  readonly lambdas: readonly number[];
  reconstruct(measurement: Measurement, maps: Tensor, lambda: number): Promise<Tensor>;
}

const lambdas = [0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032];

/** Of ours and of BART's. */
export const l1Iterations = 200;

/** Nearer to what BART does than the defaults. */
const bartLike = { wavelet: 'db2', iterations: l1Iterations, level: 4, dataStep: true } as const;

export const methods: readonly Method[] = [
  {
    name: 'zero-filled',
    lambdas: [Number.NaN],
    reconstruct: (measurement) => zeroFilled().reconstruct(measurement),
  },
  {
    name: 'cg-sense',
    lambdas: [0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128],
    reconstruct: (measurement, maps, lambda) => cgSense({ maps, lambda }).reconstruct(measurement),
  },
  {
    name: 'l1',
    lambdas,
    reconstruct: (measurement, maps, lambda) =>
      l1({ maps, lambda, wavelet: 'db2', iterations: l1Iterations }).reconstruct(measurement),
  },
  {
    name: 'l1, 4 levels, data step',
    lambdas,
    reconstruct: (measurement, maps, lambda) => l1({ ...bartLike, maps, lambda }).reconstruct(measurement),
  },
  {
    name: 'tv',
    lambdas,
    reconstruct: (measurement, maps, lambda) => totalVariation({ maps, lambda }).reconstruct(measurement),
  },
];

/** `bart pics -l1` on the same data and maps. Its weights multiply data scaled in its own way. */
export const bartMethod = (bart: Bart): Method => ({
  name: '`bart pics -l1`',
  lambdas: [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064],
  reconstruct: (_measurement, _maps, lambda) => bart.pics('-l1', '-r', `${lambda}`, '-i', `${l1Iterations}`),
});

export interface Outcome {
  readonly method: string;
  /** NaN where the method has none. */
  readonly lambda: number;
  readonly scores: Scores;
  readonly image: Tensor;
}

/**
 * The outcome with the weight that gives the highest foreground PSNR, the same rule for every method: its weights are
 * an octave apart, and those half an octave around the best of them are tried, too.
 */
export async function bestOutcome(
  method: Method,
  measurement: Measurement,
  maps: Tensor,
  reference: Tensor,
): Promise<Outcome> {
  const attempt = async (lambda: number): Promise<Outcome> => {
    const image = await method.reconstruct(measurement, maps, lambda);
    return { method: method.name, lambda, image, scores: await scores(reference, image) };
  };
  let best = await attempt(method.lambdas[0]!);
  const improve = async (lambdas: readonly number[]): Promise<void> => {
    for (const lambda of lambdas) {
      const next = await attempt(lambda);
      const [better, worse] =
        next.scores.psnr_foreground > best.scores.psnr_foreground ? [next, best] : [best, next];
      worse.image.dispose();
      best = better;
    }
  };
  await improve(method.lambdas.slice(1));
  if (method.lambdas.length > 1) await improve([best.lambda / Math.SQRT2, best.lambda * Math.SQRT2]);
  return best;
}
