import type { AttackFlag } from '../../attacks/index.js';
import { mean, methodNames } from '../cells.js';
import { type AxisOptions, type LinePanel, lineChart } from '../chart/lineChart.js';
import type { Point } from '../chart/linePanel.js';
import { maximum, minimum } from '../chart/scale.js';
import type { ReportContext, SectionOf } from '../context.js';
import { type Course, coursesOf } from '../courses.js';
import { htmlTable } from '../markup/htmlTable.js';
import { type Content, markup } from '../markup/markup.js';
import { fixed, plural, significant } from '../markup/numbers.js';

/** Whether the attacks tried hard: their course, the spread of restarts, and what they found suspicious. */
export const attacks: SectionOf = (context) => {
  const { study, figures } = context;
  if (study.attacks.length === 0) return undefined;
  const epsilon = maximum(study.attacks.map((attack) => attack.epsilon));
  const shown = study.attacks.filter((attack) => attack.epsilon === epsilon).flatMap(coursesOf);
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
      triedTable(context),
      flagList(context),
    ],
  };
};

function courseChart({ study, styleOf }: ReportContext, shown: readonly Course[], epsilon: number) {
  const methods = methodNames(study).filter((name) => shown.some(({ of }) => of.method === name));
  const panels = methods.flatMap((method): LinePanel[] => {
    const own = shown.filter(({ of }) => of.method === method);
    const style = { ...styleOf(method), width: 1.5 };
    return [...new Set(own.map(({ attack }) => attack))].map((attack) => ({
      title: `${method}: ${attack}`,
      y: attack === 'joint' ? jointAxis : undefined,
      series: own
        .filter((one) => one.attack === attack)
        .map((one) => ({
          ...{ name: method, style, interval: 'band', hasMarkers: false, opacity: 0.8 },
          points: pointsOf(one, attack === 'joint' ? sunk : risen),
        })),
    }));
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
function pointsOf({ history }: Course, shownAs: (lists: Restarts) => Restarts): Point[] {
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
  const courses = study.attacks.flatMap(coursesOf);
  const groups = grouped(courses, ({ attack, of }) => [of.method, attack, of.epsilon]);
  return htmlTable({
    caption:
      'Health of the attacks. Where several were run on a method, the worst on each image is kept; drops are those of the kept ones. A drop no larger than that of noise, a flat objective or vanishing gradients mean that the attack failed, not that the method is robust.',
    columns: [
      { name: 'Method' },
      { name: 'Attack' },
      { name: 'ε', kind: 'number' },
      { name: 'Images', kind: 'number' },
      { name: 'Kept', unit: 'images', kind: 'number' },
      { name: 'Recorded steps', kind: 'number' },
      { name: 'Restarts', kind: 'number' },
      { name: 'Mean drop', unit: 'dB', kind: 'number' },
      { name: 'of noise', unit: 'dB', kind: 'number' },
      { name: 'Flags', unit: 'images' },
    ],
    rows: groups.map((group) => {
      const { attack, of } = group[0]!;
      const kept = group.filter(({ isWorst }) => isWorst).map((one) => one.of);
      const meanOf = (values: readonly number[]): string =>
        values.length > 0 ? fixed(mean(values), 2) : 'none kept';
      return [
        ...[of.method, attack, of.epsilon, group.length, kept.length],
        maximum(group.flatMap(({ history }) => history.map((list) => list.length))),
        maximum(group.map(({ history }) => history.length)),
        meanOf(kept.map(({ drop }) => drop)),
        meanOf(kept.map(({ noiseDrop }) => noiseDrop)),
        flagText(group),
      ];
    }),
  });
}

/** What each of several attacks on a method would have said alone. */
function triedTable({ study }: ReportContext): Content {
  const all = study.attacks.flatMap((of) => of.tried.map((tried) => ({ ...tried, of })));
  if (all.length === 0) return undefined;
  const groups = grouped(all, ({ attack, of }) => [of.method, of.epsilon, attack]);
  return htmlTable({
    caption:
      'Several attacks on one method. The change is ‖f(y + e) − f(y)‖²/‖f(y)‖² of the method as it reconstructs, with the coil maps of the clean data: the largest on each image is kept. The drop is with the same maps. All are in tried-attacks.csv.',
    columns: [
      { name: 'Method' },
      { name: 'ε', kind: 'number' },
      { name: 'Attack' },
      { name: 'Images', kind: 'number' },
      { name: 'Kept', unit: 'images', kind: 'number' },
      { name: 'Mean change', unit: '%', kind: 'number' },
      { name: 'Mean drop', unit: 'dB', kind: 'number' },
    ],
    rows: groups.map((group) => [
      ...[group[0]!.of.method, group[0]!.of.epsilon, group[0]!.attack, group.length],
      group.filter(({ isWorst }) => isWorst).length,
      fixed(100 * mean(group.map(({ damage }) => damage)), 1),
      fixed(mean(group.map(({ drop }) => drop)), 2),
    ]),
  });
}

/** Items of one name together, in the order in which names come. */
function grouped<T>(items: readonly T[], nameOf: (item: T) => readonly (string | number)[]): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = JSON.stringify(nameOf(item));
    groups.set(name, [...(groups.get(name) ?? []), item]);
  }
  return [...groups.values()];
}

function flagText(group: readonly Course[]): Content {
  const flags = [...new Set(group.flatMap((course) => course.flags))];
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
    study.attacks.flatMap(coursesOf).some(({ flags }) => flags.includes(flag)),
  );
  return (
    raised.length > 0 &&
    markup`<ul class="flags">${raised.map(([flag, meaning]) => markup`<li><b>${flag}</b>: ${meaning}.</li>`)}</ul>`
  );
}
