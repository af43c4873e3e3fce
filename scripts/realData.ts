/** Reconstructs the real k-space beside the repository by every method and writes docs/real-data.md: `npm run real-data`. */
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { info, init } from '@adjoint/tensor';
import { bartVersion } from './realData/bart.js';
import { differences } from './realData/differences.js';
import { type FileResult, fullResults } from './realData/full.js';
import { l1Iterations } from './realData/methods.js';
import { undersampledRows } from './realData/undersampled.js';

const target = path.join(import.meta.dirname, '..', 'docs', 'real-data.md');
// BART's threads wait for each other in a loop, which takes minutes where cores are shared
process.env.OMP_NUM_THREADS = '1';

const device = await init({ device: 'wasm' });
const bart = await bartVersion();
const results = await fullResults(bart !== undefined);
const published = await undersampledRows();
const { description } = info(device);

const number = (value: number, digits: number): string => (Number.isNaN(value) ? '' : value.toFixed(digits));

const scoreRows = ({ name, shape, columns, outcomes }: FileResult): string[] =>
  outcomes.map(({ method, lambda, scores }, i) => {
    const file = i === 0 ? `${name} (${shape.join(' × ')}, ${columns} columns)` : '';
    const cells = [
      ...[
        Number.isNaN(lambda) ? '' : `${Number(lambda.toPrecision(2))}`,
        number(scores.ssim, 4),
        number(scores.psnr, 2),
      ],
      ...[number(scores.ssim_foreground, 4), number(scores.psnr_foreground, 2)],
    ];
    return `| ${file} | ${method} | ${cells.join(' | ')} |`;
  });

const agreementRows = results.flatMap(({ name, agreement }) =>
  agreement ? [`| ${name} | ${agreement.mean.toFixed(5)} | ${agreement.least.toFixed(5)} |`] : [],
);

const lines = [
  '# Real data',
  '',
  'Written by `npm run real-data` from measured k-space that the repository does not hold (its licences allow numbers, ' +
    `not pictures). \`${description}\`, Node ${process.versions.node}, ${bart ? `BART ${bart}` : 'BART not installed'}.`,
  '',
  '## Undersampled fourfold',
  '',
  'One fully sampled slice per file; a quarter of the columns is kept, 8 % in the centre and the rest at random ' +
    '(`studyMask`, seed 1). Maps: `espirit` of the kept columns. Reference: root sum of squares of the full k-space. ' +
    'Scores after matching intensities (`rec_to_gt`); foreground: pixels above 8 % of the maximum. Of nine weights λ per ' +
    'method the table shows the one with the highest foreground PSNR; λ of `l1` and `tv` is relative to max|A^H y|, ' +
    `BART's to its own scaling. l1 and BART's: the same maps and mask, ${l1Iterations} iterations, wavelet db2 (BART's own); ` +
    `n = 1 slice per file: differences of a few hundredths of a decibel say nothing.`,
  '',
  '| file (coils × H × W) | method | λ | SSIM | PSNR (dB) | SSIM foreground | PSNR foreground (dB) |',
  '|---|---|---|---|---|---|---|',
  ...results.flatMap(scoreRows),
  '',
  ...differences,
  ...(agreementRows.length > 0
    ? [
        '## Maps beside BART',
        '',
        '|Σ_c conj(a_c) b_c| of `espirit` and `bart ecalib -m1` on the same undersampled data, where both are not zero.'.replaceAll(
          '|',
          '\\|',
        ),
        '',
        '| file | mean | smallest |',
        '|---|---|---|',
        ...agreementRows,
        '',
      ]
    : []),
  '## Published undersampled',
  '',
  'No reference exists. What the images leave of the data, ‖A x − y‖ / ‖y‖, with cg-sense at λ = 0.01, l1 and tv at ' +
    'λ = 0.002.',
  '',
  '| file | coils × H × W | measured | cg-sense | l1 | tv |',
  '|---|---|---|---|---|---|',
  ...published,
];
device.dispose();
await writeFile(`${target}.part`, `${lines.join('\n')}\n`);
await rename(`${target}.part`, target);
process.stderr.write(`real-data: wrote ${path.relative(process.cwd(), target)}\n`);
