// Builds every package into its dist folder: declarations by `tsc -b`, then one ESM bundle per entry by tsup.
// dist is removed first, so that no file of an earlier build is ever published.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { listPackages, root, runTool } from './workspace.mjs';

const started = Date.now();
const packages = listPackages();
for (const { folder } of packages) rmSync(path.join(root, folder, 'dist'), { recursive: true, force: true });

// --force: the build info lives outside dist, so tsc would believe that the removed files are still there.
runTool('typescript', 'tsc', ['-b', 'tsconfig.build.json', '--force']);
for (const { folder } of packages) runTool('tsup', 'tsup', [], { cwd: path.join(root, folder) });

const seconds = ((Date.now() - started) / 1000).toFixed(1);
console.log(`built ${packages.map((p) => p.name).join(', ')} in ${seconds} s`);
