import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface ScriptResult {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ScriptOptions {
  readonly env?: Record<string, string>;
  /** Options of Node. */
  readonly node?: readonly string[];
  /** The error output goes through a pipe, unlike what Node makes, and becomes `stdout`; the other one is dropped. */
  readonly errorsToPipe?: boolean;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs TypeScript in a Node process of its own, which may crash, with this repository's sources. */
export function runScript(
  source: string,
  { env = {}, node = [], errorsToPipe = false }: ScriptOptions = {},
): ScriptResult {
  const args = [...node, '--conditions=source', '--import', 'tsx', '--input-type=module', '-e', source];
  const options = { cwd: root, env: { ...process.env, ...env }, encoding: 'utf8', timeout: 120_000 } as const;
  const { status, signal, stdout, stderr } = errorsToPipe
    ? spawnSync('sh', ['-c', '"$0" "$@" 2>&1 >/dev/null | cat', process.execPath, ...args], options)
    : spawnSync(process.execPath, args, options);
  return { code: status, signal, stdout, stderr };
}
