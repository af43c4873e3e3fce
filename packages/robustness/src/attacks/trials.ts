import type { Reconstructor } from '@adjoint/mri';
import {
  ArgumentError,
  checkBoolean,
  checkChoice,
  checkInteger,
  checkNumber,
  checkOptions,
  describe,
} from '@adjoint/tensor';
import {
  type AttackMethod,
  type AttackOptions,
  type AttackTrial,
  attackMethods,
  attackOptionNames,
  attackTrialNames,
} from './attackOptions.js';
import { ballNorms } from './ball.js';
import { checkMethod } from './subject.js';

/** An attack to be run: which, through what, and where it differs from the others. */
export interface PlannedTrial {
  readonly kind: AttackMethod;
  readonly through: Reconstructor;
  readonly options: Omit<AttackTrial, 'method' | 'through'>;
}

/**
 * The attacks that options ask for. Refuses what is out of range, or cannot reach the method, before anything is computed.
 * @internal
 */
export function trialsOf(fn: string, method: Reconstructor, options: AttackOptions): PlannedTrial[] {
  checkOptions(fn, options, attackOptionNames);
  checkNumber(fn, 'option epsilon', options.epsilon, { min: 0 });
  checkChoice(fn, 'option norm', options.norm ?? 'l2', ballNorms);
  checkChoice(fn, 'option maps', options.maps ?? 'clean', ['clean', 'reestimated']);
  checkBoolean(fn, 'option control', options.control ?? true);
  const { method: asked = 'auto', ...shared } = options;
  checkSearch(fn, 'option ', shared);
  if (!Array.isArray(asked)) return [plan(fn, method, 'option method', asked as AttackMethod, options, {})];
  if (asked.length === 0)
    throw new ArgumentError({ fn, argument: 'option method', expected: 'at least one attack', got: '[]' });
  return asked.map((trial: AttackMethod | AttackTrial, i) => {
    const argument = `option method[${i}]`;
    if (typeof trial === 'string') return plan(fn, method, argument, trial, options, {});
    if (trial === null || typeof trial !== 'object')
      throw new ArgumentError({ fn, argument, expected: 'a name, or { method, ... }', got: describe(trial) });
    checkOptions(fn, trial, attackTrialNames);
    const { method: kind, through = options.through, ...own } = trial;
    checkSearch(fn, `${argument}.`, own);
    return plan(fn, method, `${argument}.method`, kind, { through }, own);
  });
}

/** What every search may say for itself. */
function checkSearch(fn: string, of: string, { steps, restarts, target, mode }: Partial<AttackTrial>): void {
  checkInteger(fn, `${of}steps`, steps ?? 100, { min: 1 });
  checkInteger(fn, `${of}restarts`, restarts ?? 1, { min: 1 });
  checkChoice(fn, `${of}target`, target ?? 'clean', ['clean', 'reference']);
  checkChoice(fn, `${of}mode`, mode ?? 'corrected', ['corrected', 'faithful']);
}

/** Which attack 'auto' is, and whether what it follows gives what it needs. */
function plan(
  fn: string,
  method: Reconstructor,
  argument: string,
  asked: AttackMethod,
  { through: given }: Pick<AttackOptions, 'through'>,
  options: PlannedTrial['options'],
): PlannedTrial {
  checkChoice(fn, argument, asked, attackMethods);
  const through = given === undefined ? method : checkMethod(fn, given);
  const kind = asked !== 'auto' ? asked : through.problem ? 'joint' : 'apgd';
  const needs = kind === 'joint' || kind === 'implicit' ? 'problem' : 'differentiable';
  if (through[needs] !== undefined) return { kind, through, options };
  throw new ArgumentError({
    fn,
    argument: `the method ${through.name}`,
    expected: `one with ${needs} for '${kind}'`,
    got: 'one without',
    remedy: 'Craft the perturbation for another method and transfer it: transferMatrix().',
  });
}
