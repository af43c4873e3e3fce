import { expect, it } from 'vitest';
import { UnitQueue } from '../../../packages/robustness/src/study/core/queue.js';
import { unitOf } from './units.js';

const never = () => false;
const image = unitOf('image');
const attack = unitOf('attack', { image });
const transfer = unitOf('transfer', { image, attack });
const alone = unitOf('alone', {}, 1.5);

it('gives units after what they need, the longest chain first', () => {
  const queue = new UnitQueue([transfer, alone, attack, image], never);
  expect(queue.next()?.label).toBe('image');
  expect(queue.next()?.label).toBe('alone');
  expect(queue.next()).toBeUndefined();
  queue.finished(alone);
  expect(queue.next()).toBeUndefined();
  queue.finished(image);
  expect(queue.next()?.label).toBe('attack');
  queue.finished(attack);
  expect(queue.next()?.label).toBe('transfer');
});

it('leaves out what is finished, and takes a unit that is listed twice once', () => {
  const queue = new UnitQueue([image, attack, attack, transfer], (hash) => hash === image.hash);
  expect(queue.next()?.label).toBe('attack');
  expect(queue.next()).toBeUndefined();
});

it('gives up what needs a failed unit, and nothing else', () => {
  const queue = new UnitQueue([image, attack, transfer, alone], never);
  queue.next();
  const failed = queue.failed(image, 'no such file');
  expect(failed.map(({ unit, error }) => `${unit.label}: ${error}`)).toEqual([
    'image: no such file',
    'attack: needs "image", which failed',
    'transfer: needs "attack", which failed',
  ]);
  expect(queue.next()?.label).toBe('alone');
  expect(queue.next()).toBeUndefined();
  expect(queue.failures.size).toBe(3);
});

it('names units by everything their result depends on, and not by where files lie', () => {
  expect(unitOf('image').hash).toBe(image.hash);
  expect(unitOf('image', {}, 7).hash).toBe(image.hash);
  expect(unitOf('image', { image }).hash).not.toBe(image.hash);
  expect(unitOf('attack', { image: alone }).hash).not.toBe(attack.hash);
});
