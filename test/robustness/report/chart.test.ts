import { expect, test } from 'vitest';
import { dotChart } from '../../../packages/robustness/src/report/chart/dotChart.js';
import { lineChart } from '../../../packages/robustness/src/report/chart/lineChart.js';
import { matrixChart } from '../../../packages/robustness/src/report/chart/matrixChart.js';
import { niceStep, scaleOf } from '../../../packages/robustness/src/report/chart/scale.js';
import { escapeText, markup } from '../../../packages/robustness/src/report/markup/markup.js';
import {
  duration,
  fixed,
  range,
  significant,
} from '../../../packages/robustness/src/report/markup/numbers.js';

const labels = (values: readonly number[], kind: 'linear' | 'log' = 'linear') =>
  scaleOf(values, { kind, from: 0, to: 100 }).ticks.map(({ label }) => label);

test('ticks are round numbers around the data, with as many digits as they need', () => {
  expect(labels([0.3, 9.6])).toEqual(['0', '2', '4', '6', '8', '10']);
  expect(labels([21.2, 30.1])).toEqual(['20', '22', '24', '26', '28', '30', '32']);
  expect(labels([0.61, 0.93])).toEqual(['0.6', '0.7', '0.8', '0.9', '1.0']);
  expect(labels([0, 1.1])).toEqual(['0.00', '0.25', '0.50', '0.75', '1.00', '1.25']);
  expect(labels([-3, 4])).toEqual(['−4', '−2', '0', '2', '4']);
});

test('an axis holds all its values, also one alone, none, and what is no number', () => {
  for (const values of [[3], [0], [], [1, Number.NaN, 2], [-1e-9, 1e-9], [1e6, 3e8]]) {
    const scale = scaleOf(values, { from: 0, to: 100 });
    for (const value of values.filter(Number.isFinite)) {
      expect(scale.at(value)).toBeGreaterThanOrEqual(-1e-9);
      expect(scale.at(value)).toBeLessThanOrEqual(100 + 1e-9);
    }
    expect(scale.ticks.length).toBeGreaterThan(1);
    expect(scale.ticks.every(({ value, label }) => Number.isFinite(value) && !/NaN|Inf/.test(label))).toBe(
      true,
    );
  }
});

test('a logarithmic axis has decades, or 1, 2, 5 where there are few', () => {
  expect(labels([0.02, 0.9], 'log')).toEqual(['0.02', '0.05', '0.1', '0.2', '0.5', '1']);
  expect(labels([1e-6, 10], 'log')).toContain('10⁻⁶');
  const scale = scaleOf([0.1, 10, 0, -1], { kind: 'log', from: 0, to: 100 });
  expect([scale.at(0.1), scale.at(1), scale.at(10)].map(Math.round)).toEqual([0, 50, 100]);
  expect([scale.has(0), scale.has(-1), scale.has(1)]).toEqual([false, false, true]);
  expect([0.7, 1, 1.2, 2.2, 3, 7].map(niceStep)).toEqual([1, 1, 2, 2.5, 5, 10]);
});

test('numbers: a true minus sign, no minus zero, a dash for what is none', () => {
  expect([fixed(-1.25, 1), fixed(-0.001, 2), fixed(null, 2), fixed(Number.NaN, 2)]).toEqual([
    '−1.3',
    '0.00',
    '–',
    '–',
  ]);
  expect([significant(12345.6), significant(-2e-5), significant(0.25), significant(0)]).toEqual([
    '12300',
    '−2.00e−5',
    '0.25',
    '0',
  ]);
  expect([range(1, 2, 1), range(null, null, 1)]).toEqual(['1.0 to 2.0', 'unbounded']);
  expect([duration(4.25), duration(59.6), duration(125), duration(7260)]).toEqual([
    '4.3 s',
    '60 s',
    '2 min 5 s',
    '2 h 1 min',
  ]);
});

test('whatever a name is, it stays text', () => {
  const name = `<script>alert("x")</script>'&\u0000\ud800`;
  const { text } = markup`<i title="${name}">${name}</i>`;
  expect(text).toBe(`<i title="${escapeText(name)}">${escapeText(name)}</i>`);
  for (const bad of ['<script', '"x"', '\u0000', '\ud800']) expect(text).not.toContain(bad);
  expect(markup`${[markup`<b>${1}</b>`, undefined, false, null]}${'<'}`.text).toBe('<b>1</b>&lt;');
});

test('points and intervals that are no numbers are left out, not drawn', () => {
  const style = { colour: 0 };
  const points = [
    { x: 0, y: 1, low: 0.5, high: 1.5 },
    { x: 1, y: Number.NaN },
    { x: 2, y: 3, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY },
  ];
  const { body } = lineChart({
    panels: [{ title: 'p', series: [{ name: 's', style, points }] }],
    x: { label: 'x' },
    y: { label: 'y' },
    alternative: 'a',
  });
  expect(body.text).not.toMatch(/NaN|Infinity/);
  expect(body.text.match(/<circle/g)).toHaveLength(3); // two points and the legend's
  const { body: dots } = dotChart({
    rows: ['a', 'b'],
    panels: [
      { title: 't', xLabel: 'x', series: [{ name: 's', style, points: [{ x: Number.NaN }, undefined] }] },
    ],
    alternative: 'a',
  });
  expect(dots.text).not.toContain('NaN');
});

test('a matrix shows each number once, in letters that its colour lets one read', () => {
  const { body } = matrixChart({
    ...{
      rows: ['r'],
      columns: ['c', 'd', 'e'],
      rowsLabel: '',
      columnsLabel: '',
      unit: 'dB',
      digits: 2,
      alternative: 'a',
    },
    panels: [{ title: 'p', cells: [[{ value: 0 }, { value: 9.87654 }, { value: Number.NaN }]] }],
  });
  expect(body.text).toMatch(/fill:#ffffff[^>]*>0\.00</);
  expect(body.text).toMatch(/fill:#111111[^>]*>9\.88</);
  expect(body.text).toMatch(/font-weight:600">–</);
});
