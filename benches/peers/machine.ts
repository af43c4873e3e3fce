import { readFileSync } from 'node:fs';
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the figures were measured on, in one line. */
export function describeMachine(): string {
  const gib = (os.totalmem() / 2 ** 30).toFixed(0);
  const model = os.cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${os.cpus().length} cores (${model}${vectorWidth()}), ${gib} GiB, ${os.type()} ${os.release()}`;
}

/** Which vector instructions native peers find; what WebAssembly can use is half as wide at most. */
function vectorWidth(): string {
  try {
    const info = readFileSync('/proc/cpuinfo', 'utf8');
    return info.includes('avx512f') ? ', AVX-512' : info.includes('avx2') ? ', AVX2' : '';
  } catch {
    return '';
  }
}

/** Processes that run or wait for a core now, this one left out; 0 where the system does not tell. */
function othersRunning(): number {
  try {
    const [, , , running] = readFileSync('/proc/loadavg', 'utf8').split(' ');
    return Math.max(0, Number.parseInt(running!, 10) - 1);
  } catch {
    return 0;
  }
}

const gapMs = 20;
const longestWaitMs = 200;

/**
 * A pause between samples: OpenMP threads of the process before spin for a while after their work, and would
 * take a core away from the next. Then waits until nothing runs, not for ever.
 * @returns whether the machine became idle.
 */
export async function settle(): Promise<boolean> {
  for (let waited = 0; waited < longestWaitMs; waited += gapMs) {
    await sleep(gapMs);
    if (othersRunning() === 0) return true;
  }
  return false;
}
