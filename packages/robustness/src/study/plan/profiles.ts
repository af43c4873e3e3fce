import { headSplit } from '@adjoint/mri';
import type { BuiltinChoice } from '../data/builtinData.js';
import type { FamilyChoice } from '../data/familyData.js';

export const profileNames = ['tiny', 'quick', 'standard'] as const;
export type ProfileName = (typeof profileNames)[number];

export const experimentNames = ['curves', 'transfer', 'heat-map', 'oracle', 'training'] as const;
export type ExperimentName = (typeof experimentNames)[number];

/** How a U-net is trained. */
export interface TrainingChoice {
  /** A number of steps, not of seconds: two runs must agree. */
  readonly steps: number;
  readonly batchSize: number;
  readonly chans: number;
  readonly pools: number;
  readonly learningRate: number;
  /** Of the step size: 'constant', or up within a fiftieth of the steps and down to 0 along a cosine. */
  readonly schedule: 'constant' | 'cosine';
  /** Axial slices of the head, of its training part; without any, subjects of the generated families. */
  readonly head: readonly number[];
  /** Of the head: both show one person. */
  readonly volumes: readonly number[];
  readonly subjects: readonly number[];
}

/** Every constant of a study. */
export interface Profile {
  /** Of simulated acquisitions: image, coils, k-space noise in dB. */
  readonly acquisition: {
    readonly grid: readonly [number, number];
    readonly coils: number;
    readonly snr: number;
  };
  readonly mask: { readonly acceleration: number; readonly centerFraction: number };
  readonly builtin: BuiltinChoice;
  readonly families: FamilyChoice;
  /** Images at most of every folder that the user brings. */
  readonly imagesPerFolder: number;
  /** ‖e‖/‖k_full‖; 0 is the clean score. */
  readonly epsilons: readonly number[];
  readonly attack: {
    /** Steps of the attacks by gradients, and of the joint one. */
    readonly steps: number;
    readonly jointSteps: number;
    readonly restarts: number;
    /** Reconstructions of the clean data with fresh randomness, for methods that have any. */
    readonly seeds: number;
  };
  readonly l1: {
    readonly iterations: number;
    readonly lambdas: readonly number[];
    readonly refine: number;
    /** Its attack by gradients: steps, and iterations of the solver that they go through. */
    readonly attack: { readonly steps: number; readonly iterations: number };
  };
  readonly cgSense: {
    readonly iterations: number;
    readonly lambdas: readonly number[];
    readonly refine: number;
  };
  readonly heatMap: {
    /** Side of the feature in pixels. */
    readonly window: number;
    readonly l1Iterations: number;
    /** Rows of positions that one unit computes. */
    readonly rowsPerUnit: number;
    /** The maps that are shown, of the first images: positions along each side. */
    readonly positions: number;
    readonly images: number;
  };
  /** Heat maps with masks and noise drawn anew: what part of the error the place explains. */
  readonly location: { readonly positions: number; readonly images: number; readonly repeats: number };
  /** The linear method whose worst case is known: ridge weight, iterations of its solver, steps of the exact search. */
  readonly oracle: { readonly lambda: number; readonly iterations: number; readonly lanczosSteps: number };
  /** The U-net whose training is only shown. */
  readonly training: TrainingChoice;
  /** The U-net that takes the place of the shipped weights where a study trains its own: of their size, for longer. */
  readonly retraining: TrainingChoice;
  /** A unit that takes longer, and much longer than planned, is given up; in seconds. */
  readonly unitLimit: number;
}

const split = headSplit('axial');
const headTest = (count: number): number[] => evenly(split.test, count);

/** `count` items spread evenly over a list. */
function evenly(list: readonly number[], count: number): number[] {
  return Array.from({ length: count }, (_, i) => list[Math.floor(((i + 0.5) * list.length) / count)]!);
}

const quick: Profile = {
  acquisition: { grid: [96, 96], coils: 4, snr: 30 },
  mask: { acceleration: 4, centerFraction: 0.07 },
  builtin: {
    test: { brain: [10], flair: [0], shoulder: [0], heart: [0], head: headTest(1) },
    tune: evenly(split.training, 3),
  },
  families: { test: 0, tune: 0 },
  imagesPerFolder: 5,
  epsilons: [0, 0.02, 0.08],
  attack: { steps: 30, jointSteps: 200, restarts: 1, seeds: 3 },
  l1: {
    ...{ iterations: 100, lambdas: [1e-4, 3e-4, 1e-3, 3e-3], refine: 2 },
    attack: { steps: 20, iterations: 100 },
  },
  cgSense: { iterations: 30, lambdas: [3e-4, 1e-3, 3e-3, 1e-2, 3e-2], refine: 2 },
  heatMap: { window: 3, l1Iterations: 15, rowsPerUnit: 6, positions: 12, images: 1 },
  location: { positions: 6, images: 5, repeats: 3 },
  oracle: { lambda: 0.0035, iterations: 50, lanczosSteps: 40 },
  training: {
    steps: 400,
    batchSize: 4,
    chans: 8,
    pools: 2,
    learningRate: 3e-3,
    schedule: 'constant',
    head: evenly(split.training, 16),
    volumes: [1],
    subjects: [],
  },
  retraining: {
    ...{ steps: 1200, batchSize: 4, chans: 8, pools: 3, learningRate: 2e-3, schedule: 'cosine' },
    ...{ head: split.training, volumes: [1, 2], subjects: [] },
  },
  unitLimit: 600,
};

const tiny: Profile = {
  ...quick,
  acquisition: { grid: [48, 48], coils: 3, snr: 30 },
  mask: { acceleration: 3, centerFraction: 0.17 },
  builtin: { test: {}, tune: [] },
  families: { test: 2, tune: 1 },
  imagesPerFolder: 2,
  epsilons: [0, 0.08],
  attack: { steps: 4, jointSteps: 5, restarts: 1, seeds: 1 },
  l1: { iterations: 10, lambdas: [1e-3, 1e-2], refine: 0, attack: { steps: 3, iterations: 5 } },
  cgSense: { iterations: 10, lambdas: [1e-2, 1e-1], refine: 0 },
  heatMap: { window: 3, l1Iterations: 5, rowsPerUnit: 1, positions: 2, images: 1 },
  location: { positions: 2, images: 1, repeats: 2 },
  oracle: { lambda: 0.01, iterations: 5, lanczosSteps: 4 },
  training: {
    steps: 4,
    batchSize: 1,
    chans: 2,
    pools: 1,
    learningRate: 3e-3,
    schedule: 'constant',
    head: [],
    volumes: [],
    subjects: [100, 101],
  },
  retraining: {
    ...{ steps: 6, batchSize: 1, chans: 2, pools: 1, learningRate: 2e-3, schedule: 'cosine' },
    ...{ head: [], volumes: [], subjects: [100, 101] },
  },
  unitLimit: 120,
};

const standard: Profile = {
  ...quick,
  acquisition: { grid: [128, 128], coils: 6, snr: 30 },
  builtin: {
    test: { brain: [4, 7, 10, 13, 16], flair: [0], shoulder: [0], heart: [0], head: headTest(3) },
    tune: evenly(split.training, 5),
  },
  families: { test: 20, tune: 0 },
  imagesPerFolder: 20,
  epsilons: [0, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1],
  attack: { steps: 100, jointSteps: 350, restarts: 2, seeds: 3 },
  l1: {
    ...{ iterations: 200, lambdas: [3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2], refine: 4 },
    attack: { steps: 20, iterations: 100 },
  },
  cgSense: { iterations: 50, lambdas: [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2], refine: 4 },
  heatMap: { window: 3, l1Iterations: 15, rowsPerUnit: 2, positions: 42, images: 2 },
  location: { positions: 12, images: 12, repeats: 3 },
  training: {
    steps: 3000,
    batchSize: 4,
    chans: 16,
    pools: 3,
    learningRate: 1e-3,
    schedule: 'constant',
    head: evenly(split.training, 48),
    volumes: [1],
    subjects: [],
  },
  retraining: { ...quick.retraining, steps: 4000 },
  unitLimit: 3600,
};

/** tiny: tests, seconds. quick: minutes. standard: hours, and the numbers of `docs/`. */
export const profiles: Readonly<Record<ProfileName, Profile>> = { tiny, quick, standard };
