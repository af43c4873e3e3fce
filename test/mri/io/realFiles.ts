import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'vitest';

/** Real files that stand beside the repository, not in it. */
const folder = fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const isThere = existsSync(folder);
if (!isThere) console.warn(`SKIPPED: tests on real files, because there is no ${folder}`);

export const realFile = (name: string): string => `${folder}/${name}`;
/** `test` where the real files are; else skipped, which is said once on the console. */
export const testOnRealFiles = test.skipIf(!isThere);
