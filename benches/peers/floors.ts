import { geometricMean } from '../statistics.js';
import type { Comparison } from './report.js';

/** What a release must reach on two cores: a ratio to another tool, or to another row of ours. */
interface Floor {
  readonly what: string;
  readonly rows: RegExp;
  readonly tools: readonly string[];
  readonly least: number;
  /** The geometric mean of the rows counts; else the worst. */
  readonly isMean?: boolean;
}

const floor = (what: string, rows: RegExp, tools: string, least: number, isMean = false): Floor => ({
  ...{ what, rows, least, isMean },
  tools: tools.split(', '),
});

const floors: readonly Floor[] = [
  floor('fft2_c64', /^fft2_c64 /, 'torch', 1.7),
  floor('fft2_c64', /^fft2_c64 /, 'scipy', 1.1),
  floor('fft2c_c64 15x640x368', /^fft2c_c64 15x640x368$/, 'torch', 3),
  floor('fft2c_c64 15x320x320', /^fft2c_c64 15x320x320$/, 'torch', 2),
  floor('sense_normal 15x640x368', /^sense_normal 15x640x368$/, 'torch', 3),
  floor('sense_normal 15x320x320', /^sense_normal 15x320x320$/, 'torch', 2),
  floor('sense_normal', /^sense_normal /, 'scipy', 1.5),
  floor('sense_normal_1d', /^sense_normal_1d /, 'adjoint sense_normal', 1.6),
  floor('sense_normal_1d_jit', /^sense_normal_1d_jit /, 'adjoint sense_normal_jit', 1.6),
  floor('3x3 convolution, forward (mean)', /^conv2d_\S*to\d+_fwd /, 'torch', 0.8, true),
  floor('3x3 convolution, forward and backward (mean)', /^conv2d_\S*to\d+_fwd_bwd /, 'torch', 0.7, true),
  floor('chain_4m_jit', /^chain_4m_jit /, 'torch', 3),
  floor('complex_mul_Sx_alloc', /^complex_mul_Sx_alloc /, 'torch', 0.6),
  floor('rss', /^rss /, 'torch', 2),
  floor('wavelets', /^i?(dwt2|wavedec2|waverec2)_/, 'pywt', 2),
  floor('matmul_1024', /^matmul_1024 /, 'torch', 0.28),
  floor('matmul_1024', /^matmul_1024 /, 'tfjs', 3),
  floor('fista_l1_db4_L3_iteration', /^fista_l1_db4_L3_iteration /, 'scipy', 1.5),
  floor('espirit', /^espirit /, 'bart, bart (1 thread)', 2),
  floor('l1_recon_i100, tv_recon_i100', /^(l1|tv)_recon_i100 /, 'bart, bart (1 thread)', 2),
  floor('convolution, FFT, chain_4m_jit', /^(conv2d|fft|chain_4m_jit)/, 'tfjs, jax-js', 7),
];

/** The floors beside what was measured. */
export function floorSection(all: readonly Comparison[]): string {
  const lines = floors.map(({ what, rows, tools, least, isMean }) => {
    const ratios = all
      .filter(({ row, theirs }) => rows.test(row) && tools.includes(theirs.tool))
      .map(({ ratio }) => ratio);
    const head = `| ${what} | ${tools.join(', ')} | ${least} |`;
    if (ratios.length === 0) return `${head} not measured |`;
    const ratio = isMean ? geometricMean(ratios) : Math.min(...ratios);
    return `${head} ${ratio >= least ? ratio.toFixed(2) : `**${ratio.toFixed(2)}: below**`} |`;
  });
  const head = '| rows | beside | ratio at least | here, worst row |';
  return ['## Floors on two cores', '', head, '|---|---|---|---|', ...lines].join('\n');
}
