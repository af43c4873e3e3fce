import type { ClaimRecord, StudyRecord, Verdict } from '../../study/records.js';
import { methodNames } from '../cells.js';
import type { SectionOf } from '../context.js';
import { htmlTable } from '../markup/htmlTable.js';
import { type Content, type Markup, markup } from '../markup/markup.js';
import { counted, duration, plural } from '../markup/numbers.js';
import { whoBreaks } from './whoBreaks.js';

/** The first page: what was run, on how many images of how many people, what it cannot show, what came out. */
export const summary: SectionOf = ({ study, run }) => {
  const { manifest, claims, failures } = study;
  const missing =
    failures.length > 0 &&
    markup`<p class="warning"><b>${plural(failures.length, 'unit')} did not finish</b>; the tables hold what did. <a href="#failures">They are listed below.</a></p>`;
  const reused =
    run && run.units.reused > 0 && ` (${plural(run.units.reused, 'unit')} taken from earlier runs)`;
  const took = run && markup`; computed in ${duration(run.seconds)} on ${plural(run.jobs, 'core')}${reused}`;
  return {
    id: 'summary',
    short: 'Summary',
    title: 'What was run, and what came out',
    body: [
      missing,
      markup`<p>Profile <b>${manifest.profile}</b>, seed ${manifest.seed}: ${manifest.experiments.join(', ')} for ${methodNames(study).join(', ')} at ε = ${manifest.epsilons.join(', ')}${took}.</p>`,
      dataTable(study),
      limits(manifest.limits),
      whoBreaks(study),
      claims.length > 0 && verdictList(claims),
    ],
  };
};

function dataTable({ manifest, images }: StudyRecord): Content {
  const test = images.filter(({ use }) => use === 'test');
  const first = test[0];
  const acquisition = first
    ? `${first.grid.join(' × ')} pixels, ${plural(first.coils, 'coil')}, ${first.sampled.lines} of ${first.sampled.of} lines of k-space (${first.sampled.centre} in the centre)`
    : 'no test images';
  return htmlTable({
    caption: markup`Images: ${counted(test.length, new Set(test.map(({ subject }) => subject)).size)} tested; ${acquisition}.`,
    columns: [
      { name: 'Source' },
      { name: 'Images', kind: 'number' },
      { name: 'Subjects', kind: 'number' },
      { name: 'Kind' },
      { name: 'Use' },
    ],
    rows: manifest.data.map((data) => [
      data.name,
      data.images,
      data.subjects,
      data.provenance,
      usesOf(data.name, images),
    ]),
  });
}

function usesOf(data: string, images: StudyRecord['images']): string {
  const words = images
    .filter((image) => image.data === data)
    .map(({ use, split }) => (use === 'test' ? `tested, ${split}` : 'tuned on'));
  return [...new Set(words)].map((word) => `${word} (${words.filter((w) => w === word).length})`).join('; ');
}

const limits = (sentences: readonly string[]): Content =>
  sentences.length > 0 &&
  markup`<aside class="limits"><h3>What these numbers cannot show</h3><ul>${sentences.map((text) => markup`<li>${text}</li>`)}</ul></aside>`;

const verdictList = (claims: readonly ClaimRecord[]): Markup =>
  markup`<h3>Verdicts</h3><ul class="verdicts">${claims.map(
    ({ id, claim, verdict }) =>
      markup`<li>${verdictMark(verdict)}<a href="#claims"><b>${id}</b></a><span>${claim}</span></li>`,
  )}</ul>`;

const signs: Readonly<Record<Verdict, string>> = {
  holds: '✓',
  'does not hold': '✗',
  inconclusive: '?',
  'by construction': '≡',
  'not tested': '–',
};

/** A verdict in words, with a sign, so that no reader depends on colour. */
export const verdictMark = (verdict: Verdict): Markup =>
  markup`<span class="verdict ${verdict.replaceAll(' ', '-')}"><span aria-hidden="true">${signs[verdict]}</span> ${verdict}</span>`;
