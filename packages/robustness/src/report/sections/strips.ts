import { type ColourMapName, matchedTo, paint } from '@adjoint/mri';
import type { AttackRecord, ImageRecord, ScoreRow } from '../../study/records.js';
import { methodNames } from '../cells.js';
import { type PictureCell, pictureChart } from '../chart/pictureChart.js';
import { maximum } from '../chart/scale.js';
import type { ReportContext, SectionOf, StoredArray } from '../context.js';
import { fileName } from '../figures.js';
import { type Content, markup } from '../markup/markup.js';
import { fixed } from '../markup/numbers.js';
import { beside, type Picture, pngFile } from '../pictures/png.js';

/** Images that are shown; all are in the store. */
const mostImages = 3;
/** Errors and perturbations are that many times brighter than images. */
const errorScale = 5;
const columns = ['reference', 'clean', 'attacked', `error × ${errorScale}`, `perturbation × ${errorScale}`];

/** Reference, clean and attacked reconstruction, error and perturbation, all in one window. */
export const strips: SectionOf = async (context) => {
  const { study } = context;
  const epsilon = maximum(study.attacks.map((attack) => attack.epsilon));
  const attacked = study.attacks.filter((attack) => attack.epsilon === epsilon);
  const images = study.images.filter(({ name }) => attacked.some(({ image }) => image === name));
  const chosen = spreadOverSubjects(images).slice(0, mostImages);
  const body: Content[] = [];
  for (const image of chosen) {
    if (!mayBeShown(context, image)) {
      body.push(
        markup`<p>The licence of ${image.data} does not allow pictures of ${image.name}: numbers only.</p>`,
      );
      continue;
    }
    body.push(
      await strip(
        context,
        image,
        attacked.filter((attack) => attack.image === image.name),
      ),
    );
  }
  return body.some(Boolean)
    ? { id: 'pictures', short: 'Pictures', title: 'What the attacks do to images', body }
    : undefined;
};

/** What is shown in white: all but the brightest half per cent of a reference, which are fat and vessels. */
export function brightest(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
  return sorted[Math.floor(0.995 * (sorted.length - 1))] ?? 1;
}

/** One image of every subject first, then the second of each. */
function spreadOverSubjects(images: readonly ImageRecord[]): ImageRecord[] {
  const rank = (image: ImageRecord): number =>
    images.filter(({ subject }) => subject === image.subject).indexOf(image);
  return [...images].sort((a, b) => rank(a) - rank(b));
}

export const mayBeShown = ({ study }: ReportContext, { data }: ImageRecord): boolean =>
  study.manifest.data.find(({ name }) => name === data)?.picturesAllowed ?? false;

async function strip(
  context: ReportContext,
  image: ImageRecord,
  attacks: readonly AttackRecord[],
): Promise<Content> {
  const { study, figures, readArrays } = context;
  const reference = (await readArrays(image.unit))?.reference;
  if (!reference) return undefined;
  const name = `strip-${fileName(image.name)}`;
  const rows = [];
  for (const method of methodNames(study)) {
    const attack = attacks.find((one) => one.method === method);
    const arrays = attack && (await readArrays(attack.unit));
    if (!attack || !arrays?.clean || !arrays.attacked) continue;
    const pictures = picturesOf(reference, arrays);
    figures.files.set(
      `${name}-${fileName(method)}.png`,
      pngFile(beside(pictures.filter((p) => p !== undefined))),
    );
    rows.push({
      name: method,
      cells: pictures.map((picture, i) => picture && cellOf(picture, i, attack, study.rows)),
    });
  }
  if (rows.length === 0) return undefined;
  const chart = pictureChart({
    columns,
    rows,
    alternative: `${image.name} by ${rows.map((row) => row.name).join(', ')}: ${columns.join(', ')}.`,
  });
  return figures.add(
    name,
    chart,
    markup`<b>${image.name}</b>, subject ${image.subject}, ${image.contrast}, under each method’s own attack at ε = ${attacks[0]!.epsilon}. All panels share one window, from 0 to the reference’s 99.5th percentile; the error |attacked − reference| and the perturbation (its zero-filled image) are ${errorScale} times brighter. Intensities are matched to the reference as for scoring. n = 1 image; ${study.manifest.data.find((data) => data.name === image.data)?.provenance}.`,
  );
}

function picturesOf(
  reference: StoredArray,
  arrays: Readonly<Record<string, StoredArray>>,
): (Picture | undefined)[] {
  const [height, width] = [reference.shape.at(-2)!, reference.shape.at(-1)!];
  const high = brightest(reference.data);
  const picture = (values: ArrayLike<number>, top: number, map: ColourMapName = 'gray'): Picture => ({
    height,
    width,
    data: paint(values, { low: 0, high: top }, map),
  });
  const clean = matchedTo(reference.data, arrays.clean!.data);
  const attacked = matchedTo(reference.data, arrays.attacked!.data);
  const error = attacked.map((value, i) => Math.abs(value - reference.data[i]!));
  const perturbation = arrays.perturbationImage;
  return [
    picture(reference.data, high),
    picture(clean, high),
    picture(attacked, high),
    picture(error, high / errorScale, 'magma'),
    perturbation && picture(perturbation.data, high / errorScale, 'magma'),
  ];
}

function cellOf(
  picture: Picture,
  column: number,
  attack: AttackRecord,
  rows: readonly ScoreRow[],
): PictureCell {
  const { method, image, epsilon } = attack;
  const score = (perturbation: 'none' | 'attack'): ScoreRow | undefined =>
    rows.find(
      (row) =>
        row.perturbation === perturbation &&
        row.target === method &&
        row.image === image &&
        row.maps === 'reestimated' &&
        (perturbation === 'none' || (row.source === method && row.epsilon === epsilon)),
    );
  const found = column === 1 ? score('none') : column === 2 ? score('attack') : undefined;
  const note = found && `${fixed(found.scores.psnr, 2)} dB, SSIM ${fixed(found.scores.ssim, 3)}`;
  return {
    picture,
    note,
    tip: `${method}, ${image}: ${columns[column]}${note === undefined ? '' : `, ${note}`}`,
  };
}
