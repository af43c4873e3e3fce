// What the repository's scripts share: the packages, and running a locally installed tool.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '..');

/**
 * @typedef {object} Package
 * @property {string} name published name
 * @property {string} folder path below the root, such as `packages/tensor`
 * @property {Record<string, any>} manifest its package.json
 */

/**
 * The packages below `packages` and `apps`, by folder name.
 * @param {string} [base] repository root
 * @returns {Package[]}
 */
export function listPackages(base = root) {
  const found = [];
  for (const group of ['packages', 'apps']) {
    if (!existsSync(path.join(base, group))) continue;
    for (const entry of readdirSync(path.join(base, group)).sort()) {
      const file = path.join(base, group, entry, 'package.json');
      if (!existsSync(file)) continue;
      const manifest = JSON.parse(readFileSync(file, 'utf8'));
      found.push({ name: manifest.name, folder: `${group}/${entry}`, manifest });
    }
  }
  return found;
}

/**
 * Path of the script behind a tool of an installed package.
 * @param {string} packageName
 * @param {string} tool
 */
export function toolPath(packageName, tool) {
  const folder = path.join(root, 'node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  return path.join(folder, typeof bin === 'string' ? bin : bin[tool]);
}

/**
 * Runs an installed tool with the Node that runs this script; ends the process if the tool fails.
 * @param {string} packageName
 * @param {string} tool
 * @param {string[]} args
 * @param {{ cwd?: string }} [options]
 */
export function runTool(packageName, tool, args, { cwd = root } = {}) {
  const result = spawnSync(process.execPath, [toolPath(packageName, tool), ...args], {
    cwd,
    stdio: 'inherit',
  });
  if (result.status === 0) return;
  console.error(`${tool} ${args.join(' ')} failed in ${path.relative(root, cwd) || '.'}`);
  process.exit(result.status || 1);
}

/**
 * Command and first arguments that start the npm in use.
 * @returns {[string, ...string[]]}
 */
export function npmCommand() {
  const script = process.env.npm_execpath;
  return script?.endsWith('.js') ? [process.execPath, script] : ['npm'];
}
