import { unetReconstructor, type Weights } from '@adjoint/models';
import {
  type Interval,
  l1,
  type Measurement,
  nmse,
  pairedDifference,
  type Reconstructor,
  scores,
  tune,
  zeroFilled,
} from '@adjoint/mri';
import { key } from '@adjoint/tensor';
import { measure } from '../zoo/measure.js';
import { recipes } from './recipes.js';
import { type TestSet, testSets, tuningImages } from './sets.js';

/** What is compared, and whether more is better. */
export const rated = {
  ssim: { title: 'SSIM', better: 1, digits: 3 },
  psnr: { title: 'PSNR (dB)', better: 1, digits: 2 },
  nmse: { title: 'NMSE', better: -1, digits: 4 },
  ssim_foreground: { title: 'SSIM foreground', better: 1, digits: 3 },
  psnr_foreground: { title: 'PSNR foreground (dB)', better: 1, digits: 2 },
  nmse_foreground: { title: 'NMSE foreground', better: -1, digits: 4 },
} as const;
export type RatedName = keyof typeof rated;
export const ratedNames = Object.keys(rated) as RatedName[];
type Rated = Readonly<Record<RatedName, number>>;

/** A method's scores on a set, image by image. */
export interface MethodScores {
  readonly method: string;
  readonly each: readonly Rated[];
}

export interface ComparedSet {
  readonly set: TestSet;
  readonly methods: readonly MethodScores[];
  /** Network of the set minus the l1 that is better at this score, with its interval over subjects (or slices). */
  readonly differences: Readonly<Record<RatedName, { readonly against: string; readonly by: Interval }>>;
}

const lambdas = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2];
const iterations = 200;

/** Every method on every set; `networks` in the order of the recipes. */
export async function compareAll(networks: readonly Weights[]): Promise<ComparedSet[]> {
  const tuned = [];
  for (const load of tuningImages) tuned.push(await tunedL1(await load()));
  const unets = networks.map((weights, i) => unetReconstructor({ ...weights, name: recipes[i]!.name }));
  const compared: ComparedSet[] = [];
  for (const set of testSets) {
    const measured = await measure(recipes[set.home]!, await set.images(), 5000);
    const classical = tuned[set.home]!;
    const methods: MethodScores[] = [];
    for (const method of [zeroFilled(), ...classical, ...unets])
      methods.push({ method: method.name, each: await rateAll(method, measured) });
    console.log(`${set.title}: compared`);
    compared.push({
      set,
      methods,
      differences: differencesOf(
        set,
        methods,
        recipes[set.home]!.name,
        classical.map(({ name }) => name),
      ),
    });
  }
  return compared;
}

/** l1 with the weight that is best for the whole image, and with the one that is best for the foreground. */
async function tunedL1(images: Awaited<ReturnType<TestSet['images']>>): Promise<Reconstructor[]> {
  const measured = await measure(recipes[0]!, images, 9000);
  const methods: Reconstructor[] = [];
  for (const metric of ['ssim', 'psnr_foreground'] as const) {
    const { lambda } = await tune((weight) => l1({ lambda: weight, iterations }), lambdas, measured, {
      metric,
    });
    const aim = metric === 'ssim' ? 'SSIM' : 'foreground PSNR';
    console.log(`l1 for ${aim}: lambda ${lambda}`);
    methods.push({
      ...l1({ lambda, iterations }),
      name: `l1, λ = ${Number(lambda.toPrecision(2))} for ${aim}`,
    });
  }
  return methods;
}

async function rateAll(method: Reconstructor, measured: readonly Measurement[]): Promise<Rated[]> {
  const all: Rated[] = [];
  for (const m of measured) {
    using image = await method.reconstruct(m, { key: key(0) });
    const reference = m.reference!;
    all.push({
      ...(await scores(reference, image)),
      nmse_foreground: await nmse(reference, image, { region: 'foreground' }),
    });
  }
  return all;
}

function differencesOf(
  set: TestSet,
  methods: readonly MethodScores[],
  network: string,
  classical: readonly string[],
): ComparedSet['differences'] {
  const column = (method: string, name: RatedName): number[] =>
    methods.find((row) => row.method === method)!.each.map((one) => one[name]);
  const rows = ratedNames.map((name) => {
    const goodness = (method: string): number => rated[name].better * meanOf(column(method, name));
    const against = classical.reduce((best, method) => (goodness(method) > goodness(best) ? method : best));
    const several = new Set(set.subjects).size > 1;
    const by = pairedDifference(column(network, name), column(against, name), {
      ...(several && { clusters: set.subjects }),
    });
    return [name, { against, by }] as const;
  });
  return Object.fromEntries(rows) as unknown as ComparedSet['differences'];
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
