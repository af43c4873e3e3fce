import { readFileSync } from 'node:fs';

/** Of this package, from its manifest: one folder up from the sources and from the bundle alike. */
export function ownVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
