import { run } from '@adjoint/cli';

/** Runs `adjoint` on these words and gives what it says with --json. Its progress shows on a terminal. */
export async function command(
  words: readonly string[],
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  let [said, complaint] = ['', ''];
  const code = await run([...words, '--json'], {
    stdout: { write: (text) => (said += text) },
    stderr: process.stderr.isTTY ? process.stderr : { write: (text) => (complaint += text) },
    signal,
  });
  signal.throwIfAborted();
  if (code === 0) return JSON.parse(said);
  throw new Error(`adjoint ${words.join(' ')}: exit code ${code}: ${complaint.trim()}`);
}
