import type { SectionOf } from '../context.js';
import { htmlTable } from '../markup/htmlTable.js';
import { markup } from '../markup/markup.js';

/** What did not finish, and why. */
export const failures: SectionOf = ({ study }) => {
  if (study.failures.length === 0) return undefined;
  return {
    id: 'failures',
    short: 'Failed units',
    title: 'Units that failed',
    body: htmlTable({
      caption: 'Their results are missing from all tables above.',
      columns: [{ name: 'Unit' }, { name: 'Error' }, { name: 'Name in the store' }],
      rows: study.failures.map(({ label, error, unit }) => [
        label,
        error,
        markup`<code class="hash">${unit}</code>`,
      ]),
    }),
  };
};
