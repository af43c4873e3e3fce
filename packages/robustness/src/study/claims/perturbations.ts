import type { ClaimRecord } from '../records.js';
import { claimRecord, condition, dropDifference, type Evidence, type Kind } from './evidence.js';
import { type Condition, type Judgement, judgeAll, sideOf, tooLittle } from './judge.js';

/** Of the methods that the source claims it of. */
const claimedMethods = ['l1', 'unet'];
/** Where a drop of 1 dB is asked for. */
const decisiveEpsilon = 0.08;

const own = (target: string, epsilon: number): Kind => ({
  ...{ perturbation: 'attack', source: target, target, epsilon },
});
const noise = (target: string, epsilon: number): Kind => ({
  ...{ perturbation: 'noise', source: null, target, epsilon },
});
const crafted = (source: string, target: string, epsilon: number): Kind => ({
  ...{ perturbation: 'attack', source, target, epsilon },
});

/** A1: an attack of its own does more to a method than noise of the same norm. */
export function claimA1(evidence: Evidence): ClaimRecord {
  const of = (method: string): Condition[] =>
    evidence.epsilons.flatMap((epsilon) =>
      condition(
        `${method}, epsilon ${epsilon}: attack − noise, dB`,
        dropDifference(evidence, own(method, epsilon), noise(method, epsilon)),
        epsilon === decisiveEpsilon ? 1 : 0,
      ),
    );
  const judged = claimedMethods.flatMap(of);
  const others = evidence.methods.filter((method) => !claimedMethods.includes(method)).flatMap(of);
  const about = {
    id: 'A1',
    claim: 'Trained and classical methods alike lose accuracy under small perturbations crafted for them.',
    criterion:
      'l1 and unet: paired drop (own attack − noise of equal sampled norm) above 0 with its 95 % interval at every ' +
      'epsilon, above 1 dB at 0.08. Other methods: numbers only.',
  };
  return claimRecord(about, judgeAll(judged), [...judged, ...others]);
}

/** A2: perturbations crafted for the network hurt l1 less than its own do. */
export function claimA2(evidence: Evidence): ClaimRecord {
  const conditions = evidence.epsilons.flatMap((epsilon) =>
    condition(
      `epsilon ${epsilon}: drop of l1, own attack − that of unet, dB`,
      dropDifference(evidence, own('l1', epsilon), crafted('unet', 'l1', epsilon)),
      0,
    ),
  );
  const about = {
    id: 'A2',
    claim: 'Perturbations crafted for a trained network affect l1 only mildly.',
    criterion: 'drop(unet on l1) < drop(l1 on l1), paired, at every epsilon.',
  };
  return claimRecord(about, judgeAll(conditions), conditions);
}

/** A3: perturbations crafted for l1 hurt it more than the network. */
export function claimA3(evidence: Evidence): ClaimRecord {
  const conditions = evidence.epsilons.flatMap((epsilon) =>
    condition(
      `epsilon ${epsilon}: drop under the attack on l1, of l1 − of unet, dB`,
      dropDifference(evidence, own('l1', epsilon), crafted('l1', 'unet', epsilon)),
      0,
    ),
  );
  const about = {
    id: 'A3',
    claim: 'Perturbations crafted for l1 hurt l1 strongly and a U-net mildly.',
    criterion: 'drop(l1 on l1) > drop(l1 on unet), paired, at every epsilon.',
  };
  return claimRecord(about, judgeAll(conditions), conditions);
}

/** A4: for most methods, no perturbation is worse than the one made for them. */
export function claimA4(evidence: Evidence): ClaimRecord {
  const epsilon = Math.max(...evidence.epsilons);
  const byTarget = evidence.attacked.map((target) =>
    evidence.attacked
      .filter((source) => source !== target)
      .flatMap((source) =>
        condition(
          `on ${target}: own attack − that of ${source}, dB`,
          dropDifference(evidence, own(target, epsilon), crafted(source, target, epsilon)),
          0,
        ),
      ),
  );
  const about = {
    id: 'A4',
    claim: 'The transfer matrix is dominated by its diagonal: the worst perturbation is the tailored one.',
    criterion: `For three quarters of the methods at epsilon ${epsilon}: own drop above that of every other source.`,
  };
  return claimRecord(about, judgeMost(byTarget), byTarget.flat());
}

/** A method counts for the claim if all its differences are above 0, and against it if one is below. */
function judgeMost(byTarget: readonly (readonly Condition[])[]): Judgement {
  const early = tooLittle(byTarget.flat());
  if (early) return early;
  const needed = Math.ceil(0.75 * byTarget.length);
  const sides = byTarget.map((conditions) => conditions.map(sideOf));
  const certain = sides.filter((list) => list.length > 0 && list.every((side) => side === 'above')).length;
  const possible = sides.filter((list) => !list.includes('below')).length;
  const reason = `${certain} methods for certain, ${possible} possibly; ${needed} of ${byTarget.length} are needed.`;
  if (certain >= needed) return { verdict: 'holds', reason };
  return { verdict: possible < needed ? 'does not hold' : 'inconclusive', reason };
}
