import type { SeedRecord } from '../../study/records.js';
import { mean } from '../cells.js';
import { maximum } from '../chart/scale.js';
import type { SectionOf } from '../context.js';
import { htmlTable } from '../markup/htmlTable.js';
import { markup } from '../markup/markup.js';
import { fixed } from '../markup/numbers.js';

/** How far a method's own randomness moves its score: drops below that are nothing. */
export const seeds: SectionOf = ({ study }) => {
  if (study.seeds.length === 0) return undefined;
  const methods = [...new Set(study.seeds.map(({ method }) => method))];
  return {
    id: 'seeds',
    short: 'Noise floor',
    title: 'Noise floor: clean scores under fresh seeds',
    body: [
      markup`<p>The standard deviation of the clean PSNR over the method’s own seeds, the data unchanged. A drop below it is no effect of a perturbation. A method without randomness has none: 0 dB.</p>`,
      htmlTable({
        caption: 'Standard deviation of the clean PSNR over seeds; every run is in seeds.csv.',
        columns: [
          { name: 'Method' },
          { name: 'Images', kind: 'number' },
          { name: 'Seeds', unit: 'an image', kind: 'number' },
          { name: 'Mean over images', unit: 'dB', kind: 'number' },
          { name: 'Largest', unit: 'dB', kind: 'number' },
        ],
        rows: methods.map((method) =>
          rowOf(
            method,
            study.seeds.filter((record) => record.method === method),
          ),
        ),
      }),
    ],
  };
};

function rowOf(method: string, records: readonly SeedRecord[]): readonly (string | number)[] {
  const deviations = records.map(({ deviation }) => deviation);
  const counts = maximum(records.map(({ psnr }) => psnr.length));
  return [method, records.length, counts, fixed(mean(deviations), 3), fixed(maximum(deviations), 3)];
}
