import type { AttackRecord } from '../study/records.js';

/** One search for a perturbation. */
export interface Course extends Pick<AttackRecord, 'attack' | 'history' | 'flags'> {
  /** Whether its perturbation is the one that was scored: always, where it was the only one. */
  readonly isWorst: boolean;
  /** What the search was part of. */
  readonly of: AttackRecord;
}

/** Every search on an image, those included that found less than another. */
export function coursesOf(of: AttackRecord): Course[] {
  if (of.tried.length === 0)
    return [{ attack: of.attack, history: of.history, flags: of.flags, isWorst: true, of }];
  return of.tried.map(({ attack, history, flags, isWorst }) => ({
    ...{ attack, history, isWorst, of },
    flags: isWorst ? of.flags : flags, // those of the outcome go with what was kept
  }));
}
