import { init } from '@adjoint/tensor';
import { type FromWorker, settingsVariable, type ToWorker, type WorkerSettings } from './core/messages.js';
import { UnitStore } from './core/store.js';
import type { Unit } from './core/unit.js';
import { UnitContext } from './units/context.js';
import { unitCode } from './units/unitCode.js';

// The program of a worker process: computes the units that its parent sends, and ends with it.

const settings = JSON.parse(process.env[settingsVariable] ?? '{}') as WorkerSettings;
const { device, threads, seed, externalTimeoutMs } = settings;
const store = new UnitStore(settings.folder);

const tell = (message: FromWorker): void => void process.send?.(message);

/** Errors of the system about the store itself. */
const fatalCodes = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EIO']);

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function compute(unit: Unit): Promise<void> {
  const started = process.cpuUsage();
  let output: Awaited<ReturnType<(typeof unitCode)[Unit['kind']]>>;
  try {
    const progress = (fraction: number) => tell({ kind: 'progress', fraction });
    const context = new UnitContext(unit, store, seed, progress, externalTimeoutMs);
    output = await unitCode[unit.kind](context);
  } catch (error) {
    tell({ kind: 'failed', error: words(error), isFatal: false });
    return;
  }
  // of this process alone, however busy the machine is
  const { user, system } = process.cpuUsage(started);
  const seconds = (user + system) / 1e6;
  try {
    await store.write(unit, output, seconds);
    tell({ kind: 'done' });
  } catch (error) {
    const isFatal = fatalCodes.has((error as NodeJS.ErrnoException).code ?? '');
    tell({ kind: 'failed', error: words(error), isFatal });
  } finally {
    for (const tensor of Object.values(output.tensors ?? {})) tensor.dispose();
  }
}

process.on('disconnect', () => process.exit(0));
// Ctrl-C goes to all processes of a terminal: the parent decides what becomes of it.
process.on('SIGINT', () => undefined);
process.on('message', (message) => void compute((message as ToWorker).unit));
const isWasm = device === 'wasm';
await init(isWasm ? { device, threads, deterministic: true } : { device });
tell({ kind: 'ready' });
