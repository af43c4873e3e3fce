import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { Contender, type Start } from '../contender.js';
import { installJsPeers } from './installJsPeers.js';

/** A tool that can run beside ours, and the ops it has. */
export interface Peer {
  readonly tool: string;
  readonly version: string;
  readonly ops: ReadonlySet<string>;
  start(op: string, folder: string, threads: number): Contender;
}

export interface AbsentPeer {
  readonly tool: string;
  readonly reason: string;
}

interface Listing {
  readonly version?: string;
  readonly ops?: readonly string[];
  readonly absent?: string;
}

/** PyTorch's MKL and OpenBLAS read their own variables; `worker.py` sets them before it loads anything. */
const python = process.env.PYTHON ?? '/usr/bin/python3';

const inPython = (...args: string[]): Start => ({
  command: python,
  args: [path.join(import.meta.dirname, 'worker.py'), ...args],
});

const inNode = (...args: string[]): Start => ({
  command: process.execPath,
  args: ['--expose-gc', '--import', 'tsx', path.join(import.meta.dirname, 'worker.ts'), ...args],
});

interface Candidate {
  readonly tool: string;
  readonly start: (...args: string[]) => Start;
  /** Threads whatever the command line says. */
  readonly threads?: number;
}

const candidates: readonly Candidate[] = [
  { tool: 'torch', start: (...args) => inPython('torch', ...args) },
  { tool: 'scipy', start: (...args) => inPython('scipy', ...args) },
  { tool: 'pywt', start: (...args) => inPython('pywt', ...args), threads: 1 },
  { tool: 'bart', start: (...args) => inNode('bart', ...args) },
  // more threads are not always faster there
  { tool: 'bart (1 thread)', start: (...args) => inNode('bart', ...args), threads: 1 },
  { tool: 'tfjs', start: (...args) => inNode('tfjs', ...args), threads: 1 },
  { tool: 'jax-js', start: (...args) => inNode('jaxjs', ...args), threads: 1 },
];

function list({ command, args }: Start, threads: number): Listing {
  try {
    const text = execFileSync(command, [...args, 'list', '-', String(threads)], {
      encoding: 'utf8',
      timeout: 60_000,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return JSON.parse(text.trim().split('\n').at(-1)!);
  } catch (error) {
    return { absent: (error as Error).message.trim().split('\n').at(-1)! };
  }
}

/** Asks every peer whether it is there. What is not stays out of the tables and is named in them. */
export function findPeers(threads: number): { peers: Peer[]; absent: AbsentPeer[] } {
  const problem = installJsPeers();
  const peers: Peer[] = [];
  const absent: AbsentPeer[] = [];
  for (const { tool, start, threads: own } of candidates) {
    if (own === threads && peers.some((peer) => `${peer.tool} (1 thread)` === tool)) continue;
    const { version, ops, absent: reason } = list(start(), own ?? threads);
    if (version !== undefined && ops !== undefined)
      peers.push({
        ...{ tool, version, ops: new Set(ops) },
        start: (op, folder, count) => new Contender(start(op, folder, String(own ?? count))),
      });
    else
      absent.push({ tool, reason: (tool === 'tfjs' || tool === 'jax-js' ? problem : undefined) ?? reason! });
  }
  return { peers, absent };
}
