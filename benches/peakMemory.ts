import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Lets the peak start again at what the process holds now, so that making the inputs does not count. Only
 * Linux can do that; elsewhere the peak is that of the whole process.
 */
export function resetPeakMemory(): void {
  (globalThis as { gc?: () => void }).gc?.();
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // the peak then includes the inputs' way in
  }
}

/** Largest resident memory of this process in MiB, the runtime included. */
export function peakMemoryMb(): number {
  try {
    const line = readFileSync('/proc/self/status', 'utf8').match(/^VmHWM:\s*(\d+) kB$/m);
    if (line) return Math.round(Number(line[1]) / 1024);
  } catch {
    // not Linux
  }
  return Math.round(process.resourceUsage().maxRSS / 1024);
}
