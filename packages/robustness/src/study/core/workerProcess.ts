import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type FromWorker, settingsVariable, type ToWorker, type WorkerSettings } from './messages.js';
import type { Unit } from './unit.js';

/** How a unit ended. */
export type Outcome =
  | { readonly status: 'done' }
  | { readonly status: 'failed'; readonly error: string }
  /** Nothing can run any more. */
  | { readonly status: 'fatal'; readonly error: string };

/** Computes units, one at a time. */
export interface UnitWorker {
  readonly isAlive: boolean;
  run(unit: Unit, onProgress: (fraction: number) => void): Promise<Outcome>;
  end(): void;
}

const stderrKept = 2000;
/** A process in the middle of a kernel hears nothing, and is ended after that. */
const graceMs = 300;

/**
 * A process of its own, so that a crash, a lack of memory or an endless loop ends one unit and not the study. It ends
 * with this process.
 */
export class WorkerProcess implements UnitWorker {
  private readonly child: ChildProcess;
  private stderr = '';
  private isReady = false;
  private finish: ((outcome: Outcome) => void) | undefined;
  private report: (fraction: number) => void = () => undefined;
  isAlive = true;

  /** @param limitOf seconds after which a unit is given up, and the process with it */
  constructor(
    settings: WorkerSettings,
    private readonly limitOf: (unit: Unit) => number,
  ) {
    const { file, execArgv } = workerProgram();
    this.child = fork(file, [], {
      execArgv,
      env: { ...process.env, [settingsVariable]: JSON.stringify(settings) },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr = (this.stderr + chunk.toString()).slice(-stderrKept);
    });
    this.child.on('message', (message) => this.receive(message as FromWorker));
    this.child.on('error', (error) => this.lost(error.message));
    this.child.on('exit', (code, signal) =>
      this.lost(signal === null ? `exit code ${code}` : `signal ${signal}`),
    );
  }

  async run(unit: Unit, onProgress: (fraction: number) => void): Promise<Outcome> {
    this.report = onProgress;
    const outcome = new Promise<Outcome>((resolve) => {
      this.finish = resolve;
    });
    const limit = this.limitOf(unit);
    const timer = setTimeout(() => {
      this.settle({ status: 'failed', error: `took longer than ${limit} s and was stopped` });
      this.end();
    }, limit * 1000);
    if (this.isAlive)
      this.child.send({ unit } satisfies ToWorker, () => undefined); // 'exit' tells of a lost one
    else this.lost('the process was gone');
    return outcome.finally(() => clearTimeout(timer));
  }

  end(): void {
    this.isAlive = false;
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    if (child.connected) child.disconnect(); // at which it ends itself, and the programs that it runs
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    child.once('exit', () => clearTimeout(timer));
  }

  private receive(message: FromWorker): void {
    if (message.kind === 'ready') this.isReady = true;
    else if (message.kind === 'progress') this.report(message.fraction);
    else if (message.kind === 'done') this.settle({ status: 'done' });
    else this.settle({ status: message.isFatal ? 'fatal' : 'failed', error: message.error });
  }

  private lost(how: string): void {
    this.isAlive = false;
    const words = this.stderr.trim();
    const error = `its process ended (${how})${words === '' ? '' : `: ${words}`}`;
    // One that never got ready would fail again at every unit.
    this.settle({ status: this.isReady ? 'failed' : 'fatal', error });
  }

  private settle(outcome: Outcome): void {
    this.finish?.(outcome);
    this.finish = undefined;
  }
}

/** The program of a worker: beside this file in the sources, and beside the bundle once built. */
function workerProgram(): { file: string; execArgv: string[] } {
  const isSource = import.meta.url.endsWith('.ts');
  const file = fileURLToPath(new URL(isSource ? '../worker.ts' : './study/worker.js', import.meta.url));
  if (!isSource) return { file, execArgv: process.execArgv };
  // Not what this process was started with: tests run the sources in other ways.
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return { file, execArgv: ['--conditions=source', '--import', tsx] };
}
