// Installs the packed packages into an empty project, as a user would, runs test/packages/smoke.mjs there, without and
// with the optional package `webgpu`, and a line of `adjoint` commands; compiles test/packages/consumer.ts, and opens a
// page that Vite builds from test/packages/page.html. Everything runs on the Node that runs this script.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkPage } from './smokePage.mjs';
import { npmCommand, root, toolPath } from './workspace.mjs';

const packed = path.join(root, 'out', 'packages');
const tarballs = existsSync(packed) ? readdirSync(packed).filter((file) => file.endsWith('.tgz')) : [];
if (tarballs.length === 0) {
  console.error('smoke: no packed packages in out/packages; run `npm run check:packages` first');
  process.exit(1);
}

const adjointCommands = [
  'simulate --images phantom:brain --size 64x64 --coils 4 --out k.h5',
  'mask --type random --acceleration 3 --center-fraction 0.2 --seed 7 --in k.h5 --out m.h5',
  'recon --method l1 --in k.h5 --mask m.h5 --iterations 20 --out r.h5',
  'metrics --reference k.h5 --in r.h5 --json',
  'view r.h5 --out r.png',
  'recon --method unet --weights unet-head-t1 --in k.h5 --mask m.h5 --out u.h5',
  'attack --method unet --weights unet-head-t1 --eps 0.05 --steps 5 --in k.h5 --mask m.h5 --out a.h5',
  'study --profile tiny --experiments curves --methods zero-filled,unet --out study',
];

const project = mkdtempSync(path.join(tmpdir(), 'adjoint-smoke-'));
try {
  writeFileSync(path.join(project, 'package.json'), '{ "private": true, "type": "module" }\n');
  const files = tarballs.map((file) => path.join(packed, file));
  const flags = [
    '--prefix',
    project,
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    '--workspaces=false',
    '--loglevel=error',
  ];
  run([...npmCommand(), 'install', ...files, ...flags]);
  for (const file of ['smoke.mjs', 'consumer.ts', 'page.html', 'page.mjs'])
    cpSync(path.join(root, 'test', 'packages', file), path.join(project, file));
  run([process.execPath, 'smoke.mjs', 'without-webgpu']);
  for (const command of adjointCommands)
    run([
      process.execPath,
      path.join('node_modules', '@adjoint', 'cli', 'dist', 'adjoint.js'),
      ...command.split(' '),
    ]);
  const webgpu = path.join(root, 'node_modules', 'webgpu');
  run([...npmCommand(), 'install', webgpu, '--install-links', '--ignore-scripts', ...flags]);
  run([process.execPath, 'smoke.mjs', 'with-webgpu']);
  const options = [
    '--strict',
    '--noEmit',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--lib',
    'es2022,esnext.disposable,dom',
  ];
  run([process.execPath, toolPath('typescript', 'tsc'), ...options, 'consumer.ts']);
  run([
    process.execPath,
    toolPath('vite', 'vite'),
    'build',
    '--config',
    path.join(root, 'scripts', 'page.vite.config.mjs'),
  ]);
  await checkPage(path.join(project, 'dist'));
} finally {
  rmSync(project, { recursive: true, force: true });
}

/** @param {string[]} command */
function run([file, ...args]) {
  const result = spawnSync(file, args, { cwd: project, stdio: 'inherit', timeout: 300_000 });
  if (result.status !== 0) process.exitCode = 1;
  if (result.error) console.error(`smoke: ${file}: ${result.error.message}`);
}
