import type { SeedRecord } from '../../study/records.js';
import { mean } from '../cells.js';
import { maximum } from '../chart/scale.js';
import type { SectionOf } from '../context.js';
import { htmlTable } from '../markup/htmlTable.js';
import { type Content, markup } from '../markup/markup.js';
import { fixed } from '../markup/numbers.js';

/** How far a method's own randomness moves its score: drops below that are nothing. */
export const seeds: SectionOf = ({ study }) => {
  if (study.seeds.length === 0) return undefined;
  const methods = [...new Set(study.seeds.map(({ method }) => method))];
  return {
    id: 'seeds',
    short: 'Noise floor',
    title: 'Noise floor: scores under fresh seeds',
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
      attackedTable(study.seeds),
    ],
  };
};

/** Whether a perturbation hurts beyond the randomness that it was made for. */
function attackedTable(seeds: readonly SeedRecord[]): Content {
  const all = seeds.flatMap(({ method, deviation, attacked }) =>
    attacked.map((found) => ({ method, floor: deviation, ...found })),
  );
  if (all.length === 0) return undefined;
  const groups = new Map<string, typeof all>();
  for (const found of all) {
    const name = JSON.stringify([found.method, found.epsilon]);
    groups.set(name, [...(groups.get(name) ?? []), found]);
  }
  return htmlTable({
    caption:
      'The method’s own attack under the seed that was attacked and under fresh ones: means over images of the drop against the clean score of the same seed. Of a perturbation that only fits one seed, fresh ones lose less.',
    columns: [
      { name: 'Method' },
      { name: 'ε', kind: 'number' },
      { name: 'Images', kind: 'number' },
      { name: 'Fresh seeds', unit: 'an image', kind: 'number' },
      { name: 'Drop, attacked seed', unit: 'dB', kind: 'number' },
      { name: 'Drop, fresh seeds', unit: 'dB', kind: 'number' },
      { name: 'Deviation of these', unit: 'dB', kind: 'number' },
      { name: 'Noise floor', unit: 'dB', kind: 'number' },
    ],
    rows: [...groups.values()].map((group) => {
      const deviations = group.flatMap(({ deviation }) => deviation ?? []);
      return [
        ...[group[0]!.method, group[0]!.epsilon, group.length],
        maximum(group.map(({ drops }) => drops.length - 1)),
        fixed(mean(group.map(({ drops }) => drops[0]!)), 2),
        fixed(mean(group.map((found) => found.mean)), 2),
        deviations.length > 0 ? fixed(mean(deviations), 3) : 'one seed',
        fixed(mean(group.map(({ floor }) => floor)), 3),
      ];
    }),
  });
}

function rowOf(method: string, records: readonly SeedRecord[]): readonly (string | number)[] {
  const deviations = records.map(({ deviation }) => deviation);
  const counts = maximum(records.map(({ psnr }) => psnr.length));
  return [method, records.length, counts, fixed(mean(deviations), 3), fixed(maximum(deviations), 3)];
}
