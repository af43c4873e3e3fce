import type { ChildProcess } from 'node:child_process';
import { AdjointError } from '@adjoint/tensor';

/** Imports a Node module by a name that bundlers do not follow, so that pages can load this package. */
export async function nodeModule<T>(fn: string, name: string): Promise<T> {
  try {
    return await import(/* @vite-ignore */ /* webpackIgnore: true */ name);
  } catch {
    throw new AdjointError(`${fn}: programs can only be run under Node.`);
  }
}

export interface CommandOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** As much of what a program printed as a message can hold. */
const kept = 2000;

/**
 * Runs a command line in the system's shell until it ends; its output is only kept for messages. A program that takes too long, or
 * is no longer wanted, is ended with everything it started.
 *
 * @throws AdjointError naming the exit code and the last of what it printed; the signal's reason.
 */
export async function runCommand(fn: string, command: string, options: CommandOptions): Promise<void> {
  const { timeoutMs, signal } = options;
  signal?.throwIfAborted();
  const { spawn } = await nodeModule<typeof import('node:child_process')>(fn, 'node:child_process');
  const isPosix = process.platform !== 'win32';
  // a group of its own, so that what the shell starts can be ended, too
  const child = spawn(command, { shell: true, detached: isPosix, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  const listen = (chunk: Buffer): void => {
    printed = (printed + chunk.toString()).slice(-kept);
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    end(child, isPosix);
  }, timeoutMs);
  const abort = (): void => end(child, isPosix);
  signal?.addEventListener('abort', abort, { once: true });
  process.once('exit', abort); // a group of its own would outlive this process
  try {
    const { code, by } = await ending(fn, child, command);
    signal?.throwIfAborted();
    if (code === 0) return;
    const reason = isLate
      ? `did not end within ${timeoutMs / 1000} s`
      : `ended with ${code === null ? `signal ${by}` : `exit code ${code}`}`;
    const last = printed.trim() === '' ? 'It printed nothing.' : `It printed last: ${printed.trim()}`;
    throw new AdjointError(`${fn}: "${command}" ${reason}. ${last}`);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    process.removeListener('exit', abort);
  }
}

const ending = (fn: string, child: ChildProcess, command: string) =>
  new Promise<{ code: number | null; by: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('error', (error) => {
      reject(new AdjointError(`${fn}: "${command}" cannot be started: ${error.message}`));
    });
    // 'exit' and not 'close': something the program left behind may hold its output open for ever
    child.once('exit', (code, by) => resolve({ code, by }));
  });

function end(child: ChildProcess, isGroup: boolean): void {
  if (child.pid === undefined) return;
  try {
    if (isGroup) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // it has just ended by itself
  }
}
