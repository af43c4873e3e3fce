import { cases, epsilons, gradientSteps } from './cases.js';
import type { Outcome, Row } from './outcome.js';

export interface RatedRow extends Row {
  readonly outcome: Outcome;
}

/** docs/attacks-real-data.md. */
export function page(rows: readonly RatedRow[], device: string): string {
  const sections = [introduction(device), '## Over the files', overview(rows), '## Each file', details(rows)];
  return `${sections.join('\n\n')}\n`;
}

const introduction = (device: string): string => `# Attacks on measured k-space

Written by \`npm run real-attacks\` from measured k-space that the repository does not hold (its licences allow numbers, not
pictures): every row is one \`adjoint attack\`. \`${device}\`, Node ${process.versions.node}.

- The middle slice of every file; a quarter of its columns, 8 % in the centre and the others at random (\`adjoint mask --type
  study --pattern random --acceleration 4 --center-fraction 0.08 --seed 1\`).
- ε: norm of the perturbation over that of the full k-space; ‖e‖/‖y‖: over that of the samples.
- \`apgd\` and \`unrolled\`: ${gradientSteps} steps; \`joint\`: its default of 200 after the warm-up. One start. Methods with their
  default weights; iterations are named where they are not the default. The U-net's weights are the shipped ones, trained on
  simulated acquisitions of another head: what it reaches here is no verdict on networks.
- Coil maps are estimated from the clean samples, and again from the perturbed ones.
- PSNR in dB after matching intensities (\`rec_to_gt\`), of the whole image and of the foreground (pixels above 8 % of the maximum);
  lost to the attack, and to Gaussian noise of the same norm on the same samples. Negative: the image came nearer to the reference.
- n = 1 slice per file. Seconds are those of the whole command; other work on the machine counts.`;

const signed = (value: number): string => {
  const text = value.toFixed(2);
  return text === '-0.00' ? '0.00' : text.replace('-', '−');
};

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

const lost = ({ clean, attacked }: Outcome): number => clean.psnr - attacked.psnr;
const lostInForeground = ({ clean, attacked }: Outcome): number =>
  clean.psnr_foreground - attacked.psnr_foreground;
const lostToNoise = ({ clean, noisy }: Outcome): number => clean.psnr - noisy.psnr;

/** Median, smallest and largest loss of every attack. */
function overview(rows: readonly RatedRow[]): string {
  const span = (values: readonly number[]): string =>
    `${signed(median(values))} (${signed(Math.min(...values))} to ${signed(Math.max(...values))})`;
  const lines = cases.flatMap((item) =>
    epsilons.flatMap((epsilon) => {
      const outcomes = rows
        .filter(
          (row) => row.case.name === item.name && row.case.attack === item.attack && row.epsilon === epsilon,
        )
        .map(({ outcome }) => outcome);
      if (outcomes.length === 0) return [];
      const stronger = outcomes.filter((outcome) => lost(outcome) > lostToNoise(outcome)).length;
      const cells = [
        ...[item.name, `\`${item.attack}\``, `${epsilon}`, span(outcomes.map(lost))],
        ...[span(outcomes.map(lostInForeground)), span(outcomes.map(lostToNoise))],
        `${stronger} of ${outcomes.length}`,
      ];
      return [`| ${cells.join(' | ')} |`];
    }),
  );
  return [
    '| method | attack | ε | PSNR lost: median (least to most) | in the foreground | to noise | worse than noise in |',
    '|---|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}

function details(rows: readonly RatedRow[]): string {
  const lines = rows.map(({ sample, case: item, epsilon, outcome }, i) => {
    const isFirst = rows[i - 1]?.sample.name !== sample.name;
    const size = `${sample.shape.join(' × ')}, ${sample.columns} columns`;
    const { clean, attacked, noisy } = outcome;
    const scored = (name: 'psnr' | 'psnr_foreground'): string[] => [
      clean[name].toFixed(2),
      signed(clean[name] - attacked[name]),
      signed(clean[name] - noisy[name]),
    ];
    const cells = [
      ...[isFirst ? `${sample.name} (${size})` : '', item.name, `\`${item.attack}\``, `${epsilon}`],
      ...[outcome.epsilonSampled.toFixed(4), ...scored('psnr'), ...scored('psnr_foreground')],
      ...[outcome.flags.map((flag) => `\`${flag}\``).join(', '), outcome.seconds.toFixed(0)],
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| file (coils × H × W) | method | attack | ε | ‖e‖/‖y‖ | PSNR | lost | noise | foreground | lost | noise | flags | s |',
    '|---|---|---|---|---|---|---|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}
