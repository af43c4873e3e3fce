import type { Row } from './outcome.js';

/** How long the rows that are left will take, judged by those that are done. */
export class Pace {
  private readonly waiting: Set<Row>;
  /** Seconds per entry of k-space, by case. */
  private readonly rates = new Map<Row['case'], number>();

  constructor(rows: readonly Row[]) {
    this.waiting = new Set(rows);
  }

  took(row: Row, seconds: number): void {
    this.waiting.delete(row);
    this.rates.set(row.case, seconds / entries(row));
  }

  /** As `2:05`; cases that were not run yet are taken to be as slow as the others on average. */
  left(): string {
    const known = [...this.rates.values()];
    const average = known.reduce((sum, rate) => sum + rate, 0) / known.length;
    let seconds = 0;
    for (const row of this.waiting) seconds += entries(row) * (this.rates.get(row.case) ?? average);
    const whole = Math.round(seconds);
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
  }
}

const entries = ({ sample }: Row): number => sample.shape.reduce((product, n) => product * n, 1);
