import type { Scores } from '@adjoint/mri';

/**
 * What a study leaves behind, as plain JSON: `study.json` holds a StudyRecord, which depends on the request, the data
 * and the code alone (two runs with one seed write the same bytes); `run.json` holds a RunRecord, what depends on the
 * day and the machine. Numbers that JSON has no word for (unbounded intervals, NaN) are null.
 */
export interface StudyRecord {
  readonly format: 'adjoint study 1';
  readonly manifest: StudyManifest;
  readonly images: readonly ImageRecord[];
  /** Every score there is: one method on one image under one perturbation. */
  readonly rows: readonly ScoreRow[];
  /** The rows averaged over images. */
  readonly cells: readonly CellRecord[];
  readonly attacks: readonly AttackRecord[];
  readonly oracles: readonly OracleRecord[];
  readonly seeds: readonly SeedRecord[];
  readonly tuning: readonly TuningRecord[];
  readonly training: readonly TrainingRecord[];
  readonly heatMaps: readonly HeatMapRecord[];
  readonly locations: readonly LocationRecord[];
  readonly claims: readonly ClaimRecord[];
  readonly failures: readonly FailureRecord[];
}

/** What was run. */
export interface StudyManifest {
  readonly profile: string;
  readonly seed: number;
  readonly experiments: readonly string[];
  readonly methods: readonly MethodRecord[];
  readonly epsilons: readonly number[];
  /** The command line, or the call, that repeats it. */
  readonly command: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Which device the numbers come from: kind, threads per unit, whether its results are the same bits everywhere. */
  readonly device: { readonly kind: string; readonly threads: number; readonly deterministic: boolean };
  /** Sentences about what these numbers cannot show; for the first page. */
  readonly limits: readonly string[];
  readonly data: readonly DataRecord[];
  /** Every constant of the protocol that was used, by topic. */
  readonly constants: Readonly<Record<string, Readonly<Record<string, JsonValue>>>>;
}

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** A source of images. */
export interface DataRecord {
  readonly name: string;
  /** 'real anatomy, simulated acquisition', 'measured k-space', … */
  readonly provenance: string;
  readonly source: string;
  readonly licence: string;
  /** Whether pictures of it may be published with the report. */
  readonly picturesAllowed: boolean;
  readonly remark: string;
  readonly images: number;
  readonly subjects: number;
}

export interface MethodRecord {
  readonly name: string;
  readonly about: string;
  /** How it is attacked; null where nothing can be made for it, because it has no gradients. */
  readonly attack: string | null;
  readonly settings: Readonly<Record<string, JsonValue>>;
  /** SHA-256 of the weights, for trained methods. */
  readonly weights?: string | undefined;
}

export interface ImageRecord {
  /** Unique, such as 'brain:10'. */
  readonly name: string;
  /** Name of a DataRecord. */
  readonly data: string;
  readonly subject: string;
  readonly anatomy: string;
  readonly contrast: string;
  /** 'tune': regularisation weights were chosen on it; 'test': scored. */
  readonly use: 'tune' | 'test';
  /** 'by subject', or 'within-subject' for other slices of the person that was trained on. */
  readonly split: string;
  readonly coils: number;
  readonly grid: readonly [height: number, width: number];
  readonly sampled: { readonly lines: number; readonly of: number; readonly centre: number };
  /** Where the k-space of the source ends, part of Nyquist, if it was measured. */
  readonly support?: readonly [rows: number, columns: number] | undefined;
  /** Unit whose arrays hold `kspace`, `mask`, `reference` (and `noiseFree` where simulated). */
  readonly unit: string;
}

/** How a perturbation was made. */
export type Perturbation = 'none' | 'attack' | 'noise';

export interface ScoreRow {
  readonly perturbation: Perturbation;
  /** Method that the perturbation was crafted for: equal to `target` for its own attack; null without attack. */
  readonly source: string | null;
  /** Method that reconstructed. */
  readonly target: string;
  /** Asked for: ‖e‖/‖k_full‖; 0 without perturbation. */
  readonly epsilon: number;
  /** Reached. */
  readonly reached: number;
  /** ‖e‖/‖y‖ */
  readonly sampled: number;
  readonly image: string;
  readonly subject: string;
  /** Whether coil maps were estimated from the perturbed data ('reestimated', the default for scoring). */
  readonly maps: 'reestimated' | 'clean';
  /** Against the reference (RSS of the noisy full k-space). */
  readonly scores: Scores;
  /** Against the noise-free image, where it is known. */
  readonly noiseFree: Scores | null;
  /** dB of PSNR lost to the target's own clean reconstruction. */
  readonly drop: number;
  readonly unit: string;
}

export interface IntervalRecord {
  readonly estimate: number;
  readonly low: number | null;
  readonly high: number | null;
  /** Images, and the subjects they are of: the bootstrap draws subjects. */
  readonly images: number;
  readonly subjects: number;
}

/** A mean over images; the transfer matrix is the cells of one epsilon. */
export interface CellRecord {
  readonly perturbation: Perturbation;
  readonly source: string | null;
  readonly target: string;
  readonly epsilon: number;
  readonly maps: 'reestimated' | 'clean';
  readonly psnr: IntervalRecord;
  readonly psnrForeground: IntervalRecord;
  readonly ssim: IntervalRecord;
  readonly ssimForeground: IntervalRecord;
  readonly nmse: IntervalRecord;
  readonly drop: IntervalRecord;
}

/** One attack: its course. */
export interface AttackRecord {
  readonly method: string;
  readonly image: string;
  readonly subject: string;
  readonly epsilon: number;
  /** 'apgd', 'joint', 'implicit', …; of several the one that did most damage, whose course this is. */
  readonly attack: string;
  /** The attack's objective at every step, a list for each restart. */
  readonly history: readonly (readonly (number | null)[])[];
  readonly flags: readonly string[];
  readonly drop: number;
  readonly noiseDrop: number;
  /** All attacks, where several were tried. */
  readonly tried: readonly TriedAttackRecord[];
  /**
   * Unit whose arrays hold `perturbation` (c64, k-space), `perturbationImage`, `clean`, `attacked`, `noisy` (f32
   * images); the reference is in the image's unit.
   */
  readonly unit: string;
}

/** One of several attacks on a method. */
export interface TriedAttackRecord {
  readonly attack: string;
  /** How far it moves the method's own image, ‖f(y + e) − f(y)‖²/‖f(y)‖², with the coil maps of the clean data. */
  readonly damage: number;
  /** PSNR lost with those maps, dB. */
  readonly drop: number;
  /** Whether its perturbation was kept. */
  readonly isWorst: boolean;
  readonly history: readonly (readonly (number | null)[])[];
  readonly flags: readonly string[];
}

/** Attacks on a method that is linear in the samples, whose worst case is known. */
export interface OracleRecord {
  readonly method: string;
  readonly image: string;
  readonly subject: string;
  readonly epsilon: number;
  /** Norm of the change of the image over the norm of the perturbation, ‖R e‖/‖e‖. */
  readonly oracle: number;
  readonly noise: number;
  readonly attacks: readonly {
    readonly attack: string;
    readonly gain: number;
    /** gain/oracle. */
    readonly ratio: number;
  }[];
}

/** How much a method's own randomness moves its score: the noise floor of drops. */
export interface SeedRecord {
  readonly method: string;
  readonly image: string;
  /** Of the clean data: with the study's randomness, then with fresh ones. */
  readonly psnr: readonly number[];
  /** Sample standard deviation, dB. */
  readonly deviation: number;
  /** What the same randomness makes of data attacked with the first one. */
  readonly attacked: readonly AttackedSeeds[];
}

/** A method's own attack, reconstructed with the randomness it was made for and with fresh ones. */
export interface AttackedSeeds {
  readonly epsilon: number;
  /** Seed by seed as the clean scores. */
  readonly psnr: readonly number[];
  /** PSNR lost to the clean score of the same seed, dB. */
  readonly drops: readonly number[];
  /** Of the fresh ones. */
  readonly mean: number;
  /** Sample standard deviation of the fresh ones, dB; null of a single one. */
  readonly deviation: number | null;
}

export interface TuningRecord {
  readonly method: string;
  readonly lambda: number;
  readonly metric: string;
  readonly images: readonly string[];
  readonly table: readonly { readonly lambda: number; readonly score: number }[];
  readonly unit: string;
}

/** A network trained during the study. */
export interface TrainingRecord {
  readonly method: string;
  readonly about: string;
  readonly settings: Readonly<Record<string, JsonValue>>;
  readonly losses: readonly { readonly step: number; readonly loss: number }[];
  readonly validation: readonly { readonly step: number; readonly score: number }[];
  /** Whether the study's method has these weights; else they are only shown. */
  readonly isStudied: boolean;
  /**
   * Mean clean scores on the test images (null where none was reconstructed), beside those of the method's shipped
   * weights (null without them).
   */
  readonly psnr: IntervalRecord | null;
  readonly ssim: IntervalRecord | null;
  readonly shipped: { readonly psnr: IntervalRecord; readonly ssim: IntervalRecord } | null;
  readonly unit: string;
}

/** Error over a small feature wherever it is put. */
export interface HeatMapRecord {
  readonly method: string;
  readonly image: string;
  /** 'faithful': one real value in every coil; 'corrected': consistent with the coil maps. */
  readonly insertion: 'faithful' | 'corrected';
  readonly window: number;
  /** Top-left corner of the window, in pixels of the reference. */
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  /** Region error [rows][columns], not normalised; null where the position failed. */
  readonly values: readonly (readonly (number | null)[])[];
  /** Mean of the reference around each position. */
  readonly intensity: readonly (readonly (number | null)[])[];
  readonly minimum: number;
  readonly maximum: number;
  readonly coefficientOfVariation: number;
  /** Of the error with the mean intensity around the window; negative: worse in dark regions. */
  readonly darkness: number;
}

/** Heat maps with masks and noise drawn anew: how much of the error over a small feature its place explains. */
export interface LocationRecord {
  readonly method: string;
  readonly image: string;
  readonly subject: string;
  readonly positions: number;
  readonly repeats: number;
  /** Part of the variance that lies between places: intra-class correlation, (MSB − MSW)/(MSB + (r − 1) MSW). */
  readonly explained: number;
  readonly coefficientOfVariation: number;
}

export type Verdict = 'holds' | 'does not hold' | 'inconclusive' | 'by construction' | 'not tested';

export interface ClaimRecord {
  /** 'A1' … */
  readonly id: string;
  readonly claim: string;
  readonly criterion: string;
  readonly verdict: Verdict;
  /** One sentence: which numbers decided, or what is missing. */
  readonly reason: string;
  readonly images: number;
  readonly subjects: number;
  readonly numbers: readonly { readonly name: string; readonly value: number | IntervalRecord | null }[];
}

/** A unit that did not finish. */
export interface FailureRecord {
  readonly unit: string;
  /** 'attack l1 brain:10 epsilon 0.08' */
  readonly label: string;
  readonly error: string;
}

/** The day and the machine; not part of the tables. */
export interface RunRecord {
  readonly started: string;
  readonly finished: string;
  readonly seconds: number;
  readonly jobs: number;
  readonly shard: string | null;
  readonly node: string;
  readonly platform: string;
  readonly processor: string;
  readonly units: { readonly done: number; readonly reused: number; readonly failed: number };
  /** Processor seconds by kind of unit. */
  readonly secondsByKind: Readonly<Record<string, number>>;
}

/** What runStudy gives: where it is and what is in it. */
export interface StudyResult {
  readonly out: string;
  readonly record: StudyRecord;
  readonly run: RunRecord;
}
