import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { InputSpec } from '../cases/case.js';

/** A peer that runs in Node.js. */
export interface PeerLibrary {
  readonly version: string;
  readonly threads: number;
  /** Brings the inputs into the peer's own form, which is not timed. */
  readonly ops: Readonly<Record<string, (inputs: readonly HostInput[]) => PeerRun>>;
}

export interface PeerRun {
  /** One call, waited for, its result freed. */
  run(): void | Promise<void>;
  /** One call; its results, complex ones interleaved. */
  output(): Promise<readonly Float32Array[]>;
}

export interface HostInput extends InputSpec {
  readonly data: Float32Array;
}

/** Where `installJsPeers` puts the npm packages: outside the workspaces, ignored by git. */
export const jsPeersFolder = path.resolve(import.meta.dirname, '..', '..', 'out', 'peers');

/** Loads an npm package from there; it has no types here. */
// biome-ignore lint/suspicious/noExplicitAny: the packages are optional, so their types may not be there
export const requirePeer = (name: string): any =>
  createRequire(path.join(jsPeersFolder, 'package.json'))(name);

export const peerVersion = (name: string): string =>
  JSON.parse(readFileSync(path.join(jsPeersFolder, 'node_modules', name, 'package.json'), 'utf8')).version;

/** The inputs that `writeInputs` left in a folder. */
export function readInputs(folder: string): HostInput[] {
  const specs: InputSpec[] = JSON.parse(readFileSync(path.join(folder, 'inputs.json'), 'utf8'));
  return specs.map((spec, i) => {
    const { buffer, byteOffset, byteLength } = readFileSync(path.join(folder, `${i}.bin`));
    return { ...spec, data: new Float32Array(buffer, byteOffset, byteLength / 4) };
  });
}
