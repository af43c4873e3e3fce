import { type FitResult, parameterCount } from '@adjoint/models';
import type { Row } from './evaluate.js';
import type { Recipe } from './recipes.js';

/** What whoever uses the weights must know, as Markdown. */
export function modelCard(recipe: Recipe, fitted: FitResult, rows: readonly Row[], device: string): string {
  const { name, network, shape, coils, snr, acceleration, centerFraction, steps, batchSize, lr, seed } =
    recipe;
  const { inChans: _, outChans: __, ...size } = network.config;
  const last = fitted.losses.slice(-200);
  const lastLoss = last.reduce((a, b) => a + b, 0) / last.length;
  return [
    `# ${name}`,
    '',
    `Made by \`npm run train-zoo\`, which writes this page, too. ${device}, ${(fitted.seconds / 60).toFixed(1)} minutes on a machine that did other work as well.`,
    '',
    `- **What**: ${network.architecture} (${Object.entries(size)
      .map(([key, value]) => `${key} ${value}`)
      .join(
        ', ',
      )}), ${parameterCount(network)} weights, for \`unetReconstructor\`: from the zero-filled magnitude image to a magnitude image.`,
    `- **Trained on**: ${recipe.trainedOn}. Real anatomy, simulated acquisition: ${shape.join(' × ')}, ${coils} coils, ${snr} dB; ${acceleration}-fold random columns, ${Math.round(centerFraction * shape[1])} of ${shape[1]} in the centre, drawn anew at every step; flips, transposes, shifts.`,
    `- **How**: l1 loss on normalised images, Adam, step size ${lr} with a cosine to 0, ${steps} steps of ${batchSize} images, seed ${seed}. Mean loss of the last 200 steps: ${lastLoss.toFixed(4)}.`,
    '- **For**: the quick profile of the study, tests and demonstrations. One person, one contrast, one grid, one kind of mask: not for other data, and for no medical use.',
    '- **Licence**: that of this repository. The images are read from the npm package brainbrowser (AGPL-3.0), a development dependency, and are not contained in the weights in any recognisable form that we know of.',
    '',
    'Scores on images that it was not trained on (means; intensities matched `rec_to_gt`; foreground: pixels above 8 % of the maximum). l1 has its default weight, tuned on none of them, and maps by ESPIRiT (kernel 3) from the same samples. A network that wins in the whole image only wins in the background.',
    '',
    '| images | n | method | SSIM | PSNR (dB) | SSIM foreground | PSNR foreground (dB) | NMSE |',
    '|---|---|---|---|---|---|---|---|',
    ...rows.map(
      ({ images, count, method, scores }) =>
        `| ${images} | ${count} | ${method} | ${scores.ssim.toFixed(3)} | ${scores.psnr.toFixed(2)} | ${scores.ssim_foreground.toFixed(3)} | ${scores.psnr_foreground.toFixed(2)} | ${scores.nmse.toFixed(4)} |`,
    ),
    '',
  ].join('\n');
}
