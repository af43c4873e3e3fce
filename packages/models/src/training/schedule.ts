import { ArgumentError, checkInteger, checkNumber, checkOptions, describe } from '@adjoint/tensor';

/** Where training stands at the beginning of a step. */
export interface Moment {
  /** Counted from 0. */
  readonly step: number;
  /** Counted from 0. */
  readonly epoch: number;
  /** Done of the whole training, 0 to 1. Of a training limited in seconds: of its time, which no two runs share. */
  readonly fraction: number;
}

/** The step size of a step. */
export type Schedule = (at: Moment) => number;

const checkRate = (fn: string, lr: unknown): number => checkNumber(fn, 'option lr', lr, { min: 0 });

/**
 * `torch.optim.lr_scheduler.StepLR`: lr · gammaᵏ in epochs k·every to (k + 1)·every − 1. fastMRI's U-net: lr 1e-3, every
 * 40, gamma 0.1.
 */
export function stepSchedule(options: { lr: number; every: number; gamma?: number }): Schedule {
  const fn = 'stepSchedule';
  const { lr, every, gamma = 0.1 } = checkOptions(fn, options, ['lr', 'every', 'gamma']);
  checkRate(fn, lr);
  checkInteger(fn, 'option every', every, { min: 1 });
  checkNumber(fn, 'option gamma', gamma, { min: 0 });
  return ({ epoch }) => lr * gamma ** Math.floor(epoch / every);
}

/** lr · (last + (1 − last)(1 + cos πt)/2) with t the done part: from lr down to last·lr. Loshchilov & Hutter, ICLR 2017. */
export function cosineSchedule(options: { lr: number; last?: number; warmup?: number }): Schedule {
  const fn = 'cosineSchedule';
  const { lr, last = 0, warmup = 0 } = checkOptions(fn, options, ['lr', 'last', 'warmup']);
  checkRate(fn, lr);
  checkNumber(fn, 'option last', last, { min: 0, max: 1 });
  checkInteger(fn, 'option warmup', warmup, { min: 0 });
  return ({ step, fraction }) => {
    const rise = step < warmup ? (step + 1) / (warmup + 1) : 1;
    return rise * lr * (last + ((1 - last) * (1 + Math.cos(Math.PI * Math.min(1, fraction)))) / 2);
  };
}

/** The step size a schedule gives, checked: it is the user's function. */
export function rateAt(fn: string, schedule: Schedule, at: Moment): number {
  const rate = schedule(at);
  if (typeof rate === 'number' && Number.isFinite(rate) && rate >= 0) return rate;
  throw new ArgumentError({
    fn,
    argument: `what option schedule gives at step ${at.step}`,
    expected: 'a finite number >= 0',
    got: describe(rate),
  });
}
