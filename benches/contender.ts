import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** What a process says once it can start: which tool it runs. */
export interface Ready {
  readonly version: string;
  readonly threads: number;
  readonly device?: string;
}

interface Answer {
  readonly error?: string;
}

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

export interface Start {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const startLimitSeconds = 120;

/**
 * A process that holds the inputs of one row and runs it when asked: a line goes in, a JSON line comes out.
 * Every contender of a race is one, adjoint too.
 */
export class Contender {
  private readonly child: ChildProcess;
  private readonly waiting: Waiting[] = [];
  private complaint = '';
  private ended: Error | undefined;
  private readonly greeting: Promise<Ready>;

  constructor({ command, args, env }: Start) {
    this.child = spawn(command, args, { env: { ...process.env, ...env }, stdio: 'pipe' });
    this.child.stderr!.on('data', (chunk) => {
      this.complaint = (this.complaint + chunk).slice(-2000);
    });
    this.child.stdin!.on('error', () => {}); // it ended: `close` tells
    this.child.on('error', (error) => this.end(error));
    this.child.on('close', (code, signal) => this.end(new Error(this.lastWords(code ?? signal))));
    createInterface({ input: this.child.stdout! }).on('line', (line) => {
      if (line.startsWith('{')) this.waiting.shift()?.resolve(JSON.parse(line) as Answer);
    });
    // asked for at once: it may be there before anybody calls `ready`
    this.greeting = this.receive<Ready>(startLimitSeconds);
    this.greeting.catch(() => {});
  }

  /** Waits until the inputs are there. */
  ready(): Promise<Ready> {
    return this.greeting;
  }

  /**
   * Sends a command and gives its answer.
   * @throws Error with the process's own words where it fails; after `limitSeconds` it is stopped.
   */
  ask<T>(command: string, limitSeconds = 120): Promise<T> {
    const answer = this.receive<T>(limitSeconds);
    this.child.stdin!.write(`${command}\n`);
    return answer;
  }

  stop(): void {
    this.child.stdin!.end();
    this.child.kill();
  }

  private async receive<T>(limitSeconds: number): Promise<T> {
    if (this.ended) throw this.ended;
    const timer = setTimeout(() => {
      this.end(new Error(`stopped after ${limitSeconds} s`));
      this.child.kill('SIGKILL');
    }, 1000 * limitSeconds);
    try {
      const answer = await new Promise<Answer>((resolve, reject) => this.waiting.push({ resolve, reject }));
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer as T;
    } finally {
      clearTimeout(timer);
    }
  }

  private lastWords(code: number | string | null): string {
    const words = this.complaint.trim().split('\n').at(-1);
    return words || `the process ended with ${code}`;
  }

  private end(error: Error): void {
    this.ended ??= error;
    for (const { reject } of this.waiting.splice(0)) reject(this.ended);
  }
}

/** A row of ours in a process of its own; `device` and `threads` as for `init`. */
export const startRow = (name: string, device = '-', threads: number | '-' = '-'): Contender =>
  new Contender({
    command: process.execPath,
    args: [
      ...['--expose-gc', '--conditions=source', '--import', 'tsx'],
      path.join(import.meta.dirname, 'worker.ts'),
      ...[name, device, String(threads)],
    ],
  });
