import { parameterCount, type Weights } from '@adjoint/models';
import type { Interval } from '@adjoint/mri';
import { type ComparedSet, meanOf, type RatedName, rated, ratedNames } from './compare.js';
import { recipes } from './recipes.js';

/** docs/unet-vs-l1.md. */
export function page(networks: readonly Weights[], compared: readonly ComparedSet[], device: string): string {
  const { shape, coils, snr, acceleration, centerFraction, steps, batchSize, lr } = recipes[0]!;
  return [
    '# U-net against l1',
    '',
    `Written by \`npm run unet-vs-l1\` (${device}, Node ${process.versions.node}), which first trains the networks.`,
    '',
    `Anatomy as told below, simulated acquisition: ${shape.join(' × ')}, ${coils} coils, ${snr} dB, ${acceleration}-fold random ` +
      `columns with ${Math.round(centerFraction * shape[1])} of ${shape[1]} in the centre. The U-nets (16 channels, 3 levels, ` +
      `${parameterCount(networks[0]!.network)} weights) were trained with Adam on the l1 loss, step size ${lr} with a cosine to 0, ${steps} steps of ` +
      `${batchSize} images: 30 minutes on 2 idle cores. l1 has maps by ESPIRiT from the samples, 200 iterations, and ` +
      'a weight chosen on five images of the training of the network it is compared with, once for SSIM and once for PSNR of the ' +
      'foreground. Means; scores after matching intensities (`rec_to_gt`), NMSE as it is; foreground: pixels above 8 % of the ' +
      'maximum. **A win in the whole image alone is a win in the background, and does not count.**',
    '',
    '| network | trained on | took in this run, beside other work or not |',
    '|---|---|---|',
    ...networks.map(
      ({ metadata }, i) =>
        `| ${recipes[i]!.name} | ${recipes[i]!.trainedOn} | ${Math.round(Number(metadata.seconds) / 60)} minutes |`,
    ),
    '',
    ...compared.flatMap(section),
  ].join('\n');
}

function section(compared: ComparedSet): string[] {
  const { set, methods, differences } = compared;
  const several = new Set(set.subjects).size > 1;
  return [
    `## ${set.title}`,
    '',
    `${set.subjects.length} images. ${set.remark} ${verdict(compared)}`,
    '',
    `| method | ${ratedNames.map((name) => rated[name].title).join(' | ')} |`,
    `|---|${ratedNames.map(() => '---|').join('')}`,
    ...methods.map(
      ({ method, each }) =>
        `| ${method} | ${ratedNames.map((name) => meanOf(each.map((one) => one[name])).toFixed(rated[name].digits)).join(' | ')} |`,
    ),
    '',
    `${recipes[set.home]!.name} minus the l1 that is better at the score, 95 % interval over ${several ? 'subjects' : 'slices'}:`,
    '',
    '| score | difference | interval | who is better |',
    '|---|---|---|---|',
    ...ratedNames.map((name) => {
      const { by } = differences[name];
      const [estimate, low, high] = [by.estimate, by.low, by.high].map((x) => x.toFixed(rated[name].digits));
      return `| ${rated[name].title} | ${estimate} | ${low} to ${high} | ${winner(name, by)} |`;
    }),
    '',
  ];
}

/** Who is better, if the interval says so. */
function winner(name: RatedName, { low, high }: Interval): 'U-net' | 'l1' | 'undecided' {
  const [least, most] = rated[name].better > 0 ? [low, high] : [-high, -low];
  return least > 0 ? 'U-net' : most < 0 ? 'l1' : 'undecided';
}

function verdict({ differences }: ComparedSet): string {
  const winners = (['ssim_foreground', 'psnr_foreground'] as const).map((name) =>
    winner(name, differences[name].by),
  );
  const [first, second] = winners;
  if (first === second)
    return first === 'undecided'
      ? '**In the foreground neither is better.**'
      : `**In the foreground ${first === 'l1' ? 'l1' : 'the U-net'} is better.**`;
  return `**In the foreground: SSIM ${first}, PSNR ${second}.**`;
}
