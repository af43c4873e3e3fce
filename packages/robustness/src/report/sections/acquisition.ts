import type { StudyRecord } from '../../study/records.js';
import type { SectionOf } from '../context.js';
import { htmlTable } from '../markup/htmlTable.js';
import { type Content, markup } from '../markup/markup.js';
import { fixed } from '../markup/numbers.js';

/** Where the data come from, and how they were measured. */
export const acquisition: SectionOf = ({ study }) => ({
  id: 'data',
  short: 'Data',
  title: 'Data and acquisition',
  body: [sourcesTable(study), imagesTable(study)],
});

const sourcesTable = ({ manifest }: StudyRecord): Content =>
  htmlTable({
    caption: 'Sources of images.',
    columns: [
      { name: 'Name' },
      { name: 'Source' },
      { name: 'Kind' },
      { name: 'Licence' },
      { name: 'Remark' },
    ],
    rows: manifest.data.map(({ name, source, provenance, licence, picturesAllowed, remark }) => [
      name,
      source,
      provenance,
      markup`${licence}${!picturesAllowed && ' (no pictures)'}`,
      remark,
    ]),
  });

const imagesTable = ({ images }: StudyRecord): Content =>
  htmlTable({
    caption:
      'Images. Support: where the k-space of the source ends along rows and columns, as a part of Nyquist.',
    columns: [
      { name: 'Image' },
      { name: 'Subject' },
      { name: 'Anatomy, contrast' },
      { name: 'Use' },
      { name: 'Split' },
      { name: 'Coils', kind: 'number' },
      { name: 'Grid', unit: 'pixels', kind: 'number' },
      { name: 'Lines', unit: 'measured (centre) of all', kind: 'number' },
      { name: 'Support', kind: 'number' },
    ],
    rows: images.map((image) => [
      image.name,
      image.subject,
      `${image.anatomy}, ${image.contrast}`,
      image.use,
      image.split,
      image.coils,
      image.grid.join(' × '),
      `${image.sampled.lines} (${image.sampled.centre}) of ${image.sampled.of}`,
      image.support ? image.support.map((part) => fixed(part, 2)).join(' × ') : '–',
    ]),
  });
