import { readFileSync } from 'node:fs';
import { revisions } from './core/unit.js';
import { dataRecord, type PlannedData } from './data/plannedData.js';
import type { StudySettings } from './options.js';
import type { MethodPlan } from './plan/methodPlan.js';
import type { Profile } from './plan/profiles.js';
import type { JsonValue, MethodRecord, StudyManifest } from './records.js';
import type { AttackPlan } from './units/attack.js';

/** What was run and what goes with it, from the request alone: the same for every shard and every resumed run. */
export function manifestOf(
  settings: StudySettings,
  profile: Profile,
  methods: readonly MethodPlan[],
  data: readonly PlannedData[],
): StudyManifest {
  const { seed, experiments, device } = settings;
  return {
    ...{ profile: settings.profile, seed, experiments, epsilons: profile.epsilons },
    methods: methods.map(methodRecord),
    command: commandOf(settings),
    versions: { adjoint: ownVersion(), units: JSON.stringify(revisions) },
    device: { kind: device, threads: 1, deterministic: device !== 'webgpu' },
    limits: limitsOf(settings, profile, data, methods),
    data: data.map(dataRecord),
    constants: constantsOf(profile, methods),
  };
}

const methodRecord = ({ name, about, attack, parameters, tuning, trained }: MethodPlan): MethodRecord => ({
  ...{ name, about, attack: attack.length === 0 ? null : attack.map(({ method }) => method).join(', ') },
  settings: {
    ...(parameters.iterations === null ? {} : { iterations: parameters.iterations }),
    ...(tuning ? { lambda: 'tuned', grid: tuning.lambdas } : {}),
    ...(trained ? { weights: 'trained in this run', steps: trained.parameters.steps! } : {}),
    ...parameters.program,
  },
  weights: parameters.weights ?? undefined,
});

/** The words that run it again; data sets of one's own have only their names there. */
function commandOf({ profile, seed, experiments, methods, data, ...rest }: StudySettings): string {
  const { device, weights, retrain, external } = rest;
  const sets = data.map((item) => (typeof item === 'string' ? item : `<${item.name}>`));
  return [
    `adjoint study --profile ${profile} --seed ${seed}`,
    `--experiments ${experiments.join(',')} --methods ${methods.join(',')}`,
    ...(sets.length > 0 ? [`--data ${sets.join(',')}`] : []),
    ...(device === 'wasm' ? [] : [`--device ${device}`]),
    ...(weights === undefined ? [] : [`--weights ${weights}`]),
    ...(retrain ? ['--retrain'] : []),
    ...external.map(({ command, name }) =>
      [`--method-cmd ${quoted(command)}`, ...(name === undefined ? [] : [`--method-name ${name}`])].join(' '),
    ),
  ].join(' ');
}

/** For a POSIX shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The package's manifest stands above the sources and the bundle alike, at different depths. */
function ownVersion(): string {
  const up = import.meta.url.endsWith('.ts') ? '../../package.json' : '../package.json';
  return (JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')) as { version: string }).version;
}

function limitsOf(
  { experiments, methods, retrain }: StudySettings,
  { mask, retraining }: Profile,
  data: readonly PlannedData[],
  plans: readonly MethodPlan[],
): string[] {
  const records = data.map(dataRecord);
  const images = records.reduce((sum, record) => sum + record.images, 0);
  const subjects = records.reduce((sum, record) => sum + record.subjects, 0);
  const isSimulated = records.some(({ provenance }) => provenance.includes('simulated'));
  const kinds = [
    ...new Set(records.filter((record) => record.images > 0).map((record) => record.provenance)),
  ];
  const isWithin = data.some((set) => set.images.some(({ split }) => split === 'within-subject'));
  return [
    `${images} images of ${subjects} subjects: ${kinds.join('; ')}.`,
    ...(isSimulated
      ? ['Coils, phase and noise of simulated acquisitions follow formulas; a scanner is less kind.']
      : []),
    ...(isWithin
      ? [
          'Some test slices are of the person whose other slices trained the network and tuned the weights (within-subject).',
        ]
      : []),
    `One acceleration (${mask.acceleration}) and one kind of mask.`,
    'Attacks are searches: a small drop may mean a weak attack. Look at their flags.',
    ...(methods.includes('l1')
      ? [
          'l1 is attacked without its solver (joint attack) and through unrolled iterations of it, and the worse of the two counts; a perturbation made for another method may still do more to it.',
        ]
      : []),
    ...(retrain
      ? [
          `The U-net was trained in this run, for ${retraining.steps} steps only: longer training may change its scores, and what breaks it.`,
        ]
      : []),
    ...plans
      .filter(({ attack }) => attack.length === 0)
      .map(
        ({ name }) =>
          `${name} is a program without gradients, and has no attack of its own: what it loses here is to noise and to perturbations made for others; its worst case is not known.`,
      ),
    ...(experiments.includes('heat-map') ? ['Small features are artificial squares, not pathology.'] : []),
  ];
}

const constantsOfTrial = ({ iterations, ...trial }: AttackPlan[number]): Record<string, JsonValue> => ({
  ...trial,
  ...(iterations === null ? {} : { throughIterations: iterations }),
});

const constantsOf = (
  profile: Profile,
  methods: readonly MethodPlan[],
): Record<string, Record<string, JsonValue>> => ({
  acquisition: { ...profile.acquisition },
  mask: { ...profile.mask, mode: 'corrected: exactly round(W/acceleration) columns' },
  attacks: {
    ...Object.fromEntries(
      methods.map(({ name, attack }) => [
        name,
        attack.length === 0 ? 'none of its own' : attack.map(constantsOfTrial),
      ]),
    ),
    norm: 'l2, on the mask, relative to the full k-space',
    epsilons: profile.epsilons,
    freshSeeds: profile.attack.seeds,
    scoring: 'rec_to_gt; coil maps re-estimated, and clean beside them',
  },
  'coil maps': {
    method: 'ESPIRiT on the sampled k-space',
    kernel: '6; 3 for fewer than 12 centre lines',
    crop: 0.8,
  },
  l1: { ...profile.l1, metric: 'psnr' },
  'cg-sense': { ...profile.cgSense, metric: 'psnr' },
  oracle: { ...profile.oracle },
  'heat map': { ...profile.heatMap, maps: 'of the data without feature' },
  location: { ...profile.location },
  training: methods.some(({ trained }) => trained !== null)
    ? { ...profile.retraining }
    : { ...profile.training },
  statistics: { interval: 'percentile bootstrap by subject, 95 %, 2000 resamples', fewestSubjects: 5 },
});
