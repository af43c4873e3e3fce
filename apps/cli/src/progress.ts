/** Where the lines go; `process.stderr` is one. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** What is going on: steps of the unit that is under way, and what is being minimised. */
export interface StepReport {
  readonly step: number;
  readonly steps: number;
  readonly objective?: number | undefined;
  /** Until the end, where the work itself knows better than the pace so far. */
  readonly secondsLeft?: number | undefined;
  /** What else there is to say of it, in a few words. */
  readonly note?: string | undefined;
}

const redrawEveryMs = 100;
const lineEveryMs = 5000;
const barWidth = 24;

/**
 * A bar with the time that is left. On a terminal it is redrawn in place; elsewhere a line is written every 5 s, so
 * that a log of a short command has none.
 */
export class ProgressBar {
  private label = '';
  private units = 1;
  private doneUnits = 0;
  private within = 0;
  private objective: number | undefined;
  private note: string | undefined;
  private secondsLeft: number | undefined;
  private started = 0;
  private lastDrawn = 0;
  private shownLength = 0;

  constructor(
    private readonly stream: ProgressStream | undefined,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Starts over for work of that many units: slices, files. */
  begin(label: string, units = 1): void {
    this.label = label;
    this.units = units;
    this.doneUnits = this.within = 0;
    this.objective = this.note = this.secondsLeft = undefined;
    this.started = this.now();
    // On a terminal at once; in a log not before the first pause is over.
    this.lastDrawn = this.stream?.isTTY ? -Infinity : this.started;
    this.draw();
  }

  /** A step of the unit under way: an `onProgress` of the library. */
  readonly step = ({ step, steps, objective, note, secondsLeft }: StepReport): void => {
    this.within = steps > 0 ? Math.min(1, step / steps) : 0;
    this.objective = objective;
    this.note = note;
    this.secondsLeft = secondsLeft;
    this.draw();
  };

  /** The unit under way is done. */
  next(): void {
    this.doneUnits++;
    this.within = 0;
    this.draw();
  }

  /** Takes the bar off the terminal. */
  end(): void {
    if (this.shownLength > 0) this.stream?.write(`\r${' '.repeat(this.shownLength)}\r`);
    this.shownLength = 0;
    this.lastDrawn = Infinity;
  }

  private draw(): void {
    const { stream } = this;
    if (!stream) return;
    const time = this.now();
    if (time - this.lastDrawn < (stream.isTTY ? redrawEveryMs : lineEveryMs)) return;
    this.lastDrawn = time;
    const line = this.describe(time);
    if (!stream.isTTY) {
      stream.write(`${line}\n`);
      return;
    }
    // Spaces instead of control codes: they work on every terminal. One column stays free, so that nothing wraps.
    const shown = line.slice(0, Math.max(10, (stream.columns ?? 80) - 1));
    stream.write(`\r${shown}${' '.repeat(Math.max(0, this.shownLength - shown.length))}`);
    this.shownLength = shown.length;
  }

  private describe(time: number): string {
    const fraction = Math.min(1, (this.doneUnits + this.within) / this.units);
    const filled = Math.round(fraction * barWidth);
    const bar = `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}]`;
    const count = this.units > 1 ? ` ${Math.min(this.units, this.doneUnits + 1)}/${this.units}` : '';
    const elapsed = time - this.started;
    const byPace = fraction > 0 ? (elapsed * (1 - fraction)) / fraction : undefined;
    const wait = this.secondsLeft === undefined ? byPace : 1000 * this.secondsLeft;
    const left = wait === undefined ? '' : `, ${formatTime(wait)} left`;
    const objective = this.objective === undefined ? '' : `, objective ${this.objective.toPrecision(4)}`;
    const note = this.note === undefined ? '' : `, ${this.note}`;
    return `${this.label}${count} ${bar} ${Math.floor(100 * fraction)} %${left}${objective}${note}`;
  }
}

/** 75 s as `1:15`, an hour more as `1:01:15`. */
export function formatTime(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const two = (n: number): string => String(n).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}
