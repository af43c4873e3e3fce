import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decode } from 'fast-png';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ReportedStudy, writeReport } from '../../../packages/robustness/src/report/index.js';
import { fixed } from '../../../packages/robustness/src/report/markup/numbers.js';
import { winText } from '../../../packages/robustness/src/report/sections/quality.js';
import type { ScoreRow, StudyRecord } from '../../../packages/robustness/src/study/records.js';
import { checkDocument } from './document.js';
import { methods, sampleRun, sampleStudy, writeSampleArrays } from './sampleStudy.js';

const temporary = () => mkdtemp(path.join(tmpdir(), 'adjoint-report-'));

async function reportOf(record: StudyRecord, out?: string) {
  const folder = await temporary();
  const { files } = await writeReport({ record, run: sampleRun, out }, folder);
  const text = (name: string) => readFile(path.join(folder, name), 'utf8');
  return { folder, files, text, html: await text('report.html') };
}

/** Rows of a CSV file by column name. */
function parseCsv(text: string): Record<string, string>[] {
  const fields = [...text.matchAll(/("(?:[^"]|"")*"|[^,\r\n]*)(,|\r\n)/g)];
  const lines: string[][] = [[]];
  for (const [, field, end] of fields) {
    lines.at(-1)!.push(field!.startsWith('"') ? field!.slice(1, -1).replaceAll('""', '"') : field!);
    if (end === '\r\n') lines.push([]);
  }
  const [names, ...rows] = lines.slice(0, -1);
  return rows.map((row) => Object.fromEntries(row.map((value, i) => [names![i]!, value])));
}

describe('a study with everything', () => {
  const study = sampleStudy();
  let report: Awaited<ReturnType<typeof reportOf>>;
  let store: string;
  beforeAll(async () => {
    store = await temporary();
    await writeSampleArrays(study, store);
    report = await reportOf(study, store);
  });

  test('the page is well-formed, accessible, and refers to nothing outside', () => {
    checkDocument(report.html);
    for (const id of [
      'summary',
      'claims',
      'curves',
      'transfer',
      'pictures',
      'attacks',
      'oracles',
      'quality',
      'seeds',
      'features',
      'training',
      'data',
      'repeat',
    ])
      expect(report.html).toContain(`<section id="${id}"`);
    expect(report.html).not.toContain('id="failures"');
    expect(report.html).not.toMatch(/NaN|undefined|\[object|Infinity/);
  });

  test('the first page tells n, limits and verdicts before anything else', () => {
    const first = report.html.slice(0, report.html.indexOf('<section id="claims"'));
    expect(first).toContain('5 images of 5 subjects');
    for (const text of study.manifest.limits) expect(first).toContain(text);
    for (const { id, verdict } of study.claims)
      expect(first).toMatch(new RegExp(`${verdict}</span><a[^>]*><b>${id}</b>`));
  });

  test('every mean of the records stands in the page and, with all digits, in the table', async () => {
    const lines = parseCsv(await report.text('means.csv'));
    expect(lines).toHaveLength(study.cells.length);
    study.cells.forEach((cell, i) => {
      const { target, source, epsilon, drop_db, drop_low_db, ssim_foreground, images, subjects } = lines[i]!;
      expect([target, source, Number(epsilon)]).toEqual([cell.target, cell.source ?? '', cell.epsilon]);
      expect([Number(drop_db), Number(drop_low_db)]).toEqual([cell.drop.estimate, cell.drop.low]);
      expect([Number(ssim_foreground), Number(images), Number(subjects)]).toEqual([
        cell.ssimForeground.estimate,
        5,
        5,
      ]);
      if (cell.perturbation !== 'none')
        expect(report.html).toContain(`${fixed(cell.drop.estimate, 2)} [${fixed(cell.drop.low, 2)} to`);
    });
  });

  test('scores, attack courses and heat maps go to their tables without loss', async () => {
    const scores = parseCsv(await report.text('scores.csv'));
    expect(scores.map(({ psnr_db, image, unit }) => [Number(psnr_db), image, unit])).toEqual(
      study.rows.map((row) => [row.scores.psnr, row.image, row.unit]),
    );
    const course = parseCsv(await report.text('attack-loss.csv'));
    const histories = study.attacks.flatMap(({ tried, history }) =>
      tried.length > 0 ? tried.map((one) => one.history) : [history],
    );
    expect(course).toHaveLength(histories.flat(2).length);
    expect(Number(course[31]!.objective)).toBe(study.attacks[0]!.history[1]![1]);
    const values = parseCsv(await report.text('heat-map-values.csv'));
    expect(Number(values[13]!.region_error)).toBe(study.heatMaps[0]!.values[1]![1]);
  });

  test('of several attacks on a method each is told, and which was kept', async () => {
    const tried = parseCsv(await report.text('tried-attacks.csv'));
    expect(tried.map(({ method, attack, kept }) => `${method} ${attack} ${kept}`).slice(0, 6)).toEqual([
      ...['l1 joint true', 'l1 unrolled false', 'l1 joint true', 'l1 unrolled false'],
      ...['l1 joint false', 'l1 unrolled true'],
    ]);
    expect([tried[0]!.damage, tried[0]!.drop_db, tried[0]!.flags]).toEqual(['0.2', '2.25', 'still-rising']);
    const course = parseCsv(await report.text('attack-loss.csv'));
    const joint = course.filter(({ attack, epsilon }) => attack === 'joint' && epsilon === '0.08');
    expect(joint.map(({ objective }) => objective).slice(0, 3)).toEqual(['-1', '-20', '-400']);
    const section = report.html.split('<section id="attacks"')[1]!.split('</section>')[0]!;
    for (const title of ['l1: joint', 'l1: unrolled', 'unet: apgd']) expect(section).toContain(`>${title}<`);
    const rows = [...section.matchAll(/<tr>.*?<\/tr>/gs)].map(([row]) => row.replace(/<[^>]+>/g, ' '));
    const row = (words: RegExp) =>
      rows.filter((one) => words.test(one)).map((one) => one.trim().split(/\s+/));
    // method, attack, ε, images, kept; then of the table of several: method, ε, attack, images, kept, change, drop
    expect(row(/l1 +joint +0\.08/)[0]!.slice(3, 5)).toEqual(['5', '1']);
    expect(row(/l1 +unrolled +0\.08/)[0]!.slice(3, 5)).toEqual(['5', '4']);
    expect(row(/l1 +0\.08 +joint/)[0]!.slice(3)).toEqual(['5', '1', '8.0', '2.25']);
    expect(row(/l1 +0\.08 +unrolled/)[0]!.slice(3)).toEqual(['5', '4', '12.0', '4.75']);
  });

  test('attacked data under fresh seeds stand beside the noise floor', async () => {
    const seeds = parseCsv(await report.text('seeds.csv')).filter(({ method }) => method === 'l1');
    expect(seeds.slice(0, 9).map(({ epsilon, run }) => `${epsilon} ${run}`)).toEqual(
      ['0', '0.02', '0.08'].flatMap((epsilon) => ['0', '1', '2'].map((run) => `${epsilon} ${run}`)),
    );
    const [{ attacked }] = study.seeds.filter(({ method }) => method === 'l1') as [StudyRecord['seeds'][0]];
    expect(seeds.slice(3, 9).map(({ drop_db }) => Number(drop_db))).toEqual(
      attacked.flatMap(({ drops }) => drops),
    );
    expect(Number(seeds[6]!.mean_drop_db)).toBe(attacked[1]!.mean);
    const section = report.html.split('<section id="seeds"')[1]!.split('</section>')[0]!;
    const [row] = [...section.matchAll(/<tr>.*?<\/tr>/gs)]
      .map(([one]) =>
        one
          .replace(/<[^>]+>/g, ' ')
          .trim()
          .split(/\s+/),
      )
      .filter(([method, epsilon]) => method === 'l1' && epsilon === '0.08');
    const { drops, mean } = attacked[1]!;
    expect(row!.slice(2)).toEqual(['5', '2', fixed(drops[0]!, 2), fixed(mean, 2), '0.071', '0.042']);
  });

  test('results.json holds the same tables with the meaning of their columns', async () => {
    const { tables, command, seed } = JSON.parse(await report.text('results.json'));
    expect([command, seed]).toEqual([study.manifest.command, 7]);
    const { columns, rows } = tables.means;
    const at = (name: string) => columns.findIndex((column: { name: string }) => column.name === name);
    expect(rows.map((row: number[]) => row[at('drop_db')])).toEqual(
      study.cells.map(({ drop }) => drop.estimate),
    );
    expect(columns[at('drop_db')].about).toMatch(/dB/);
    expect(Object.keys(tables).sort()).toEqual(
      report.files
        .filter((name) => name.endsWith('.csv'))
        .map((name) => name.slice(0, -4))
        .sort(),
    );
  });

  test('figures are files of their own: SVG that is well-formed, PNG strips of five panels', async () => {
    const names = await readdir(path.join(report.folder, 'figures'));
    for (const name of names.filter((one) => one.endsWith('.svg')))
      checkDocument(await report.text(`figures/${name}`));
    for (const method of methods) {
      const { width, height } = decode(
        await readFile(path.join(report.folder, `figures/strip-brain-10-${method}.png`)),
      );
      expect([width, height]).toEqual([5 * 48 + 4 * 4, 48]);
    }
  });

  test('all but the page is the same for the same record', async () => {
    const again = await reportOf(study, store);
    for (const name of report.files.filter((file) => /\.(csv|json)$/.test(file)))
      expect((await again.text(name)) === (await report.text(name)), name).toBe(true);
    const left = (await readdir(report.folder)).filter((name) => name.endsWith('.tmp'));
    expect(left).toEqual([]);
  });

  test('who breaks: what the own attack and noise take in the foreground, image by image', () => {
    const taken = (perturbation: string, source: string | null) => {
      const of = study.rows.filter((row) => row.target === 'l1' && row.perturbation === perturbation);
      const chosen = of.filter(
        (row) => row.source === source && row.epsilon === (source === null ? 0 : 0.08),
      );
      return chosen.reduce((sum, { scores }) => sum + scores.psnr_foreground, 0) / chosen.length;
    };
    const first = report.html.slice(0, report.html.indexOf('<section id="claims"'));
    const row = first.match(/<th scope="row" class="text">l1<\/th>.*?<\/tr>/)![0];
    expect(row).toContain(`>${fixed(taken('none', null) - taken('attack', 'l1'), 2)}<`);
    expect(row).toContain(` / ${fixed(taken('none', null) - taken('noise', 'l1'), 2)}<`);
    expect(first).not.toContain('only in the background');
  });

  test('a win only in the background is called not won', () => {
    expect(report.html).toMatch(/unet over cg-sense<\/th>.*not won: only in the background/);
    expect(report.html).toMatch(/l1 over unet<\/th>(?:(?!<\/tr>).)*>won</);
  });
});

test.each([
  [[0.1, 0.3], [0.1, 0.2], 5, 'won'],
  [[0.1, 0.3], [-0.1, 0.2], 5, 'inconclusive: an interval holds 0'],
  [[0.1, 0.3], [-0.2, 0.1], 5, 'not won: only in the background'],
  [[-0.1, 0.3], [-0.2, -0.1], 5, 'not won: worse in the foreground'],
  [[-0.1, 0.3], [-0.2, -0.1], 4, 'inconclusive: fewer than 5 subjects'],
])(
  'a difference of %j on the whole image and %j in the foreground over %i subjects: %s',
  (a, b, subjects, text) => {
    const interval = ([low, high]: number[]) => ({ estimate: (low! + high!) / 2, low: low!, high: high! });
    expect(winText(interval(a), interval(b), subjects)).toBe(text);
  },
);

test('an attack that only disturbs the background is called so on the first page', async () => {
  const study = sampleStudy();
  const quiet = (row: ScoreRow): ScoreRow =>
    row.target === 'l1' ? { ...row, scores: { ...row.scores, psnr_foreground: 30 } } : row;
  const { html } = await reportOf({ ...study, rows: study.rows.map(quiet) });
  expect(html).toContain('<b>l1</b>: the attack beats noise only in the background');
  expect(html).not.toContain('<b>unet</b>: the attack beats noise only in the background');
});

test('hostile names stay text, in the page, in figures and in file names', async () => {
  const text = JSON.stringify(sampleStudy(1))
    .replaceAll('brain:10', '../<img src=x onerror=alert(1)>')
    .replaceAll('cg-sense', `\\"><script>alert('x')</script>`)
    .replaceAll('brain subject', 'a,b\\r\\n\\"c\\"');
  const study = JSON.parse(text) as StudyRecord;
  const store = await temporary();
  await writeSampleArrays(study, store);
  const { html, files, folder, text: read } = await reportOf(study, store);
  checkDocument(html);
  expect(html).not.toMatch(/<script|<img/);
  for (const name of files)
    expect(path.relative(folder, path.join(folder, name))).not.toMatch(/^\.\.|[<>"' ]/);
  for (const name of files.filter((file) => file.endsWith('.svg'))) checkDocument(await read(name));
  expect(parseCsv(await read('images.csv'))[0]!.subject).toBe('a,b\r\n"c"');
});

test('a study in which nothing ran still says so', async () => {
  const full = sampleStudy();
  const none = {
    rows: [],
    cells: [],
    attacks: [],
    oracles: [],
    seeds: [],
    tuning: [],
    training: [],
    heatMaps: [],
    locations: [],
    claims: [],
    images: [],
  };
  const { html, files } = await reportOf({ ...full, ...none });
  checkDocument(html);
  expect(html).toContain('no test images');
  expect(html).not.toMatch(/NaN|undefined|Infinity/);
  expect(files.filter((name) => name.endsWith('.csv'))).toEqual([]);
});

test('one image: no interval is drawn or claimed', async () => {
  const { html } = await reportOf(sampleStudy(1));
  checkDocument(html);
  expect(html).toContain('1 image of 1 subject');
  expect(html).toContain('[unbounded]');
  expect(html).toContain('inconclusive: fewer than 5 subjects');
  expect(html).not.toMatch(/NaN|Infinity/);
});

test('scores that are no numbers are dashes in the page and empty in the tables', async () => {
  const study = JSON.parse(
    JSON.stringify(sampleStudy(), (name, value) =>
      ['psnr', 'ssim', 'drop', 'estimate', 'minimum', 'coefficientOfVariation', 'objective'].includes(name) &&
      typeof value === 'number'
        ? null
        : value,
    ),
  ) as StudyRecord;
  const { html, text } = await reportOf(study);
  checkDocument(html);
  expect(html).not.toMatch(/NaN|Infinity|null/);
  expect(parseCsv(await text('means.csv'))[0]!.drop_db).toBe('');
});

test('failed units are announced on the first page and listed with their reasons', async () => {
  const failures = [
    {
      unit: 'b'.repeat(64),
      label: 'attack l1 brain:10 epsilon 0.08',
      error: 'took longer than 600 s <and was stopped>',
    },
  ];
  const { html, text } = await reportOf({ ...sampleStudy(), failures });
  checkDocument(html);
  const first = html.slice(0, html.indexOf('<section id="claims"'));
  expect(first).toContain('1 unit did not finish');
  expect(html.slice(html.indexOf('<section id="failures"'))).toContain(
    'took longer than 600 s &lt;and was stopped&gt;',
  );
  expect(parseCsv(await text('failures.csv'))[0]!.error).toBe(failures[0]!.error);
});

test('what an earlier report left and this one lacks goes away, and nothing else', async () => {
  const out = await temporary();
  const failures = [{ unit: 'c'.repeat(64), label: 'oracle', error: 'none' }];
  await writeReport({ record: { ...sampleStudy(), failures } }, out);
  await writeFile(path.join(out, 'mine.csv'), 'a');
  await writeFile(path.join(out, 'figures', 'mine.svg'), 'b');
  expect(await readdir(out)).toContain('failures.csv');
  await writeReport({ record: { ...sampleStudy(), oracles: [] } }, out);
  const left = [...(await readdir(out)), ...(await readdir(path.join(out, 'figures')))];
  for (const name of ['failures.csv', 'oracles.csv', 'oracle-gap.svg']) expect(left).not.toContain(name);
  for (const name of ['mine.csv', 'mine.svg', 'means.csv', 'transfer.svg']) expect(left).toContain(name);
});

test('what is no study is refused', async () => {
  await expect(writeReport({} as ReportedStudy, await temporary())).rejects.toThrow(
    /study must be with a record/,
  );
  await expect(writeReport({ record: sampleStudy(1) }, '')).rejects.toThrow(/out must be a folder/);
});

test('pictures of data whose licence forbids them are left out, and the page says so', async () => {
  const study = sampleStudy();
  const store = await temporary();
  await writeSampleArrays(study, store);
  const data = study.manifest.data.map((one) => ({ ...one, picturesAllowed: one.name !== 'brain' }));
  const { html, files } = await reportOf({ ...study, manifest: { ...study.manifest, data } }, store);
  expect(html).toContain('does not allow pictures of brain:10');
  expect(files.some((name) => name.includes('strip-brain'))).toBe(false);
  expect(files.some((name) => name.includes('strip-flair'))).toBe(true);
});

test('a folder that cannot be written is the caller’s to hear of', async () => {
  const file = path.join(await temporary(), 'report.html');
  await writeReport({ record: sampleStudy(1) }, path.dirname(file));
  await expect(writeReport({ record: sampleStudy(1) }, file)).rejects.toThrow(
    /writeReport: out must be a folder that can be written; got (ENOTDIR|EEXIST)/,
  );
});
