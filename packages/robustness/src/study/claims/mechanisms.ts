import type { ClaimRecord, IntervalRecord, OracleRecord } from '../records.js';
import { meanInterval } from '../tables/interval.js';
import { claimRecord, condition, type Evidence } from './evidence.js';
import { type Condition, judgeAll } from './judge.js';

/** Rounding may put a maximum above the exact one by this part. */
const rounding = 1e-3;

/** The joint attack's share of the largest gain there is. */
function jointRatio({ attacks }: OracleRecord): number | undefined {
  return attacks.find(({ attack }) => attack === 'joint')?.ratio;
}

/** A mean over the oracles that have a joint attack. */
function meanOver(
  { oracles }: Evidence,
  value: (oracle: OracleRecord, ratio: number) => number,
): IntervalRecord | undefined {
  const found = oracles.flatMap((oracle) => {
    const ratio = jointRatio(oracle);
    return ratio === undefined ? [] : [{ subject: oracle.subject, value: value(oracle, ratio) }];
  });
  return found.length > 0 ? meanInterval(found) : undefined;
}

/** A7: attacks on optimisation problems need no unrolled solver. */
export function claimA7(evidence: Evidence): ClaimRecord {
  const share = meanOver(evidence, (_oracle, ratio) => ratio);
  const conditions = condition('gain of the joint attack, part of the oracle', share, 0.6);
  const about = {
    id: 'A7',
    claim: 'Attacking methods that are optimisation problems needs no unrolling.',
    criterion:
      'The joint attack reaches 60 % of the largest gain of the linear method. What unrolling adds on l1: numbers only.',
  };
  return claimRecord(about, judgeAll(conditions), [...conditions, ...unrollingAdds(evidence)]);
}

/** By how much the drop under the unrolled attack exceeds that under the joint one where both were run, with clean coil maps. */
function unrollingAdds({ attacks, epsilons, methods }: Evidence): Condition[] {
  return methods.flatMap((method) =>
    epsilons.flatMap((epsilon) => {
      const own = attacks.filter((one) => one.method === method && one.epsilon === epsilon);
      const gaps = own.flatMap(({ tried, subject }) => {
        const [unrolled, joint] = ['unrolled', 'joint'].map((name) => tried.find((t) => t.attack === name));
        return unrolled && joint ? [{ subject, value: unrolled.drop - joint.drop }] : [];
      });
      const name = `${method}, epsilon ${epsilon}: unrolled − joint attack, dB`;
      return gaps.length > 0 ? condition(name, meanInterval(gaps), 0) : [];
    }),
  );
}

/** D1: what the joint attack exploits is ill-conditioning. */
export function claimD1(evidence: Evidence): ClaimRecord {
  const twice = meanOver(evidence, ({ oracle, noise }, ratio) => ratio * (oracle / noise) - 2);
  const below = meanOver(evidence, (_oracle, ratio) => 1 - ratio);
  const conditions = [
    ...condition('gain of the joint attack over that of noise, minus 2', twice, 0),
    ...condition('1 − part of the oracle', below, -rounding),
  ];
  const about = {
    id: 'D1',
    claim: 'The joint attack on least squares exploits the ill-conditioning of sampling and coils.',
    criterion: 'gain(joint) > 2 gain(noise), and at most that of the oracle.',
  };
  return claimRecord(about, judgeAll(conditions), conditions);
}

/** A17: where a small feature lies decides how well it is recovered, learning or not. */
export function claimA17(evidence: Evidence): ClaimRecord {
  const conditions = evidence.methods.flatMap((method) => {
    const own = evidence.locations.filter((location) => location.method === method);
    const explained = own.map(({ subject, explained: value }) => ({ subject, value }));
    return explained.length > 0
      ? condition(`${method}: part of the variance between places`, meanInterval(explained), 0.5)
      : [];
  });
  const about = {
    id: 'A17',
    claim: 'The error over a small feature depends on its place, for every method, trained or not.',
    criterion: 'The place explains at least half of the variance over 3 masks and noises, for every method.',
  };
  return claimRecord(about, judgeAll(conditions), conditions);
}
