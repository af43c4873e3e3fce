import type {
  AttackRecord,
  ClaimRecord,
  IntervalRecord,
  LocationRecord,
  OracleRecord,
  ScoreRow,
} from '../records.js';
import { meanInterval } from '../tables/interval.js';
import type { Condition, Judgement } from './judge.js';

/** What claims are judged by. */
export interface Evidence {
  readonly rows: readonly ScoreRow[];
  readonly oracles: readonly OracleRecord[];
  readonly attacks: readonly AttackRecord[];
  readonly locations: readonly LocationRecord[];
  readonly methods: readonly string[];
  /** Those of them that perturbations were made for. */
  readonly attacked: readonly string[];
  /** Without 0. */
  readonly epsilons: readonly number[];
}

/** A kind of row: with coil maps estimated from the perturbed data. */
export type Kind = Pick<ScoreRow, 'perturbation' | 'source' | 'target' | 'epsilon'>;

/** Paired difference of drops, image by image, in dB; undefined where no image has both. */
export function dropDifference({ rows }: Evidence, more: Kind, less: Kind): IntervalRecord | undefined {
  const [first, second] = [dropsOf(rows, more), dropsOf(rows, less)];
  const pairs = [...first].flatMap(([image, { drop, subject }]) => {
    const other = second.get(image);
    return other ? [{ subject, value: drop - other.drop }] : [];
  });
  return pairs.length > 0 ? meanInterval(pairs) : undefined;
}

function dropsOf(rows: readonly ScoreRow[], kind: Kind): Map<string, ScoreRow> {
  const wanted = rows.filter(
    (row) =>
      row.maps === 'reestimated' &&
      row.perturbation === kind.perturbation &&
      row.source === kind.source &&
      row.target === kind.target &&
      row.epsilon === kind.epsilon,
  );
  return new Map(wanted.map((row) => [row.image, row]));
}

/** A condition on a difference, if there is one. */
export const condition = (
  name: string,
  interval: IntervalRecord | undefined,
  threshold: number,
): Condition[] => (interval ? [{ name, interval, threshold }] : []);

/** A record of a claim, with the numbers that decided. */
export function claimRecord(
  about: Pick<ClaimRecord, 'id' | 'claim' | 'criterion'>,
  { verdict, reason }: Judgement,
  conditions: readonly Condition[],
): ClaimRecord {
  const least = (of: 'images' | 'subjects'): number =>
    conditions.length === 0 ? 0 : Math.min(...conditions.map(({ interval }) => interval[of]));
  return {
    ...{ ...about, verdict, reason, images: least('images'), subjects: least('subjects') },
    numbers: conditions.map(({ name, interval }) => ({ name, value: interval })),
  };
}
