/**
 * One row of the bench in a process of its own, so that its peak memory is its own. Started by `startRow`.
 *
 *   worker.ts "op shape" DEVICE THREADS     (DEVICE and THREADS as for `init`; - means the default)
 *
 * Answers every line on standard input with one JSON line, the first as soon as it is ready:
 *
 *   sample              { seconds }    one call, with the wait for its result
 *   measure SECONDS N   { samples }    at least N samples in about that time
 *   output FILE         { sizes }      one call, its results written as raw float32, one after the other
 *   peak                { peak_rss_mb }
 */
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { type Device, type InitOptions, info, init, scope, Tensor } from '@adjoint/tensor';
import Benchmark from 'benchmark';
import { benchCases } from './cases/all.js';
import { type BenchCase, rowName } from './cases/case.js';
import { inputTensors } from './inputs.js';
import { peakMemoryMb, resetPeakMemory } from './peakMemory.js';

type Run = () => ReturnType<BenchCase['run']>;

async function result(device: Device, run: Run): Promise<readonly Tensor[]> {
  const made = await run();
  await device.finish();
  return made instanceof Tensor ? [made] : made;
}

async function once(device: Device, run: Run): Promise<void> {
  for (const tensor of await result(device, run)) tensor.dispose();
}

async function sample(device: Device, run: Run): Promise<{ seconds: number }> {
  const start = performance.now();
  await once(device, run);
  return { seconds: (performance.now() - start) / 1000 };
}

/** Seconds of each sample; short calls are repeated within a sample. */
async function measure(device: Device, run: Run, seconds: number, minSamples: number) {
  for (let i = 0; i < 3; i++) await once(device, run);
  return new Promise<{ samples: number[] }>((resolve, reject) => {
    const benchmark = new Benchmark({
      defer: true,
      minSamples,
      maxTime: seconds,
      initCount: 1,
      fn: (deferred: { resolve(): void }) => {
        once(device, run).then(() => deferred.resolve(), reject);
      },
    });
    benchmark.on('complete', () => resolve({ samples: benchmark.stats.sample }));
    benchmark.on('error', () => reject(benchmark.error));
    benchmark.run({ async: true });
  });
}

async function output(device: Device, run: Run, file: string): Promise<{ sizes: number[] }> {
  const tensors = await result(device, run);
  const arrays = await Promise.all(tensors.map((tensor) => tensor.data()));
  await writeFile(
    file,
    arrays.map((array) => Buffer.from(Float32Array.from(array).buffer)),
  );
  for (const tensor of tensors) tensor.dispose();
  const sizes = arrays.map((array) => array.length);
  arrays.length = 0;
  resetPeakMemory();
  return { sizes };
}

async function answer(device: Device, run: Run, line: string): Promise<object> {
  const [command, ...args] = line.split(' ');
  switch (command) {
    case 'sample':
      return sample(device, run);
    case 'measure':
      return measure(device, run, Number(args[0]), Number(args[1]));
    case 'output':
      return output(device, run, args.join(' '));
    case 'peak':
      return { peak_rss_mb: peakMemoryMb() };
    default:
      throw new Error(`unknown command "${line}"`);
  }
}

async function main([name, kind, threads]: string[]): Promise<void> {
  const say = (message: object) => console.log(JSON.stringify(message));
  const row = benchCases.find((candidate) => rowName(candidate) === name);
  if (!row) throw new Error(`there is no row "${name}"`);
  const device = await init({
    device: kind === '-' ? undefined : (kind as InitOptions['device']),
    threads: threads === '-' ? undefined : Number(threads),
  });
  const inputs = inputTensors(row.inputs);
  await device.finish();
  resetPeakMemory();
  const { device: used, description, threads: count } = info(device);
  say({ ready: true, device: used, version: description, threads: count });
  const call: Run = () => row.run(...inputs);
  const run: Run = row.isAsync ? call : () => scope(call);
  for await (const line of createInterface({ input: process.stdin })) say(await answer(device, run, line));
  device.dispose();
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.log(JSON.stringify({ error: error.message }));
  process.exitCode = 1;
  process.stdin.destroy();
});
