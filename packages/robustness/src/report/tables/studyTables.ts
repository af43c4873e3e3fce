import type {
  AttackRecord,
  HeatMapRecord,
  IntervalRecord,
  OracleRecord,
  SeedRecord,
  StudyRecord,
} from '../../study/records.js';
import { coursesOf } from '../courses.js';
import { cellsTable, imagesTable, scoresTable } from './scoreTables.js';
import { type Cell, type Table, tableOf } from './table.js';

/** All tables of a study; those that would be empty are left out. */
export const studyTables = (study: StudyRecord): Table[] =>
  [
    claimsTable(study),
    cellsTable(study.cells),
    scoresTable(study.rows),
    imagesTable(study.images),
    attacksTable(study.attacks),
    triedAttacksTable(study.attacks),
    attackLossTable(study.attacks),
    oraclesTable(study.oracles),
    seedsTable(study),
    heatMapsTable(study.heatMaps),
    heatMapValuesTable(study.heatMaps),
    locationsTable(study),
    tuningTable(study),
    trainingTable(study),
    failuresTable(study),
  ].filter(({ rows }) => rows.length > 0);

const claimsTable = ({ claims }: StudyRecord): Table =>
  tableOf(
    'claims',
    'Claims with their verdicts and the numbers that decided.',
    claims.flatMap((claim) =>
      (claim.numbers.length > 0 ? claim.numbers : [undefined]).map((number) => ({ claim, number })),
    ),
    {
      claim: ['identifier', ({ claim }) => claim.id],
      text: ['what is claimed', ({ claim }) => claim.claim],
      criterion: ['when it holds', ({ claim }) => claim.criterion],
      verdict: ['verdict', ({ claim }) => claim.verdict],
      reason: ['why', ({ claim }) => claim.reason],
      images: ['images', ({ claim }) => claim.images],
      subjects: ['subjects', ({ claim }) => claim.subjects],
      number: ['a number of it', ({ number }) => number?.name],
      value: ['its value', ({ number }) => parts(number?.value)[0]],
      low: ['lower end of its interval', ({ number }) => parts(number?.value)[1]],
      high: ['upper end', ({ number }) => parts(number?.value)[2]],
    },
  );

const parts = (value: number | IntervalRecord | null | undefined): readonly Cell[] =>
  value !== null && typeof value === 'object' ? [value.estimate, value.low, value.high] : [value, null, null];

const attacksTable = (attacks: readonly AttackRecord[]): Table =>
  tableOf('attacks', 'One attack on one image.', attacks, {
    method: ['method that is attacked', (attack) => attack.method],
    image: ['image', (attack) => attack.image],
    subject: ['subject', (attack) => attack.subject],
    epsilon: ['norm of e over norm of the full k-space', (attack) => attack.epsilon],
    attack: ['kind of attack, of several the one that was kept', (attack) => attack.attack],
    restarts: ['restarts', (attack) => attack.history.length],
    drop_db: ['PSNR lost, dB', (attack) => attack.drop],
    noise_drop_db: ['PSNR lost to noise of the same norm on the mask, dB', (attack) => attack.noiseDrop],
    flags: ['what the attack itself finds suspicious', (attack) => attack.flags.join(' ')],
    unit: ['name of the result in the store', (attack) => attack.unit],
  });

const triedAttacksTable = (attacks: readonly AttackRecord[]): Table =>
  tableOf(
    'tried-attacks',
    'Where several attacks were run on one image, each of them.',
    attacks.flatMap((attack) => attack.tried.map((tried) => ({ attack, tried }))),
    {
      method: ['method that is attacked', ({ attack }) => attack.method],
      image: ['image', ({ attack }) => attack.image],
      epsilon: ['norm of e over norm of the full k-space', ({ attack }) => attack.epsilon],
      attack: ['kind of attack', ({ tried }) => tried.attack],
      damage: [
        'squared change of the clean image over its square, with the clean coil maps: the largest is kept',
        ({ tried }) => tried.damage,
      ],
      drop_db: ['PSNR lost with the clean coil maps, dB', ({ tried }) => tried.drop],
      kept: ['whether its perturbation was kept', ({ tried }) => tried.isWorst],
      flags: ['what the attack itself finds suspicious', ({ tried }) => tried.flags.join(' ')],
    },
  );

const attackLossTable = (attacks: readonly AttackRecord[]): Table =>
  tableOf(
    'attack-loss',
    'What the attacks maximised, step by step.',
    attacks.flatMap((attack) =>
      coursesOf(attack).flatMap((course) =>
        course.history.flatMap((values, restart) =>
          values.map((value, step) => ({ attack, kind: course.attack, restart, step, value })),
        ),
      ),
    ),
    {
      method: ['method that is attacked', ({ attack }) => attack.method],
      image: ['image', ({ attack }) => attack.image],
      epsilon: ['norm of e over norm of the full k-space', ({ attack }) => attack.epsilon],
      attack: ['kind of attack', ({ kind }) => kind],
      restart: ['restart, from 0', ({ restart }) => restart],
      step: ['step, from 0', ({ step }) => step],
      objective: ['objective of the attack', ({ value }) => value],
    },
  );

const oraclesTable = (oracles: readonly OracleRecord[]): Table =>
  tableOf(
    'oracles',
    'Attacks on linear methods beside the worst case that linear algebra gives.',
    oracles.flatMap((oracle) => oracle.attacks.map((attack) => ({ ...oracle, ...attack }))),
    {
      method: ['method that is attacked', (row) => row.method],
      image: ['image', (row) => row.image],
      epsilon: ['norm of e over norm of the full k-space', (row) => row.epsilon],
      attack: ['kind of attack', (row) => row.attack],
      gain: ['norm of the change of the image over norm of e', (row) => row.gain],
      oracle_gain: ['the largest there is', (row) => row.oracle],
      noise_gain: ['of noise', (row) => row.noise],
      ratio: ['gain over oracle', (row) => row.ratio],
    },
  );

interface SeedRow extends Pick<SeedRecord, 'method' | 'image'> {
  readonly epsilon: number;
  readonly run: number;
  readonly psnr: number;
  readonly drop: number;
  readonly mean: number | null;
  readonly deviation: number | null;
}

function seedRows({ method, image, psnr: clean, deviation, attacked }: SeedRecord): SeedRow[] {
  const unperturbed = { epsilon: 0, psnr: clean, drops: clean.map(() => 0), mean: null, deviation };
  return [unperturbed, ...attacked].flatMap(({ psnr, drops, ...of }) =>
    psnr.map((value, run) => ({ method, image, ...of, run, psnr: value, drop: drops[run]! })),
  );
}

const seedsTable = ({ seeds }: StudyRecord): Table =>
  tableOf(
    'seeds',
    'Scores of one method on one image under fresh seeds, clean and under its own attack.',
    seeds.flatMap(seedRows),
    {
      method: ['method', (row) => row.method],
      image: ['image', (row) => row.image],
      epsilon: ['of the own attack; 0: clean data', (row) => row.epsilon],
      run: ['run, from 0: the seed that was attacked', (row) => row.run],
      psnr_db: ['PSNR, whole image, dB', (row) => row.psnr],
      drop_db: ['PSNR lost to the clean score of the seed, dB', (row) => row.drop],
      mean_drop_db: ['mean drop of the fresh seeds, dB', (row) => row.mean],
      deviation_db: [
        'standard deviation, dB: clean of all runs, the noise floor; attacked of the drops of the fresh seeds',
        (row) => row.deviation,
      ],
    },
  );

const heatMapsTable = (maps: readonly HeatMapRecord[]): Table =>
  tableOf('heat-maps', 'Summary of each sliding-feature map.', maps, {
    method: ['method', (map) => map.method],
    image: ['image', (map) => map.image],
    insertion: ['how the feature was put into the coils', (map) => map.insertion],
    window_pixels: ['side of the feature', (map) => map.window],
    minimum: ['smallest region error', (map) => map.minimum],
    maximum: ['largest region error', (map) => map.maximum],
    coefficient_of_variation: ['standard deviation over mean', (map) => map.coefficientOfVariation],
    darkness: ['rank correlation with local intensity; negative: worse in the dark', (map) => map.darkness],
  });

const heatMapValuesTable = (maps: readonly HeatMapRecord[]): Table =>
  tableOf(
    'heat-map-values',
    'Error over the feature, position by position.',
    maps.flatMap((map) =>
      map.rows.flatMap((row, i) =>
        map.columns.map((column, j) => ({ map, row, column, value: map.values[i]?.[j] })),
      ),
    ),
    {
      method: ['method', ({ map }) => map.method],
      image: ['image', ({ map }) => map.image],
      insertion: ['how the feature was put into the coils', ({ map }) => map.insertion],
      row: ['top row of the feature', ({ row }) => row],
      column: ['left column of the feature', ({ column }) => column],
      region_error: [
        'mean squared difference over the feature, images normalised to unit deviation',
        ({ value }) => value,
      ],
    },
  );

const locationsTable = ({ locations }: StudyRecord): Table =>
  tableOf(
    'locations',
    'What the place of a small feature explains of its error, over masks and noises.',
    locations,
    {
      method: ['method', (record) => record.method],
      image: ['image', (record) => record.image],
      subject: ['subject', (record) => record.subject],
      positions: ['places', (record) => record.positions],
      repeats: ['masks and noises', (record) => record.repeats],
      explained: [
        'part of the variance between places, intra-class correlation',
        (record) => record.explained,
      ],
      coefficient_of_variation: ['standard deviation over mean', (record) => record.coefficientOfVariation],
    },
  );

const tuningTable = ({ tuning }: StudyRecord): Table =>
  tableOf(
    'tuning',
    'How regularisation weights were chosen.',
    tuning.flatMap((record) => record.table.map((entry) => ({ record, entry }))),
    {
      method: ['method', ({ record }) => record.method],
      metric: ['what was maximised', ({ record }) => record.metric],
      lambda: ['weight', ({ entry }) => entry.lambda],
      score: ['mean score on the tuning images', ({ entry }) => entry.score],
      is_chosen: ['whether it was chosen', ({ record, entry }) => record.lambda === entry.lambda],
    },
  );

const trainingTable = ({ training }: StudyRecord): Table =>
  tableOf(
    'training',
    'Losses and validation scores of networks trained here.',
    training.flatMap(({ method, losses, validation }) => [
      ...losses.map(({ step, loss }) => ({ method, step, quantity: 'training loss', value: loss })),
      ...validation.map(({ step, score }) => ({ method, step, quantity: 'validation score', value: score })),
    ]),
    {
      method: ['method', (row) => row.method],
      quantity: ['training loss or validation score', (row) => row.quantity],
      step: ['step', (row) => row.step],
      value: ['its value', (row) => row.value],
    },
  );

const failuresTable = ({ failures }: StudyRecord): Table =>
  tableOf('failures', 'Units that did not finish.', failures, {
    unit: ['name in the store', (failure) => failure.unit],
    label: ['what it was', (failure) => failure.label],
    error: ['why', (failure) => failure.error],
  });
