/**
 * One row of a peer that runs in or from Node.js, in a process of its own, driven like `benches/worker.ts`:
 *
 *   worker.ts TOOL list                    prints { version, threads, ops } or { absent }
 *   worker.ts TOOL OP FOLDER THREADS       answers sample, output FILE and peak
 */
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { peakMemoryMb, resetPeakMemory } from '../peakMemory.js';
import { loadBart } from './bart.js';
import { loadJaxjs } from './jaxjs.js';
import { type PeerLibrary, type PeerRun, readInputs } from './library.js';
import { loadTfjs } from './tfjs.js';

const say = (message: object): void => console.log(JSON.stringify(message));

async function load(tool: string, threads: number, folder: string): Promise<PeerLibrary> {
  if (tool === 'tfjs') return loadTfjs();
  if (tool === 'jaxjs') return loadJaxjs();
  return loadBart(threads, folder);
}

async function answer(tool: string, { run, output }: PeerRun, line: string): Promise<object> {
  const [command, ...args] = line.split(' ');
  const start = performance.now();
  if (command === 'sample') {
    await run();
    return { seconds: (performance.now() - start) / 1000 };
  }
  if (command === 'output') {
    const arrays = await output();
    const seconds = (performance.now() - start) / 1000;
    await writeFile(
      args.join(' '),
      arrays.map((array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)),
    );
    resetPeakMemory();
    return { sizes: arrays.map((array) => array.length), seconds };
  }
  // BART works in a process of its own, whose memory this one cannot see
  return { peak_rss_mb: tool.startsWith('bart') ? null : peakMemoryMb() };
}

async function list(tool: string): Promise<void> {
  try {
    const { version, threads, ops } = await load(tool, 1, tmpdir());
    say({ version, threads, ops: Object.keys(ops) });
  } catch (error) {
    say({ absent: (error as Error).message.split('\n')[0] });
  }
}

async function main([tool = '', op = '', folder = '', threads = '1']: string[]): Promise<void> {
  if (op === 'list') return list(tool);
  const library = await load(tool, Number(threads), folder);
  const run = library.ops[op]!(readInputs(folder));
  resetPeakMemory();
  say({ ready: true, version: library.version, threads: library.threads });
  for await (const line of createInterface({ input: process.stdin })) say(await answer(tool, run, line));
}

main(process.argv.slice(2)).catch((error: Error) => {
  say({ error: error.message });
  process.exitCode = 1;
  process.stdin.destroy();
});
