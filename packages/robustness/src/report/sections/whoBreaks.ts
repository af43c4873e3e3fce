import { pairedDifference } from '@adjoint/mri';
import type { ScoreRow, StudyRecord } from '../../study/records.js';
import { cellsOf, largestEpsilon, mean, methodNames, noiseCells, withInterval } from '../cells.js';
import { htmlTable } from '../markup/htmlTable.js';
import { type Content, markup } from '../markup/markup.js';
import { fixed, noNumber } from '../markup/numbers.js';

/** Who breaks: what the own attack takes, beside what noise and other methods' attacks do. */
export function whoBreaks(study: StudyRecord): Content {
  if (study.cells.length === 0) return undefined;
  const epsilon = largestEpsilon(study);
  return [
    htmlTable({
      caption: markup`Who breaks: PSNR lost at ε = ${epsilon}, mean over test images, 95 % bootstrap interval by subject. The smaller, the steadier.`,
      columns: [
        { name: 'Method' },
        { name: 'Clean PSNR', unit: 'dB', kind: 'number' },
        { name: 'Clean SSIM', unit: 'foreground', kind: 'number' },
        { name: 'Lost to its own attack', unit: 'dB, whole image', kind: 'number' },
        { name: 'the same', unit: 'dB, foreground', kind: 'number' },
        { name: 'to the worst other', unit: 'dB, whole', kind: 'number' },
        { name: 'to noise of equal norm', unit: 'dB, whole / foreground', kind: 'number' },
        { name: 'n', unit: 'images / subjects', kind: 'number' },
      ],
      rows: methodNames(study).map((target) => rowOf(study, target, epsilon)),
    }),
    methodNames(study).map((target) => backgroundNote(study, target, epsilon)),
  ];
}

function rowOf(study: StudyRecord, target: string, epsilon: number): readonly Content[] {
  const [clean] = cellsOf(study, { perturbation: 'none', target });
  const [own] = cellsOf(study, { perturbation: 'attack', source: target, target, epsilon });
  const [noise] = noiseCells(study, target, epsilon);
  const [worst] = cellsOf(study, { perturbation: 'attack', target, epsilon })
    .filter(({ source }) => source !== target)
    .sort((a, b) => b.drop.estimate - a.drop.estimate);
  const losses = foregroundLosses(study, target, epsilon);
  const counts = (own ?? worst)?.drop;
  // without attacks the means are of the same images, as all there is
  const toNoise =
    own || !clean || !noise
      ? mean(losses.map((loss) => loss.noise))
      : clean.psnrForeground.estimate - noise.psnrForeground.estimate;
  return [
    target,
    fixed(clean?.psnr.estimate, 2),
    fixed(clean?.ssimForeground.estimate, 3),
    own ? withInterval(own.drop, 2) : hasAttack(study, target) ? noNumber : 'none made for it',
    fixed(mean(losses.map(({ attack }) => attack)), 2),
    worst ? markup`${fixed(worst.drop.estimate, 2)} <span class="quiet">by ${worst.source}’s</span>` : '–',
    `${fixed(noise?.drop.estimate, 2)} / ${fixed(toNoise, 2)}`,
    counts ? `${counts.images} / ${counts.subjects}` : noNumber,
  ];
}

/** Programs have no gradients to follow. */
const hasAttack = ({ manifest }: StudyRecord, target: string): boolean =>
  manifest.methods.some(({ name, attack }) => name === target && attack !== null);

interface Losses {
  readonly subject: string;
  /** dB of foreground PSNR lost to the own attack, and to noise. */
  readonly attack: number;
  readonly noise: number;
  /** Lost to the attack beyond noise, whole image. */
  readonly beyond: number;
}

/** Image by image, where all three reconstructions are there. */
function foregroundLosses({ rows }: StudyRecord, target: string, epsilon: number): Losses[] {
  const own = rows.filter((row) => row.target === target && row.maps === 'reestimated');
  return own
    .filter(({ perturbation }) => perturbation === 'none')
    .flatMap((clean) => {
      const same = own.filter(({ image, epsilon: size }) => image === clean.image && size === epsilon);
      const attack = same.find((row) => row.perturbation === 'attack' && row.source === target);
      const noise = same.find(({ perturbation }) => perturbation === 'noise');
      if (!attack || !noise) return [];
      const lost = (row: ScoreRow): number => clean.scores.psnr_foreground - row.scores.psnr_foreground;
      const losses = { attack: lost(attack), noise: lost(noise), beyond: attack.drop - noise.drop };
      return Object.values(losses).every(Number.isFinite) ? [{ subject: clean.subject, ...losses }] : [];
    });
}

/** Said where an attack beats noise on the whole image, but not where the anatomy is. */
function backgroundNote(study: StudyRecord, target: string, epsilon: number): Content {
  const losses = foregroundLosses(study, target, epsilon);
  if (losses.length === 0) return undefined;
  const options = { clusters: losses.map(({ subject }) => subject), resamples: 2000 };
  const zeros = losses.map(() => 0);
  const whole = pairedDifference(
    losses.map(({ beyond }) => beyond),
    zeros,
    options,
  );
  const [attack, noise] = [losses.map((loss) => loss.attack), losses.map((loss) => loss.noise)];
  const foreground = pairedDifference(attack, noise, options);
  if (!(whole.low > 0) || foreground.low > 0) return undefined;
  return markup`<p><b>${target}</b>: the attack beats noise only in the background. In the foreground it takes ${fixed(mean(attack), 2)} dB, noise of the same norm ${fixed(mean(noise), 2)} dB.</p>`;
}
