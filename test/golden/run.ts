// Compares the library with the reference files of a folder, on every backend:
//   npm run test:golden [-- --device reference|wasm] [fft complex_grad …]
// The folder is $ADJOINT_GOLDEN, by default the one this file is in. Every case found in a file is run; see README.md.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { deviceNames } from './devices.js';
import { type GoldenOptions, runFiles } from './runFiles.js';

function readArguments(): GoldenOptions {
  const { values, positionals } = parseArgs({
    options: { device: { type: 'string' } },
    allowPositionals: true,
  });
  const device = deviceNames.find((name) => name === values.device);
  if (values.device !== undefined && !device)
    throw new Error(`--device must be one of ${deviceNames.join(', ')}; got ${values.device}`);
  const folder = process.env.ADJOINT_GOLDEN || path.dirname(fileURLToPath(import.meta.url));
  return {
    folder: path.resolve(folder),
    named: positionals.map((name) => name.replace(/\.h5$/, '')),
    device,
  };
}

const { failed } = await runFiles(readArguments(), console.log);
process.exitCode = failed > 0 ? 1 : 0;
