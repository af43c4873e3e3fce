#!/usr/bin/env node
import { run } from './run.js';

const interrupt = new AbortController();
// Once: whoever presses Ctrl-C again does not want to wait for the step to end.
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.once(name, () => interrupt.abort(new Error(`interrupted by ${name}`)));
// `adjoint info k.h5 | head -1`: the reader has had enough, which is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interrupt.signal,
});
