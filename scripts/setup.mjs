// Installs the packages of the lock file when they are missing or out of date. Plain Node: it runs before
// anything is installed (`prestart`, `pretest`).
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const lockFile = path.join(root, 'package-lock.json');
const installed = path.join(root, 'node_modules', '.package-lock.json'); // npm writes it last
const stamp = path.join(root, 'node_modules', '.cache', 'adjoint', 'setup');

const [major] = process.versions.node.split('.').map(Number);
if (major < 20) {
  console.error(`set-up: adjoint needs Node 20 or later; this is ${process.version}`);
  process.exit(1);
}

const wanted = `${createHash('sha256').update(readFileSync(lockFile)).digest('hex')} ${process.platform} ${process.arch}\n`;

function isUpToDate() {
  if (!existsSync(installed)) return false;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return true;
  // No stamp for this lock file, but somebody has run `npm install` or `npm ci` since it changed.
  return statSync(installed).mtimeMs >= statSync(lockFile).mtimeMs;
}

function install() {
  console.error('set-up: installing packages (npm ci), about half a minute ...');
  const args = ['ci', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  const npm = process.env.npm_execpath?.endsWith('.js')
    ? { command: process.execPath, args: [process.env.npm_execpath, ...args] }
    : { command: 'npm', args };
  const options = { cwd: root, encoding: /** @type {const} */ ('utf8'), shell: process.platform === 'win32' };
  const result = spawnSync(npm.command, npm.args, options);
  if (result.status === 0) return;
  console.error(result.stdout ?? '', result.stderr ?? '', result.error?.message ?? '');
  console.error('set-up: npm ci failed (see above); is the network there? Try `npm ci` by hand.');
  process.exit(1);
}

if (!isUpToDate()) install();
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}
