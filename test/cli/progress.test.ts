import { expect, test } from 'vitest';
import { formatTime, ProgressBar } from '../../apps/cli/src/progress.js';

const recording = (isTTY: boolean, columns = 80) => {
  const writes: string[] = [];
  let time = 0;
  const bar = new ProgressBar({ write: (text) => writes.push(text), isTTY, columns }, () => time);
  return { bar, writes, wait: (ms: number) => void (time += ms) };
};

test('on a terminal: redrawn in place with the time that is left, and taken off at the end', () => {
  const { bar, writes, wait } = recording(true);
  bar.begin('l1: slice', 4);
  wait(1000);
  bar.next();
  expect(writes.at(-1)).toBe('\rl1: slice 2/4 [######..................] 25 %, 0:03 left');
  wait(500);
  bar.step({ step: 1, steps: 2, objective: 0.123456 });
  expect(writes.at(-1)).toContain('37 %, 0:03 left, objective 0.1235');
  bar.end();
  expect(writes.at(-1)).toMatch(/^\r +\r$/);
});

test('on a terminal: at most ten times a second, never wider than it, leftovers overwritten', () => {
  const { bar, writes, wait } = recording(true, 40);
  bar.begin('a rather long label for so small a terminal');
  const drawn = writes.length;
  for (let step = 0; step < 50; step++) bar.step({ step, steps: 50 });
  expect(writes.length).toBe(drawn);
  wait(100);
  bar.step({ step: 25, steps: 50 });
  expect(writes.length).toBe(drawn + 1);
  for (const text of writes) expect(text.length).toBeLessThanOrEqual(40);
});

test('elsewhere: a line every 5 s, none for a short command, no control characters', () => {
  const { bar, writes, wait } = recording(false);
  bar.begin('cg-sense', 1);
  for (let step = 0; step < 49; step++) {
    wait(100);
    bar.step({ step, steps: 100 });
  }
  expect(writes).toEqual([]);
  wait(100);
  bar.step({ step: 50, steps: 100 });
  expect(writes).toEqual(['cg-sense [############............] 50 %, 0:05 left\n']);
  bar.end();
  expect(writes.length).toBe(1);
});

test('work that knows better how long it takes says so, and what it is at', () => {
  const { bar, writes, wait } = recording(false);
  bar.begin('study');
  wait(5000);
  bar.step({ step: 1, steps: 4, secondsLeft: 90, note: '3/12 units' });
  expect(writes).toEqual(['study [######..................] 25 %, 1:30 left, 3/12 units\n']);
});

test('without a stream nothing happens', () => {
  const bar = new ProgressBar(undefined);
  bar.begin('quiet');
  bar.step({ step: 1, steps: 1 });
  bar.end();
});

test('times', () => {
  expect([0, 59_400, 75_000, 3_675_000].map(formatTime)).toEqual(['0:00', '0:59', '1:15', '1:01:15']);
});
