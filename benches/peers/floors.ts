import { geometricMean } from '../statistics.js';
import { memoryRatio } from './memory.js';
import type { Comparison } from './report.js';

/** What a release must reach on two cores: a ratio of times or peak memory to another tool, or to another row of ours. */
interface Floor {
  readonly what: string;
  readonly rows: RegExp;
  readonly tools: readonly string[];
  readonly least: number;
  readonly of?: 'time' | 'memory';
  /** The geometric mean of the rows counts; else the worst. */
  readonly isMean?: boolean;
  /** What keeps the row below the floor, said only where it is. */
  readonly limit?: string | undefined;
}

const floor = (
  what: string,
  rows: RegExp,
  tools: string,
  least: number,
  { of = 'time', isMean = false, limit }: Pick<Floor, 'of' | 'isMean' | 'limit'> = {},
): Floor => ({
  ...{ what, rows, least, of, isMean, limit },
  tools: tools.split(', '),
});

const inMemory = 'one pass over 48 MB takes as long as the memory of two cores does';

const floors: readonly Floor[] = [
  floor('fft2_c64', /^fft2_c64 /, 'torch', 1.7),
  floor('fft2_c64', /^fft2_c64 /, 'scipy', 1.1),
  floor('fft2c_c64 15x640x368', /^fft2c_c64 15x640x368$/, 'torch', 3),
  floor('fft2c_c64 15x320x320', /^fft2c_c64 15x320x320$/, 'torch', 2),
  floor('sense_normal 15x640x368', /^sense_normal 15x640x368$/, 'torch', 3),
  floor('sense_normal 15x320x320', /^sense_normal 15x320x320$/, 'torch', 2),
  floor('sense_normal', /^sense_normal /, 'scipy', 1.5),
  floor('sense_normal_1d', /^sense_normal_1d /, 'adjoint sense_normal', 1.6, {
    limit: 'op by op every pass reads and writes all coils; compiled, all passes are one kernel',
  }),
  floor('sense_normal_1d_jit', /^sense_normal_1d_jit /, 'adjoint sense_normal_jit', 1.6),
  floor('3x3 convolution, forward (mean)', /^conv2d_\S*to\d+_fwd /, 'torch', 0.8, { isMean: true }),
  floor('3x3 convolution, forward and backward (mean)', /^conv2d_\S*to\d+_fwd_bwd /, 'torch', 0.7, {
    isMean: true,
  }),
  floor('unet_c32_p4, pgd_unet_iteration', /^(unet_c32_p4|pgd_unet)_/, 'torch', 0.7),
  floor('unet_c32_p4, pgd_unet_iteration: memory', /^(unet_c32_p4|pgd_unet)_/, 'torch', 1, { of: 'memory' }),
  floor('chain_4m_jit', /^chain_4m_jit /, 'torch', 3, { limit: inMemory }),
  floor('complex_mul_Sx_alloc', /^complex_mul_Sx_alloc /, 'torch', 0.6),
  floor('rss', /^rss /, 'torch', 2),
  floor('wavelets', /^i?(dwt2|wavedec2|waverec2)_/, 'pywt', 2),
  floor('matmul_1024', /^matmul_1024 /, 'torch', 0.28),
  floor('matmul_1024', /^matmul_1024 /, 'tfjs', 3, {
    limit: 'multiply-adds of 128 bits on two cores, at the rate that WebAssembly has',
  }),
  floor('fista_l1_db4_L3_iteration', /^fista_l1_db4_L3_iteration /, 'scipy', 1.5),
  floor('espirit', /^espirit /, 'bart, bart (1 thread)', 2),
  floor('l1_recon_i100, tv_recon_i100', /^(l1|tv)_recon_i100 /, 'bart, bart (1 thread)', 2),
  floor('FFT', /^fft/, 'jax-js', 7),
  floor('3x3 convolution (mean)', /^conv2d_\S*to\d+_fwd /, 'tfjs', 7, {
    isMean: true,
    limit: 'as fast as PyTorch; the floor asks for more',
  }),
  floor('chain_4m_jit', /^chain_4m_jit /, 'tfjs, jax-js', 7, { limit: inMemory }),
];

/** The floors beside what was measured. */
export function floorSection(all: readonly Comparison[]): string {
  const lines = floors.map(({ what, rows, tools, least, of, isMean, limit }) => {
    const ratios = all
      .filter(({ row, theirs }) => rows.test(row) && tools.includes(theirs.tool))
      .flatMap((found) => (of === 'memory' ? (memoryRatio(found) ?? []) : found.ratio));
    const head = `| ${what} | ${tools.join(', ')} | ${least} |`;
    if (ratios.length === 0) return `${head} not measured |`;
    const ratio = isMean ? geometricMean(ratios) : Math.min(...ratios);
    const shown = ratio.toFixed(2);
    return `${head} ${ratio >= least ? shown : `**${shown}: below**${limit ? `; ${limit}` : ''}`} |`;
  });
  const head = '| rows | beside | ratio at least | here, worst row |';
  return ['## Floors on two cores', '', head, '|---|---|---|---|', ...lines].join('\n');
}
