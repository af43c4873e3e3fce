import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { jsPeersFolder, peerVersion } from './library.js';

const wanted = {
  '@tensorflow/tfjs-core': '4.22.0',
  '@tensorflow/tfjs-backend-wasm': '4.22.0',
  '@jax-js/jax': '0.1.25',
};

const isInstalled = (): boolean =>
  Object.entries(wanted).every(([name, version]) => {
    const folder = path.join(jsPeersFolder, 'node_modules', name);
    return existsSync(path.join(folder, 'package.json')) && peerVersion(name) === version;
  });

/** Installs the JavaScript peers outside the workspaces, once. Gives npm's complaint where that fails. */
export function installJsPeers(): string | undefined {
  if (isInstalled()) return undefined;
  process.stderr.write('bench:peers: installing TensorFlow.js and jax-js into out/peers ...\n');
  mkdirSync(jsPeersFolder, { recursive: true });
  const manifest = { private: true, dependencies: wanted };
  writeFileSync(path.join(jsPeersFolder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const npm = process.env.npm_execpath;
  const [command, first]: [string, string[]] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--workspaces=false', '--loglevel=error'];
  const { stderr, error } = spawnSync(command, [...first, 'install', '--prefix', jsPeersFolder, ...options], {
    cwd: jsPeersFolder,
    encoding: 'utf8',
    timeout: 300_000,
  });
  if (isInstalled()) return undefined;
  return (stderr || error?.message || 'npm install failed').trim().split('\n')[0];
}
