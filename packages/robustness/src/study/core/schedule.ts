import { AdjointError } from '@adjoint/tensor';
import { type Failure, UnitQueue } from './queue.js';
import type { UnitStore } from './store.js';
import type { Unit } from './unit.js';
import type { Outcome, UnitWorker } from './workerProcess.js';

/** Where a study is. */
export interface StudyProgress {
  readonly done: number;
  readonly failed: number;
  readonly total: number;
  /** Of the estimated work, 0 to 1. */
  readonly fraction: number;
  /** Labels of the units under way. */
  readonly running: readonly string[];
  readonly secondsLeft: number;
}

export interface ScheduleOptions {
  readonly units: readonly Unit[];
  readonly store: UnitStore;
  readonly jobs: number;
  readonly launch: () => UnitWorker;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: StudyProgress) => void) | undefined;
}

export interface ScheduleReport {
  readonly done: number;
  readonly reused: number;
  readonly failures: readonly Failure[];
}

/**
 * Runs all units that are not in the store yet, what others need first. A unit that fails takes with it only those
 * that need it.
 *
 * @throws the signal's reason; AdjointError if nothing can run (the store cannot be written, no worker starts)
 */
export async function runUnits(options: ScheduleOptions): Promise<ScheduleReport> {
  const schedule = new Schedule(options);
  await schedule.run();
  return schedule.summary();
}

class Schedule {
  private readonly queue: UnitQueue;
  private readonly workers = new Set<UnitWorker>();
  private readonly running = new Map<Unit, number>();
  private readonly started = performance.now();
  private readonly total: number;
  private readonly reused: number;
  private readonly work: number;
  private done = 0;
  private doneWork = 0;
  private fatal: unknown;
  private waiting: (() => void)[] = [];

  constructor(private readonly options: ScheduleOptions) {
    const { units, store } = options;
    const open = units.filter(({ hash }) => !store.has(hash));
    this.queue = new UnitQueue(units, (hash) => store.has(hash));
    this.total = units.length;
    this.reused = units.length - open.length;
    this.work = open.reduce((sum, { cost }) => sum + cost, 0);
  }

  async run(): Promise<void> {
    const { signal, jobs, units } = this.options;
    const stop = () => this.end(signal?.reason);
    signal?.throwIfAborted();
    signal?.addEventListener('abort', stop);
    try {
      const open = units.length - this.reused;
      await Promise.all(Array.from({ length: Math.min(jobs, open) }, () => this.lane()));
    } finally {
      signal?.removeEventListener('abort', stop);
      for (const worker of this.workers) worker.end();
    }
    if (this.fatal !== undefined) throw this.fatal;
  }

  summary(): ScheduleReport {
    const failures = [...this.queue.failures.values()];
    return { done: this.done, reused: this.reused, failures };
  }

  /** One worker after the other, and one unit after the other. */
  private async lane(): Promise<void> {
    let worker: UnitWorker | undefined;
    while (this.fatal === undefined) {
      const unit = this.queue.next();
      if (unit === undefined) {
        if (this.running.size === 0) break;
        await this.change();
        continue;
      }
      if (!worker?.isAlive) worker = this.launch(worker);
      this.running.set(unit, 0);
      this.report();
      const outcome = await worker.run(unit, (fraction) => {
        this.running.set(unit, fraction);
        this.report();
      });
      this.running.delete(unit);
      await this.settle(unit, outcome);
      this.wake();
    }
    this.wake();
  }

  private launch(dead: UnitWorker | undefined): UnitWorker {
    if (dead) this.workers.delete(dead);
    const worker = this.options.launch();
    this.workers.add(worker);
    return worker;
  }

  private async settle(unit: Unit, outcome: Outcome): Promise<void> {
    if (this.fatal !== undefined) return;
    if (outcome.status === 'fatal') return this.end(new AdjointError(`study: ${outcome.error}`));
    this.doneWork += unit.cost;
    if (outcome.status === 'done') {
      this.done++;
      this.queue.finished(unit);
    } else {
      const failed = this.queue.failed(unit, outcome.error);
      for (const each of failed) await this.options.store.writeFailure(each.unit, each.error);
    }
    this.report();
  }

  /** Stops everything: the run ends with this error. */
  private end(error: unknown): void {
    this.fatal ??= error ?? new AdjointError('study: stopped');
    for (const worker of this.workers) worker.end();
    this.wake();
  }

  /** Until some unit has ended. */
  private change(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private wake(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const resume of waiting) resume();
  }

  private report(): void {
    const { onProgress, jobs } = this.options;
    if (!onProgress) return;
    const partial = [...this.running].reduce((sum, [unit, fraction]) => sum + unit.cost * fraction, 0);
    const worked = this.doneWork + partial;
    const left = Math.max(0, this.work - worked);
    const elapsed = (performance.now() - this.started) / 1000;
    // Estimates of costs are right but for a factor, which shows once some work is done.
    const perCost = worked > 0.05 * this.work ? elapsed / worked : 1 / jobs;
    onProgress({
      done: this.done + this.reused,
      failed: this.queue.failures.size,
      total: this.total,
      fraction: this.work === 0 ? 1 : worked / this.work,
      running: [...this.running.keys()].map(({ label }) => label),
      secondsLeft: left * perCost,
    });
  }
}
