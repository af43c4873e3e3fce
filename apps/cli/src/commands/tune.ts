import type { Measurement, TuneResult } from '@adjoint/mri';
import { defineCommand, type Report } from '../command.js';
import { UsageError } from '../failure.js';
import { checkInput, checkOutput } from '../files/checkFiles.js';
import { cropTo, withImages } from '../files/images.js';
import { mapsOf, release, samplingOf, samplingOptions, withKspace } from '../files/kspace.js';
import { provenance } from '../files/provenance.js';
import { writeWhole } from '../files/wholeFile.js';
import { type MethodValues, methodMaker, methodOptions } from '../method.js';
import type { Session } from '../session.js';

const metricNames = ['ssim', 'psnr', 'ssim_foreground', 'psnr_foreground'] as const;
type MetricName = (typeof metricNames)[number];

/** Weights from next to nothing to too much; what suits depends on the noise. */
const usualLambdas = { 'cg-sense': [1e-4, 1e-1], l1: [1e-4, 0.03], tv: [1e-4, 0.03] } as const;
const usualCount = 7;

/** Those of recon that a weight may depend on. */
const { iterations, transform, wavelet, level } = methodOptions;
const tunedOptions = { iterations, transform, wavelet, level };

interface TuneValues extends Omit<MethodValues, 'method' | 'combine' | 'output' | 'weights'> {
  readonly method: 'cg-sense' | 'l1' | 'tv';
  readonly in: string;
  readonly mask: string | undefined;
  readonly maps: string | undefined;
  readonly reference: string | undefined;
  readonly slices: readonly number[] | undefined;
  readonly metric: MetricName;
  readonly seed: number;
}

export const tuneCommand = defineCommand({
  name: 'tune',
  summary: 'find the weight of a method on data whose truth is known',
  details: [
    'Reconstructs every slice with every weight and takes the one with the best mean score. --in is fully sampled, --mask says what is left ' +
      'of it, the reference is its root sum of squares unless --reference names another. Data to tune on are not data to test on.',
  ],
  options: {
    method: { kind: 'choice', choices: ['cg-sense', 'l1', 'tv'], required: true, about: 'whose weight' },
    in: {
      kind: 'text',
      placeholder: 'FILE',
      required: true,
      about: 'HDF5 file with dataset kspace, fully sampled',
    },
    ...samplingOptions,
    reference: {
      kind: 'text',
      placeholder: 'FILE',
      about: 'HDF5 file with images; default: the RSS of --in',
    },
    lambdas: { kind: 'numbers', about: 'weights to try; default: seven over two or three decades' },
    refine: {
      kind: 'integer',
      min: 0,
      max: 10,
      default: 4,
      about: 'weights to try between the neighbours of the best one, by golden section',
    },
    metric: { kind: 'choice', choices: metricNames, default: 'ssim', about: 'what is best' },
    ...tunedOptions,
    slices: { kind: 'indices', about: 'which slices; default: all' },
    out: {
      kind: 'text',
      placeholder: 'FILE',
      about: 'JSON file to write: what --json prints, and where it comes from',
    },
  },
  positionals: [],
  examples: [
    { about: 'the weight for data like k.h5', command: 'adjoint tune --method l1 --in k.h5 --mask m.h5' },
    {
      about: 'of a list, by the signal-to-noise ratio of the foreground',
      command:
        'adjoint tune --method tv --lambdas 0.001,0.002,0.004 --metric psnr_foreground --in k.h5 --mask m.h5 --out t.json',
    },
  ],
  async run(values, session) {
    const { in: file, mask, maps, reference, out } = values;
    if (out !== undefined) await checkOutput(out, [file, mask, maps, reference]);
    for (const input of [file, mask, maps, reference]) if (input !== undefined) await checkInput(input);
    const bad = values.lambdas?.find((lambda) => lambda <= 0);
    if (bad !== undefined) throw new UsageError(`--lambdas must be above 0; got "${bad}".`);
    const method = await methodMaker(
      { ...values, combine: undefined, output: undefined, weights: undefined },
      session,
    );
    await session.device();
    const measurements = await tuningSet(values, session);
    const { tune } = await import('@adjoint/mri');
    session.progress.begin(`tune ${values.method}`);
    const found = await tune(method, values.lambdas ?? usual(values.method), measurements, {
      metric: values.metric,
      refine: values.refine,
      signal: session.signal,
      onProgress: ({ step, steps }) => session.progress.step({ step, steps }),
    });
    for (const measurement of measurements) release(measurement);
    return report(values, found, session);
  },
});

const usual = (method: TuneValues['method']): number[] => {
  const [low, high] = usualLambdas[method];
  return Array.from({ length: usualCount }, (_, i) =>
    Number((low * (high / low) ** (i / (usualCount - 1))).toPrecision(3)),
  );
};

/** Every slice as the method is to get it, with its reference. */
async function tuningSet(values: TuneValues, session: Session): Promise<Measurement[]> {
  return withKspace(values.in, values.slices, session, async (kspace) => {
    const sample = await samplingOf(values.mask, session);
    const mapsAt = values.maps === undefined ? undefined : await mapsOf(values.maps, kspace, session);
    const { espirit } = await import('@adjoint/mri');
    session.progress.begin('maps', kspace.indices.length);
    const { signal } = session;
    return withImages(values.reference ?? values.in, undefined, session, async (known) => {
      const set: Measurement[] = [];
      for (const index of kspace.indices) {
        const { reference: _unused, ...full } = await kspace.slice(index);
        const sampled = await sample(full);
        full.kspace.dispose();
        // Once for all weights: they do not depend on it.
        const maps = mapsAt ? await mapsAt(index) : await espirit(sampled, { signal });
        const [height, width] = full.crop ?? sampled.kspace.shape.slice(-2);
        using whole = await known.image(index);
        set.push({ ...sampled, maps, reference: await cropTo(whole, height!, width!, known.file) });
        session.progress.next();
      }
      return set;
    });
  });
}

async function report(
  values: TuneValues & { readonly out: string | undefined },
  { lambda, score, table }: TuneResult,
  session: Session,
): Promise<Report> {
  const { method, metric, out, seed } = values;
  const [first, last] = [table[0]!.lambda, table.at(-1)!.lambda];
  if (table.length > 1 && (lambda === first || lambda === last))
    session.warn(`the best weight, ${lambda}, is at the end of those tried: try others beyond it.`);
  const trials = table.map((row) => ({ lambda: row.lambda, score: row.score }));
  const json = { method, metric, lambda, score, trials };
  if (out !== undefined) {
    const content = { ...json, ...(await provenance(session, seed)) };
    await writeWhole(out, `${JSON.stringify(content, null, 2)}\n`, session.signal);
  }
  const row = (trial: (typeof trials)[number]): string => {
    const weight = String(Number(trial.lambda.toPrecision(4))).padEnd(12);
    return `${weight}${trial.score.toPrecision(5)}${trial.lambda === lambda ? '  best' : ''}`;
  };
  return { json, text: [`${'lambda'.padEnd(12)}${metric}`, ...trials.map(row)].join('\n') };
}
