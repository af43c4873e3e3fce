/** Measures rounding errors on the wasm device and writes docs/accuracy.md: `npm run accuracy`. */
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { info, init } from '@adjoint/tensor';
import { convolutionAccuracy } from './accuracy/convolution.js';
import { fftAccuracy } from './accuracy/fft.js';
import { functionAccuracy } from './accuracy/functions.js';

const target = path.join(import.meta.dirname, '..', 'docs', 'accuracy.md');

const device = await init({ device: 'wasm' });
const { description } = info(device);
device.dispose();

const sections = [
  '# Accuracy\n\nWritten by `npm run accuracy`: rounding errors of the wasm device against f64. ' +
    `Measured on \`${description}\`, Node ${process.versions.node}. ε = 2⁻²⁴ ≈ 6.0e-8 is half a unit in the last place of f32.\n`,
];
for (const [name, measure] of [
  ['FFT', fftAccuracy],
  ['convolution', convolutionAccuracy],
  ['functions', functionAccuracy],
] as const) {
  process.stderr.write(`accuracy: ${name}\n`);
  sections.push(await measure());
}
await writeFile(`${target}.part`, `${sections.join('\n').trimEnd()}\n`);
await rename(`${target}.part`, target);
process.stderr.write(`accuracy: wrote ${path.relative(process.cwd(), target)}\n`);
