import { expect, test } from 'vitest';

test('`using` is down-levelled, so that test files and sources may use it on Node 20', () => {
  const order: string[] = [];
  {
    using held = { [Symbol.dispose]: () => void order.push('disposed') };
    order.push(typeof held);
  }
  expect(order).toEqual(['object', 'disposed']);
});
