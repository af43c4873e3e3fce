import type { JsonValue, RunRecord, StudyManifest } from '../../study/records.js';
import type { SectionOf } from '../context.js';
import { htmlTable } from '../markup/htmlTable.js';
import { type Content, markup } from '../markup/markup.js';
import { duration, plural } from '../markup/numbers.js';

/** Everything that is needed to get the same numbers again. */
export const constants: SectionOf = ({ study: { manifest }, run }) => ({
  id: 'repeat',
  short: 'To repeat it',
  title: 'To repeat it: command, methods, constants, versions',
  body: [
    markup`<pre class="command"><code>${manifest.command}</code></pre>`,
    methodsTable(manifest),
    htmlTable({
      caption: 'Constants of the protocol, by topic.',
      columns: [{ name: 'Topic' }, { name: 'Constants' }],
      rows: Object.entries(manifest.constants).map(([topic, values]) => [topic, settingsList(values)]),
    }),
    htmlTable({
      caption: 'Versions, device and run.',
      columns: [{ name: 'What' }, { name: 'Value' }],
      rows: [
        ...Object.entries(manifest.versions),
        ['device', `${manifest.device.kind}, ${plural(manifest.device.threads, 'thread')} a unit`],
        ['deterministic', manifest.device.deterministic ? 'yes: equal bits on every machine' : 'no'],
        ['seed', manifest.seed],
        ...(run ? runRows(run) : []),
      ],
    }),
  ],
});

const methodsTable = ({ methods }: StudyManifest): Content =>
  htmlTable({
    caption: 'Methods, how each is attacked, and every setting.',
    columns: [{ name: 'Method' }, { name: 'What it is' }, { name: 'Attacked by' }, { name: 'Settings' }],
    rows: methods.map(({ name, about, attack, settings, weights }) => [
      name,
      about,
      attack ?? 'nothing of its own: it has no gradients',
      markup`${settingsList(settings)}${weights !== undefined && markup`<div class="quiet">weights, SHA-256: <code class="hash">${weights}</code></div>`}`,
    ]),
  });

function runRows({ units, ...run }: RunRecord): readonly (readonly Content[])[] {
  return [
    ['node of this run', run.node],
    ['machine', `${run.platform}, ${run.processor}`],
    ['started, finished', `${run.started}, ${run.finished}`],
    ['time', `${duration(run.seconds)} on ${plural(run.jobs, 'core')}`],
    ['units', `${units.done} computed, ${units.reused} taken from earlier runs, ${units.failed} failed`],
    ['computing', timesText(run.secondsByKind)],
  ];
}

const timesText = (seconds: Readonly<Record<string, number>>): string =>
  Object.entries(seconds)
    .map(([kind, value]) => `${kind} ${duration(value)}`)
    .join(', ');

const settingsList = (settings: Readonly<Record<string, JsonValue>>): Content =>
  markup`<dl class="settings">${Object.entries(settings).map(
    ([name, value]) => markup`<div><dt>${name}</dt><dd>${valueText(value)}</dd></div>`,
  )}</dl>`;

function valueText(value: JsonValue): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  if (value !== null && typeof value === 'object')
    return Object.entries(value)
      .map(([name, inner]) => `${name} ${valueText(inner)}`)
      .join('; ');
  return String(value);
}
