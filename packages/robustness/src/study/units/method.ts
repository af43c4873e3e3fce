import { loadWeights, unetReconstructor } from '@adjoint/models';
import {
  cgSense,
  l1,
  type Measurement,
  type Reconstructor,
  type Scores,
  scores,
  zeroFilled,
} from '@adjoint/mri';
import { ArgumentError, type Key, NumericalError, read, type Tensor } from '@adjoint/tensor';
import { externalMethod } from '../../external/index.js';
import type { ProgramIdentity } from '../plan/externalPlan.js';
import type { UnitContext } from './context.js';

/** How a unit says which method it means. */
export interface MethodParameters {
  /** Of the library, but for programs. */
  readonly name: string;
  readonly iterations: number | null;
  /** SHA-256 of `files.weights`; null where there are none, and where they are the arrays of the input `weights`. */
  readonly weights: string | null;
  readonly program: ProgramIdentity | null;
}

export interface TuneResult {
  readonly lambda: number;
  readonly score: number;
  readonly table: readonly { readonly lambda: number; readonly score: number }[];
}

/** What a unit may change about a method. */
export interface MethodChanges {
  readonly lambda?: number | undefined;
  readonly iterations?: number | undefined;
  readonly output?: 'magnitude' | 'complex' | undefined;
  /** Where l1 begins. */
  readonly start?: Tensor | undefined;
}

/**
 * Makes the method of a unit; its weight comes from the input `tune`, its maps from the measurement, or they are
 * estimated where that has none.
 */
export async function methodMaker(context: UnitContext): Promise<(changes?: MethodChanges) => Reconstructor> {
  const { method } = context.parameters<{ method: MethodParameters }>();
  const tuned = context.has('tune') ? (await context.result<TuneResult>('tune')).lambda : undefined;
  const weights = method.name === 'unet' ? await loadWeights(weightsFile(context)) : undefined;
  return ({ lambda = tuned, iterations = method.iterations ?? undefined, output, start } = {}) => {
    if (method.program) {
      const { command } = method.program;
      return externalMethod({ command, name: method.name, timeoutMs: context.externalTimeoutMs });
    }
    switch (method.name) {
      case 'zero-filled':
        return zeroFilled();
      case 'cg-sense':
        return cgSense({ lambda, iterations, output });
      case 'l1':
        return l1({ lambda, iterations, output, start });
      case 'unet':
        return unetReconstructor({ ...weights!, name: 'unet' });
      default:
        throw new ArgumentError({ fn: 'runStudy', argument: 'method', expected: 'known', got: method.name });
    }
  };
}

/** What the study trained, or a file. */
const weightsFile = (context: UnitContext): string =>
  context.has('weights') ? context.arraysFile('weights') : context.unit.files.weights!;

/** Against the reference, and against the image without noise where it is known. */
export interface ScorePair {
  readonly scores: Scores;
  readonly noiseFree: Scores | null;
}

/** Scores of an image; NumericalError where it is not finite, because no score would say so. */
export async function rate(
  image: Tensor,
  reference: Tensor,
  noiseFree: Tensor | undefined,
  name: string,
): Promise<ScorePair> {
  if ((await read(image)).some((value) => !Number.isFinite(value)))
    throw new NumericalError({
      fn: 'runStudy',
      argument: `the image of ${name}`,
      expected: 'finite',
      got: 'NaN or infinity',
    });
  return {
    scores: await scores(reference, image),
    noiseFree: noiseFree ? await scores(noiseFree, image) : null,
  };
}

/** Reconstructs and rates. */
export async function reconstructAndRate(
  method: Reconstructor,
  measurement: Measurement,
  noiseFree: Tensor | undefined,
  key: Key,
): Promise<ScorePair & { image: Tensor }> {
  const image = await method.reconstruct(measurement, { key });
  try {
    return { ...(await rate(image, measurement.reference!, noiseFree, method.name)), image };
  } catch (error) {
    image.dispose();
    throw error;
  }
}
