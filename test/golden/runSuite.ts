import { type Device, read, scope, Tensor, withDevice } from '@adjoint/tensor';
import { errorOf } from './compare.js';
import { GoldenError, type Group, type Stored, withGoldenFile } from './h5.js';
import type { AsyncRun, Result, Run, Suite } from './suite.js';
import { messageOf, type Tally } from './tally.js';

interface Case {
  readonly group: Group;
  readonly run: Run | AsyncRun;
}

/** Largest error/limit so far, and where. */
interface Worst {
  ratio: number;
  where: string;
}

/** Runs every case of a file on every device, prints one line for each device, and what failed. */
export async function runSuite(
  suite: Suite,
  path: string,
  devices: readonly Device[],
  tally: Tally,
): Promise<void> {
  try {
    await withGoldenFile(path, async (root) => {
      const groups = [...descendants(root)];
      const { cases, others } = planCases(suite, groups, tally);
      if (cases.length === 0) tally.fail(suite.file, 'the file has no case that can be run');
      const chosen = devices.filter(({ name }) => suite.devices?.includes(name) ?? true);
      for (const device of chosen) await runOn(device, suite, cases, tally);
      if (chosen.length === 0) tally.print(`${suite.file.padEnd(14)} runs on ${suite.devices} only`);
      // attributes of parents are there for the cases below: read by one of them, or by nobody
      if (chosen.length > 0) for (const group of others) reportUnread(suite, group, tally);
    });
  } catch (error) {
    tally.fail(suite.file, error);
  }
}

/** The group and all groups below it. */
function* descendants(group: Group): Generator<Group> {
  yield group;
  for (const child of group.groups()) yield* descendants(child);
}

/** A case is a group with datasets of its own, or one without anything below it. */
function planCases(suite: Suite, groups: readonly Group[], tally: Tally): { cases: Case[]; others: Group[] } {
  const cases: Case[] = [];
  const others: Group[] = [];
  for (const group of groups) {
    if (group.datasetNames().length === 0 && group.hasGroups) {
      others.push(group);
      continue;
    }
    try {
      const plan = suite.plan(group);
      if (typeof plan === 'function' || (typeof plan === 'object' && 'start' in plan))
        cases.push({ group, run: plan });
      else if (plan === 'shared') others.push(group);
      else tally.skip(`${suite.file} ${group.path}`, plan.skip);
    } catch (error) {
      tally.fail(`${suite.file} ${group.path || '/'}`, error);
    }
  }
  return { cases, others };
}

async function runOn(device: Device, suite: Suite, cases: readonly Case[], tally: Tally): Promise<void> {
  const worst: Worst = { ratio: 0, where: 'no case' };
  const started = performance.now();
  let failed = 0;
  for (const { group, run } of cases) {
    try {
      await runCase(device, suite, group, run, worst);
      tally.passed++;
    } catch (error) {
      failed++;
      tally.fail(`${suite.file} ${device.name} ${group.path}`, error);
    }
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  tally.print(
    `${suite.file.padEnd(14)} ${device.name.padEnd(10)} ${String(cases.length).padStart(4)} cases, ${failed} failed, ` +
      `${seconds} s, worst error/limit ${worst.ratio.toPrecision(2)} at ${worst.where}`,
  );
}

/** Throws a GoldenError that lists every result of the case beyond its limit. */
async function runCase(
  device: Device,
  suite: Suite,
  group: Group,
  run: Run | AsyncRun,
  worst: Worst,
): Promise<void> {
  const [results] = await Promise.all(
    withDevice(device, () => [typeof run === 'function' ? scope(run) : run.start()]),
  );
  const faults: string[] = [];
  if (results!.length === 0) faults.push('nothing was compared');
  for (const result of results!) {
    const ratio = await compare(result, faults);
    if (!(ratio <= worst.ratio)) Object.assign(worst, { ratio, where: `${group.path} ${result.name}` });
  }
  const unread = group.unread(suite.ignored);
  if (unread.length > 0) faults.push(`not understood: ${unread.join(', ')}`);
  if (faults.length > 0) throw new GoldenError(faults.join('; '));
}

async function compare(
  { name, got, expected, limit, measure = 'max' }: Result,
  faults: string[],
): Promise<number> {
  try {
    const error = errorOf(await toStored(got), expected, measure);
    if (!(error <= limit))
      faults.push(`${name}: error ${error.toExponential(2)} > limit ${limit.toExponential(0)}`);
    return error / limit;
  } catch (error) {
    faults.push(`${name}: ${messageOf(error)}`);
    return Infinity;
  }
}

async function toStored(value: Tensor | Stored): Promise<Stored> {
  if (!(value instanceof Tensor)) return value;
  const { shape, dtype } = value;
  const data = await read(value);
  value.dispose();
  return { shape, dtype, data };
}

function reportUnread(suite: Suite, group: Group, tally: Tally): void {
  const unread = group.unread(suite.ignored);
  if (unread.length > 0)
    tally.fail(`${suite.file} ${group.path || '/'}`, `not understood: ${unread.join(', ')}`);
}
