// Builds and packs every package as npm would publish it, then lets publint and arethetypeswrong judge the tarballs.
// The tarballs stay in out/packages for `smokePackages.mjs`.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { listPackages, npmCommand, root, toolPath } from './workspace.mjs';

const outFolder = path.join(root, 'out', 'packages');

/**
 * @param {string[]} command
 * @param {string} [cwd]
 */
function run([file, ...args], cwd = root) {
  const result = spawnSync(file, args, { cwd, encoding: 'utf8' });
  return { ok: result.status === 0, text: `${result.stdout}${result.stderr}`.trim() };
}

/** @param {import('./workspace.mjs').Package} item */
function pack({ folder, name, manifest }) {
  const packed = run(
    [...npmCommand(), 'pack', '--pack-destination', outFolder, '--loglevel=error'],
    path.join(root, folder),
  );
  if (!packed.ok) throw new Error(`npm pack failed for ${name}:\n${packed.text}`);
  return path.join(outFolder, `${name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`);
}

/** @param {import('./workspace.mjs').Package} item */
function check(item) {
  const tarball = pack(item);
  const node = process.execPath;
  const checks = [
    { tool: 'publint', command: [node, toolPath('publint', 'publint'), 'run', tarball, '--strict'] },
    {
      tool: 'attw',
      command: [
        node,
        toolPath('@arethetypeswrong/cli', 'attw'),
        tarball,
        '--profile',
        'esm-only',
        '--no-definitely-typed',
      ],
    },
  ];
  return checks.filter(({ tool, command }) => {
    const { ok, text } = run(command);
    console.log(`${ok ? 'ok  ' : 'FAIL'}  ${item.name}  ${tool}`);
    if (!ok) console.log(text);
    return !ok;
  }).length;
}

rmSync(outFolder, { recursive: true, force: true });
mkdirSync(outFolder, { recursive: true });
const build = run([process.execPath, path.join(root, 'scripts', 'build.mjs')]);
console.log(build.text);
const published = listPackages().filter(({ manifest }) => !manifest.private);
const failures = build.ok ? published.reduce((sum, item) => sum + check(item), 0) : 1;
process.exitCode = failures > 0 ? 1 : 0;
