import type { AttackFlag } from '../../attacks/index.js';
import type { AttackRecord } from '../../study/records.js';
import { mean, methodNames } from '../cells.js';
import { type AxisOptions, type LinePanel, lineChart } from '../chart/lineChart.js';
import type { Point } from '../chart/linePanel.js';
import { maximum, minimum } from '../chart/scale.js';
import type { ReportContext, SectionOf } from '../context.js';
import { htmlTable } from '../markup/htmlTable.js';
import { type Content, markup } from '../markup/markup.js';
import { fixed, plural, significant } from '../markup/numbers.js';

/** Whether the attacks tried hard: their course, the spread of restarts, and what they found suspicious. */
export const attacks: SectionOf = (context) => {
  const { study, figures } = context;
  if (study.attacks.length === 0) return undefined;
  const epsilon = maximum(study.attacks.map((attack) => attack.epsilon));
  const shown = study.attacks.filter((attack) => attack.epsilon === epsilon);
  const restarts = maximum(shown.map(({ history }) => history.length));
  return {
    id: 'attacks',
    short: 'Attacks',
    title: 'How hard the attacks tried',
    body: [
      figures.add(
        'attack-loss',
        courseChart(context, shown, epsilon),
        markup`Course of the attacks at ε = ${epsilon}, one line per image${restarts > 1 && markup` (the best of ${plural(restarts, 'restart')}; shaded: the worst to the best)`}. Attacks by gradients: what they maximise, as a share of the way from its first to its highest value; a curve that still rises at its end was stopped early, and a stronger attack may exist. Joint attack: its objective with the sign turned, on a logarithmic axis; it has no bound, and its size says nothing about the drop.`,
      ),
      healthTable(context),
      flagList(context),
    ],
  };
};

function courseChart({ study, styleOf }: ReportContext, shown: readonly AttackRecord[], epsilon: number) {
  const methods = methodNames(study).filter((name) => shown.some(({ method }) => method === name));
  const panels = methods.map((method): LinePanel => {
    const own = shown.filter((attack) => attack.method === method);
    const isJoint = own.every(({ attack }) => attack === 'joint');
    const style = { ...styleOf(method), width: 1.5 };
    return {
      title: `${method}: ${[...new Set(own.map(({ attack }) => attack))].join(', ')}`,
      y: isJoint ? jointAxis : undefined,
      series: own.map((attack) => ({
        ...{ name: method, style, interval: 'band', hasMarkers: false, opacity: 0.8 },
        points: course(attack, isJoint ? sunk : risen),
      })),
    };
  });
  return lineChart({
    panels,
    x: { label: 'step of the attack' },
    y: { label: 'objective, share of its rise', include: [0, 1] },
    ...{ axes: 'own', size: [420, 170], hasLegend: false },
    alternative: `Objective of the attacks on ${methods.join(', ')} against the step, at epsilon ${epsilon}; all values are in attack-loss.csv.`,
  });
}

const jointAxis: AxisOptions = { label: '−objective', kind: 'log' };

type Restarts = readonly (readonly number[])[];

/** From 0, the lowest first value, to 1, the highest of all. */
function risen(lists: Restarts): Restarts {
  const first = minimum(lists.map((list) => list.find(Number.isFinite) ?? Infinity));
  const height = maximum(lists.flat().filter(Number.isFinite)) - first;
  return lists.map((list) => list.map((value) => (height > 0 ? (value - first) / height : 0)));
}

/** The joint attack descends, and its objective has no lower bound. */
const sunk = (lists: Restarts): Restarts => lists.map((list) => list.map((value) => -value));

/** The best restart, and the band of all where there are several. */
function course({ history }: AttackRecord, shownAs: (lists: Restarts) => Restarts): Point[] {
  const lists = shownAs(history.map((list) => list.map((value) => value ?? Number.NaN)));
  const [best] = [...lists].sort((a, b) => highestOf(b) - highestOf(a));
  return (best ?? []).flatMap((y, x) => {
    if (!Number.isFinite(y)) return [];
    const all = lists.map((list) => list[x] ?? Number.NaN).filter(Number.isFinite);
    return [{ x, y, ...(lists.length > 1 ? { low: minimum(all), high: maximum(all) } : {}) }];
  });
}

const highestOf = (list: readonly number[]): number => maximum(list.filter(Number.isFinite));

function healthTable({ study }: ReportContext): Content {
  const groups = new Map<string, AttackRecord[]>();
  for (const attack of study.attacks) {
    const name = JSON.stringify([attack.method, attack.attack, attack.epsilon]);
    groups.set(name, [...(groups.get(name) ?? []), attack]);
  }
  return htmlTable({
    caption:
      'Health of the attacks. A drop no larger than that of noise, a flat objective or vanishing gradients mean that the attack failed, not that the method is robust.',
    columns: [
      { name: 'Method' },
      { name: 'Attack' },
      { name: 'ε', kind: 'number' },
      { name: 'Images', kind: 'number' },
      { name: 'Recorded steps', kind: 'number' },
      { name: 'Restarts', kind: 'number' },
      { name: 'Mean drop', unit: 'dB', kind: 'number' },
      { name: 'of noise', unit: 'dB', kind: 'number' },
      { name: 'Flags', unit: 'images' },
    ],
    rows: [...groups.values()].map((group) => {
      const { method, attack, epsilon } = group[0]!;
      return [
        method,
        attack,
        epsilon,
        group.length,
        maximum(group.flatMap(({ history }) => history.map((list) => list.length))),
        maximum(group.map(({ history }) => history.length)),
        fixed(mean(group.map(({ drop }) => drop)), 2),
        fixed(mean(group.map(({ noiseDrop }) => noiseDrop)), 2),
        flagText(group),
      ];
    }),
  });
}

function flagText(group: readonly AttackRecord[]): Content {
  const flags = [...new Set(group.flatMap((attack) => attack.flags))];
  if (flags.length === 0) return 'none';
  return flags.map(
    (flag, i) =>
      markup`${i > 0 && ', '}<b>${flag}</b> (${significant(group.filter((a) => a.flags.includes(flag)).length)})`,
  );
}

/** As `AttackFlag` defines them. */
const meanings: Readonly<Record<AttackFlag, string>> = {
  'gradient-vanishes': 'at its start there was no gradient to follow',
  'not-finite': 'its numbers became NaN or infinite on the way',
  'no-progress': 'the best objective is less than 1 % above that of the random start',
  'still-rising':
    'more than 1 % of the best objective came within the last tenth of the steps: more would find more',
  'restarts-disagree': 'the best objectives of the restarts differ by more than a tenth',
  'ball-not-reached': 'the perturbation is smaller than 99 % of what was allowed',
  'random-beats-gradient': 'noise of the same norm lowers the score as much',
};

function flagList({ study }: ReportContext): Content {
  const raised = Object.entries(meanings).filter(([flag]) =>
    study.attacks.some(({ flags }) => flags.includes(flag)),
  );
  return (
    raised.length > 0 &&
    markup`<ul class="flags">${raised.map(([flag, meaning]) => markup`<li><b>${flag}</b>: ${meaning}.</li>`)}</ul>`
  );
}
