/** Counts of a whole run; a case on a backend counts as one. */
export class Tally {
  passed = 0;
  failed = 0;
  skipped = 0;

  constructor(readonly print: (line: string) => void) {}

  /** Counts a failure and prints it. */
  fail(what: string, why: unknown): void {
    this.failed++;
    this.print(`FAIL ${what}: ${messageOf(why)}`);
  }

  /** Counts a case that was left out and prints why. */
  skip(what: string, why: string): void {
    this.skipped++;
    this.print(`skip ${what}: ${why}`);
  }

  /** `N passed, N failed`, and how many were skipped if any were. */
  get summary(): string {
    return `${this.passed} passed, ${this.failed} failed${this.skipped > 0 ? `, ${this.skipped} skipped` : ''}`;
  }
}

/** The message of an error, whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
