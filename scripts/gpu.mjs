// What the WebGPU device of this machine is, whether its kernels are right, and how fast they are. Uses the built
// packages, so that it also runs where there are no sources:
//   npm run gpu [-- --draws N] [--only NAME] [--no-check] [--no-speed] [--json FILE]
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

const usage = `npm run gpu [-- options]   checks and times the WebGPU kernels on the GPU it finds

  --draws N      random calls per function and dtype (default 6)
  --only NAME    only functions and timings whose name contains NAME
  --no-check     leave out correctness
  --no-speed     leave out timings
  --json FILE    write everything to a file, too

  npm run gpu
  npm run gpu -- --only fft --draws 50`;

/** @returns {{ draws: number, only: string, check: boolean, speed: boolean, json?: string }} */
function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        draws: { type: 'string', default: '6' },
        only: { type: 'string', default: '' },
        'no-check': { type: 'boolean', default: false },
        'no-speed': { type: 'boolean', default: false },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    const draws = Number(values.draws);
    if (!Number.isInteger(draws) || draws < 1)
      throw new RangeError(`--draws must be a positive integer; got "${values.draws}"`);
    return {
      draws,
      only: values.only,
      check: !values['no-check'],
      speed: !values['no-speed'],
      json: values.json,
    };
  } catch (error) {
    console.error(`${/** @type {Error} */ (error).message}\n\n${usage}`);
    process.exit(2);
  }
}

const options = readOptions();
const built = path.resolve(import.meta.dirname, '../packages/tensor/dist/index.js');
if (!existsSync(built)) {
  console.error('gpu: the packages are not built; run `npm run build` first');
  process.exit(1);
}
const { createDevice, info } = await import('@adjoint/tensor');
const { printAbout } = await import('./gpu/about.mjs');
const { checkKernels } = await import('./gpu/check.mjs');
const { timeKernels } = await import('./gpu/speed.mjs');
const { variantsOf } = await import('./gpu/variants.mjs');

/** @param {Error} error @returns {never} */
const stop = ({ message }) => {
  console.error(`gpu: ${message}`);
  process.exit(1);
};
const device = await createDevice({ device: 'webgpu', memoryBudget: 8 * 2 ** 30 }).catch(stop);
const about = info(device);
const variants = variantsOf(about);
printAbout(about, variants);

const checks = options.check ? await checkKernels(device, variants, options).catch(stop) : undefined;
const timings = options.speed ? await timeKernels(device, variants, options).catch(stop) : undefined;
if (options.json) {
  mkdirSync(path.dirname(path.resolve(options.json)), { recursive: true });
  writeFileSync(`${options.json}.part`, `${JSON.stringify({ about, checks, timings }, undefined, 2)}\n`);
  renameSync(`${options.json}.part`, options.json);
}
device.dispose();
if (checks?.passed === 0 && checks.failed === 0 && !timings?.rows.length) {
  console.error(`gpu: no function and no timing is called "${options.only}"`);
  process.exitCode = 2;
} else process.exitCode = checks?.failed || timings?.failed ? 1 : 0;
