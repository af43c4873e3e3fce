import type { OracleRecord } from '../../study/records.js';
import { mean, spread } from '../cells.js';
import type { Chart } from '../chart/chart.js';
import { type DotPanel, type DotSeries, dotChart } from '../chart/dotChart.js';
import { markers } from '../chart/palette.js';
import { minimum } from '../chart/scale.js';
import type { SectionOf } from '../context.js';
import { htmlTable } from '../markup/htmlTable.js';
import { type Content, markup } from '../markup/markup.js';
import { fixed, plural } from '../markup/numbers.js';

/** What the protocol asks of attacks on linear methods, as a share of the worst case. */
const goals = [
  { value: 0.6, label: 'goal of joint: 60 %' },
  { value: 0.99, label: 'of all others: 99 %' },
];

/** For linear methods the worst perturbation is known: how near the attacks come to it. */
export const oracles: SectionOf = ({ study, figures }) => {
  const all = study.oracles;
  if (all.length === 0) return undefined;
  const methods = [...new Set(all.map(({ method }) => method))];
  const kinds = [...new Set(all.flatMap(({ attacks }) => attacks.map(({ attack }) => attack)))];
  const images = new Set(all.map(({ image }) => image)).size;
  return {
    id: 'oracles',
    short: 'Oracle gap',
    title: 'Oracle gap: attacks on linear methods beside the true worst case',
    body: [
      figures.add(
        'oracle-gap',
        shareChart(all, methods, kinds),
        markup`For a reconstruction R that is linear in the samples the worst perturbation is the leading singular vector of R restricted to the mask. Mean over ${plural(images, 'image')}; whiskers: smallest to largest. Below the goal, the attack is what is weak, not the method strong.`,
      ),
      shareTable(all, methods, kinds),
    ],
  };
};

type Names = readonly string[];

function shareChart(all: readonly OracleRecord[], methods: Names, kinds: Names): Chart {
  const attacks = kinds.map(
    (kind, i): DotSeries => ({
      name: kind,
      style: { colour: i, marker: markers[i % markers.length] },
      points: methods.map((method) => spread(ratiosOf(all, method, kind), `${kind} on ${method}`, 4)),
    }),
  );
  const noiseOf = (name: string): number[] =>
    all.filter(({ method }) => method === name).map(({ noise, oracle }) => noise / oracle);
  const noise: DotSeries = {
    name: 'Gaussian noise',
    style: { colour: 'muted', hollow: true },
    points: methods.map((method) => spread(noiseOf(method), `noise on ${method}`, 4)),
  };
  const panel: DotPanel = {
    title: 'share of the largest possible gain',
    xLabel: 'gain ‖R e‖ / ‖e‖ over the oracle’s',
    series: [...attacks, noise],
    include: [0, 1],
    goals,
  };
  const alternative =
    'Gain of each attack on linear methods over that of the oracle; the numbers are in the table below.';
  return dotChart({ rows: methods, panels: [panel], panelWidth: 620, alternative });
}

const shareTable = (all: readonly OracleRecord[], methods: Names, kinds: Names): Content =>
  htmlTable({
    caption: 'Gains of attacks on linear methods as shares of the oracle’s.',
    columns: [
      { name: 'Method' },
      { name: 'Attack' },
      { name: 'Mean share', kind: 'number' },
      { name: 'Smallest', kind: 'number' },
      { name: 'Images', kind: 'number' },
    ],
    rows: methods.flatMap((method) =>
      kinds.map((kind) => {
        const ratios = ratiosOf(all, method, kind);
        return [method, kind, fixed(mean(ratios), 4), fixed(minimum(ratios), 4), ratios.length];
      }),
    ),
  });

const ratiosOf = (all: readonly OracleRecord[], method: string, kind: string): number[] =>
  all
    .filter((oracle) => oracle.method === method)
    .flatMap(({ attacks }) => attacks.filter(({ attack }) => attack === kind).map(({ ratio }) => ratio))
    .filter(Number.isFinite);
