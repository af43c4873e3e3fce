import type { ClaimRecord, IntervalRecord } from '../../study/records.js';
import { withInterval } from '../cells.js';
import type { SectionOf } from '../context.js';
import { htmlTable } from '../markup/htmlTable.js';
import { type Content, markup } from '../markup/markup.js';
import { noNumber, significant } from '../markup/numbers.js';
import { verdictMark } from './summary.js';

/** Claims with criterion, verdict, n and the numbers that decided. */
export const claims: SectionOf = ({ study }) => {
  if (study.claims.length === 0) return undefined;
  return {
    id: 'claims',
    short: 'Claims',
    title: 'Claims and verdicts',
    body: [
      markup`<p>A claim <i>holds</i> only if its criterion is met with the whole interval; it is <i>inconclusive</i> if the interval crosses the threshold, or if there are fewer than five subjects, however clear the numbers look.</p>`,
      htmlTable({
        caption: 'Every claim that this study knows. Intervals: 95 %, bootstrap by subject.',
        columns: [
          { name: 'Claim' },
          { name: 'Verdict' },
          { name: 'n', unit: 'images / subjects', kind: 'number' },
          { name: 'What is claimed, when it counts as true, and the numbers' },
        ],
        rows: study.claims.map(claimRow),
      }),
    ],
  };
};

const claimRow = ({
  id,
  claim,
  criterion,
  verdict,
  reason,
  numbers,
  ...of
}: ClaimRecord): readonly Content[] => [
  id,
  verdictMark(verdict),
  `${of.images} / ${of.subjects}`,
  markup`${claim}<div class="quiet">Criterion: ${criterion}</div><div>${reason}</div>${numbers.length > 0 && markup`<ul class="numbers">${numbers.map(({ name, value }) => markup`<li><span>${name}</span> <span>${numberText(value)}</span></li>`)}</ul>`}`,
];

function numberText(value: number | IntervalRecord | null): string {
  if (value === null) return noNumber;
  return typeof value === 'number' ? significant(value, 4) : withInterval(value, 3);
}
