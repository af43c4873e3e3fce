import { AdjointError } from '@adjoint/tensor';
import { isNode, nodeModule } from '../../io/node.js';

/** An npm package whose files carry images. */
export interface ImagePackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
}

/**
 * The folder of a package beside the installed library, or beside the program that runs. Nothing of it is executed.
 * @throws AdjointError that says what to install
 */
export async function packageFolder(
  fn: string,
  images: string,
  { name, version, licence }: ImagePackage,
): Promise<string> {
  if (!isNode)
    throw new AdjointError(
      `${fn}: built-in images are files and need Node. On a page, fetch and decode them.`,
    );
  const { createRequire } = await nodeModule<typeof import('node:module')>('node:module');
  const { dirname } = await nodeModule<typeof import('node:path')>('node:path');
  const { readFile } = await nodeModule<typeof import('node:fs/promises')>('node:fs/promises');
  const places = [import.meta.url, `${process.cwd()}/index.js`];
  for (const place of places) {
    let manifest: string;
    try {
      manifest = createRequire(place).resolve(`${name}/package.json`);
    } catch {
      continue;
    }
    const found = JSON.parse(await readFile(manifest, 'utf8')).version;
    if (found === version) return dirname(manifest);
    throw missing(fn, images, { name, version, licence }, `version ${found}`);
  }
  throw missing(fn, images, { name, version, licence }, 'none');
}

const missing = (
  fn: string,
  images: string,
  { name, version, licence }: ImagePackage,
  got: string,
): AdjointError =>
  new AdjointError({
    fn,
    argument: `the package of '${images}'`,
    expected: `${name} ${version} in node_modules`,
    got,
    remedy: `Run: npm i ${name}@${version} (${licence}; only its data are read).`,
  });
