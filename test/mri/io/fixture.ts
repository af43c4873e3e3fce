import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Path of a file of `fixtures/`, which make.py there writes. */
export const fixture = (name: string): string =>
  fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

export const fixtureBytes = (name: string): Uint8Array => new Uint8Array(readFileSync(fixture(name)));
